"""What was forgotten, read from canned lists on a real database: what is taken over, and what is waited for."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from autolynx.database import Database
from autolynx.dialing import mending
from autolynx.dialing.lanes import Lane
from autolynx.dialing.tick import tick
from tests.support.canned import CannedProvider, StillClock, answer
from tests.support.desk import NOON, Desk, later
from tests.support.mending import Ledger, board_of, ledger_board


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOON)


def test_it_reads_one_list_of_what_was_forgotten_at_a_time(desk: Desk, connection, clock: StillClock) -> None:
    desk.database.call("begin_recovery", actor="Eva")
    lanes = Ledger()
    board = ledger_board(desk, lanes, clock)

    for _ in range(3):
        connection.execute("update public.settings set recovery_after = null")
        tick(board)

    assert lanes.started == {Lane.LOOK: 1}


def test_it_reads_the_next_list_when_the_last_is_read(desk: Desk, connection, clock: StillClock) -> None:
    desk.database.call("begin_recovery", actor="Eva")
    provider = CannedProvider(answer(500, {}), now=NOON)
    board = board_of(desk, provider, clock)

    for _ in range(3):
        connection.execute("update public.settings set recovery_after = null")
        tick(board, wait_for_answers=True)
    board.close()

    assert len(provider.requests) == 3


def recovered(desk: Desk, clock: StillClock, *listed: dict[str, Any]) -> bool:
    """Ask once for what was forgotten, when the provider's list shows this; whether to ask again in a minute."""
    desk.database.call("begin_recovery", actor="Eva", since=NOON, now=NOON)
    provider = CannedProvider(
        lambda request: answer(200, list(listed) if request.url.path == "/call" else listed[0]), now=NOON
    )
    mending.recover(board_of(desk, provider, clock), 60, later(30), later(600))
    return bool(desk.database.call("take_recovery", now=later(61))["is_due"])


def is_counted(connection) -> bool:
    """Whether the list counts as one of which everything was taken over."""
    return connection.execute("select recovery_began_at is not null from public.settings").fetchone()[0]


@pytest.mark.parametrize(
    ("status", "made_at", "is_waited_for"),
    [
        pytest.param("in-progress", 0, True, id="under way"),
        pytest.param("in-progress", None, True, id="made who knows when"),
        pytest.param("ended", 0, False, id="over"),
        pytest.param("not-found", 0, False, id="lost by the provider"),
        pytest.param("in-progress", -14 * 3600, False, id="hangs for hours"),
        pytest.param("in-progress", 600 + 3601, False, id="made by another installation since"),
    ],
)
def test_it_dials_nobody_while_a_call_of_a_campaign_that_was_forgotten_is_under_way(
    desk: Desk, connection, clock, status: str, made_at: int | None, is_waited_for: bool
) -> None:
    ours = str(uuid.uuid4())
    metadata = {"autolynx_call_id": ours, "autolynx_campaign_id": str(uuid.uuid4()), "attempt": 1}
    stamp = None if made_at is None else later(made_at).isoformat()
    call = {
        "id": "p1", "status": status, "name": ours, "createdAt": stamp,
        "customer": {"number": "+14155550001", "externalId": ours}, "assistantOverrides": {"metadata": metadata},
    }  # fmt: skip

    assert recovered(desk, clock, call)

    assert is_counted(connection) != is_waited_for
    codes = [alarm["code"] for alarm in desk.database.call("list_alarms")["alarms"]]
    assert ("foreign_call" in codes) == is_waited_for


def test_it_tells_a_recovery_how_far_ahead_the_providers_clock_was(desk: Desk, connection, clock) -> None:
    assert recovered(desk, clock, {"id": "p1", "status": "ended", "createdAt": NOON.isoformat()})

    assert connection.execute("select recovery_ahead_seconds from public.settings").fetchone()[0] == -30


def test_it_waits_for_no_call_that_another_program_made(desk: Desk, connection, clock) -> None:
    call = {"id": "p1", "status": "in-progress", "name": str(uuid.uuid4()), "createdAt": NOON.isoformat()}

    assert recovered(desk, clock, call)

    assert is_counted(connection)


def test_it_takes_over_what_it_can_beside_a_call_that_no_database_could_store(desk: Desk, connection, clock) -> None:
    call = {
        "id": "p\x001", "status": "ended", "createdAt": NOON.isoformat(),
        "customer": {"number": "+1415\x00\ud800", "externalId": str(uuid.uuid4())}, "monitor": {"controlUrl": "\x00"},
    }  # fmt: skip

    assert recovered(desk, clock, call)

    assert is_counted(connection)


def test_it_takes_over_a_forgotten_call_of_which_the_provider_repeats_only_the_customer(desk: Desk, clock) -> None:
    campaign = desk.campaign(1)
    (contact,) = desk.all_contacts(campaign)
    call = {
        "id": "p1", "status": "in-progress", "createdAt": NOON.isoformat(),
        "customer": {"number": contact["phone"], "externalId": str(uuid.uuid4())},
    }  # fmt: skip

    assert recovered(desk, clock, call)

    assert desk.all_contacts(campaign)[0]["state"] == "calling"
