"""The scheduler's plan goes by the wall clock, which anybody may set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from autolynx.clock import SystemClock
from autolynx.database import Database
from autolynx.dialing.scheduler import Scheduler
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient


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


def test_it_keeps_to_its_plan_when_the_machine_slept(
    scheduler: Scheduler, database: Database, clock: SetClock
) -> None:
    clock.wall += timedelta(hours=1)
    clock.seconds += 3600

    scheduler._run_plan()

    assert processes(database) == 0
