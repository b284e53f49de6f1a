"""The scheduler's plan goes by the wall clock, which anybody may set; nothing is claimed before a sign of life."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from autolynx.database import Database
from autolynx.dialing.scheduler import Scheduler
from autolynx.errors import Unavailable
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.waiting.clock import SystemClock


class SetClock(SystemClock):
    """A wall clock that somebody sets, over steady seconds."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
        self.seconds = 100.0

    def now(self) -> datetime:
        return self.wall

    def elapsed(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def scheduler(database: Database, clock: SetClock) -> Iterator[Scheduler]:
    settings = Settings(_env_file=None)
    client = VapiClient.from_settings(settings)
    yield Scheduler(database, client, settings, clock=clock)
    client.close()


def processes(database: Database) -> int:
    return len(database.call("get_health")["processes"])


@pytest.mark.parametrize("hours", [-1, 1])
def test_it_goes_on_at_once_when_the_wall_clock_was_set(
    scheduler: Scheduler, database: Database, clock: SetClock, hours: int
) -> None:
    clock.wall += timedelta(hours=hours)

    scheduler._run_plan()

    assert processes(database) == 1


def test_it_keeps_to_its_plan_when_the_machine_slept(scheduler: Scheduler, database: Database, clock: SetClock) -> None:
    clock.wall += timedelta(hours=1)
    clock.seconds += 3600

    scheduler._run_plan()

    assert processes(database) == 0


class Eavesdropper:
    """A database that notes what it is asked for; signs of life get lost while `is_deaf`."""

    kind = "postgres"

    def __init__(self, database: Database, *, can_listen: bool = True) -> None:
        self._database = database
        self.can_listen = can_listen
        self.is_deaf = False
        self.asked: list[str] = []
        self.waits: list[float] = []

    def call(self, function: str, /, **arguments: object) -> object:
        self.asked.append(function)
        if self.is_deaf and function == "beat":
            raise Unavailable("The connection to the database was lost; please try again.")
        return self._database.call(function, **arguments)

    def wait_for_work(self, timeout_seconds: float) -> bool:
        self.waits.append(timeout_seconds)
        return False


def test_it_claims_nothing_before_it_has_told_its_limits(database: Database, clock: SetClock) -> None:
    settings = Settings(_env_file=None)
    heard = Eavesdropper(database)
    heard.is_deaf = True
    with closing(VapiClient.from_settings(settings)) as client:
        scheduler = Scheduler(heard, client, settings, clock=clock)

        with pytest.raises(Unavailable):
            scheduler._tick()
        assert heard.asked == ["beat"]

        heard.is_deaf = False
        scheduler._tick()
        assert heard.asked[1:3] == ["beat", "claim_calls"]


@pytest.mark.parametrize(("seconds", "first"), [(14.9, "claim_calls"), (15, "beat")])
def test_it_tells_its_limits_again_before_it_claims_when_it_was_not_heard_for_long(
    database: Database, clock: SetClock, seconds: float, first: str
) -> None:
    settings = Settings(_env_file=None)
    heard = Eavesdropper(database)
    with closing(VapiClient.from_settings(settings)) as client:
        scheduler = Scheduler(heard, client, settings, clock=clock)
        scheduler._tick()
        heard.asked.clear()
        clock.seconds += seconds

        scheduler._tick()

        assert heard.asked[0] == first


@pytest.mark.parametrize(("can_listen", "waits"), [(True, [1, 1]), (False, [1, 0.3])])
def test_it_looks_more_often_while_campaigns_dial_when_nothing_can_wake_it(
    database: Database, clock: SetClock, can_listen: bool, waits: list[float]
) -> None:
    settings = Settings(_env_file=None)
    heard = Eavesdropper(database, can_listen=can_listen)
    with closing(VapiClient.from_settings(settings)) as client:
        scheduler = Scheduler(heard, client, settings, clock=clock)
        for is_live in (False, True):
            scheduler._is_live = is_live
            scheduler._wait_for_work()

    assert heard.waits == waits
