"""Checks of what became of a call, against canned answers on a real database: what is noted, and how many are made."""

from __future__ import annotations

import psycopg
import pytest

from autolynx.database import Database
from autolynx.dialing import mending
from autolynx.dialing.allowance import MOST_CHECKS_SAVED_UP
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


def test_it_records_what_the_provider_answered_though_a_message_holds_the_call_for_a_moment(
    desk: Desk, connection: psycopg.Connection, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, provider_call_id = desk.dialed()
    provider = CannedProvider(answer(200, {"id": provider_call_id, "status": "in-progress"}), now=NOON)
    connection.autocommit = False
    connection.execute("select from public.calls for update")
    monkeypatch.setattr(clock, "sleep", lambda _: connection.rollback())

    call = {"call_id": order["call_id"], "provider_call_id": provider_call_id}
    assert mending.check(board_of(desk, provider, clock), call)

    assert desk.call(order)["status"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(404, {}), (True, 1)),
        (answer(200, {"id": "p1", "status": "not-found"}), (True, 1)),
        (answer(500, {}), (True, 0)),
        (answer(200, {"id": "p1", "status": "ringing"}), (False, 0)),
        (answer(200, {"id": "p1", "status": "in-progress", "createdAt": later(-12.9 * 3600).isoformat()}), (False, 0)),
        (answer(200, {"id": "p1", "status": "in-progress", "createdAt": later(-13.1 * 3600).isoformat()}), (True, 1)),
        (answer(200, {"id": "p1", "status": "ended", "createdAt": later(-13.1 * 3600).isoformat()}), (False, 0)),
    ],
    ids=["404", "not-found", "500", "ringing", "for long", "for longer than a call can last", "over"],
)
def test_it_notes_what_the_provider_does_not_know_or_cannot_tell(
    desk: Desk, connection, clock, given, expected: tuple[bool, int]
) -> None:
    order, provider_call_id = desk.dialed()
    call = {"call_id": order["call_id"], "provider_call_id": provider_call_id}
    if given.status_code == 200:
        given = answer(200, given.json() | {"id": provider_call_id})

    mending.check(board_of(desk, CannedProvider(given, now=NOON), clock), call)

    row = "select unanswered_since is not null, unknown_answers from public.calls"
    assert connection.execute(row).fetchone() == expected


def test_it_asks_about_silent_calls_within_a_budget(desk: Desk, clock: StillClock) -> None:
    desk.database.call("set_organization_cap", cap=100)
    desk.campaign(40, cap=50)
    for order in desk.claim():
        desk.dial(order)  # yesterday: all of them are silent
    lanes = Ledger()
    board = ledger_board(desk, lanes, clock)
    checks = []

    for _ in range(4):
        tick(board)
        checks.append(lanes.started.pop(Lane.CHECK, 0))
        clock.sleep(0.5)

    assert checks[0] <= MOST_CHECKS_SAVED_UP
    assert sum(checks) <= MOST_CHECKS_SAVED_UP + 1.5 * 5
    assert all(checks)
