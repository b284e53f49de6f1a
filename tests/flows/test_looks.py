"""Looks for dials in doubt, against canned lists on a real database: by whose clock, what counts, what is adopted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from autolynx.calls.events import Receipt
from autolynx.calls.snapshots import record_snapshot
from autolynx.database import Database
from autolynx.dialing import mending
from autolynx.errors import Busy
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.wire import WireCall
from tests.support.canned import CannedProvider, StillClock, answer
from tests.support.desk import NOON, Desk, later
from tests.support.mending import board_of, doubt

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOON)


def asked_since(request: httpx.Request) -> datetime:
    return datetime.fromisoformat(request.url.params["createdAtGe"])


@pytest.mark.parametrize("ahead", [-360, 0, 360, 7200])
def test_it_asks_for_a_list_from_an_hour_before_the_dial_by_the_clock_that_is_behind(
    desk: Desk, clock: StillClock, ahead: float
) -> None:
    provider = CannedProvider(answer(200, []), now=later(ahead))
    board = board_of(desk, provider, clock)
    mending.look(board, "line-1", [doubt()], NOON)  # the first answer tells the time
    clock.sleep(5)
    provider.now = later(ahead + 5)

    mending.look(board, "line-1", [doubt(ahead=ahead), doubt(ahead=ahead)], later(5))

    assert asked_since(provider.requests[-1]) == later(5 - 10 + min(ahead, 0)) - HOUR


def test_it_looks_further_back_when_the_providers_clock_has_moved_since_the_dial(desk: Desk, clock: StillClock) -> None:
    provider = CannedProvider(answer(200, []), now=later(7200))
    board = board_of(desk, provider, clock)
    mending.look(board, "line-1", [doubt()], NOON)

    mending.look(board, "line-1", [doubt(ahead=0)], NOON)

    assert asked_since(provider.requests[-1]) == later(-10 - 7200) - HOUR


def test_it_goes_by_its_own_clock_while_the_provider_has_told_none(desk: Desk, clock: StillClock) -> None:
    provider = CannedProvider(answer(200, []))

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(ahead=0)], NOON)

    assert asked_since(provider.requests[0]) == later(-10) - HOUR


def test_it_finds_a_call_stamped_by_a_clock_that_nobody_had_seen_and_that_is_right_again(
    desk: Desk, connection, clock, doubted
) -> None:
    call = {"id": "p1", "status": "ringing", "createdAt": later(-7200).isoformat(), "name": doubted["call_id"]}

    def listed(request: httpx.Request) -> httpx.Response:
        return answer(200, [call] if asked_since(request) <= later(-7200) else [])

    def answered(request: httpx.Request) -> httpx.Response:
        return listed(request) if request.url.path == "/call" else answer(200, call)

    board = board_of(desk, CannedProvider(answered, now=NOON), clock)
    mending.look(board, "line-2", [doubt()], NOON)  # by now the provider's clock is known, and right

    assert mending.look(board, "line-1", [doubt(doubted["call_id"])], later(1)) == 1


def test_it_looks_back_a_day_when_the_providers_clock_was_not_known_at_the_dial(desk: Desk, clock: StillClock) -> None:
    provider = CannedProvider(answer(200, []), now=NOON)

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(), doubt(ahead=0)], NOON)

    assert asked_since(provider.requests[0]) == later(-10) - DAY - HOUR


def looks(connection) -> int:
    return int(connection.execute("select looks from public.calls").fetchone()[0])


@pytest.fixture
def doubted(desk: Desk) -> dict[str, Any]:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.in_doubt(order)
    return order


def test_it_counts_a_list_that_does_not_show_the_call(desk: Desk, connection, clock, doubted) -> None:
    provider = CannedProvider(answer(200, [{"id": "p9", "name": "another"}]), now=NOON)

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(doubted["call_id"])], later(10))

    assert looks(connection) == 1


def test_it_does_not_count_what_the_databases_clock_has_gained_since_the_dial(desk: Desk, connection, clock) -> None:
    desk.campaign(1)
    (order,) = desk.claim()
    desk.begin(order, provider_now=later(20))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)
    provider = CannedProvider(answer(200, []), now=later(40))  # twenty seconds have passed there

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(order["call_id"], ahead=20)], later(900))

    assert connection.execute("select last_look_at from public.calls").fetchone()[0] == later(20)


@pytest.mark.parametrize("given", [answer(500, {}), answer(200, {}), httpx.ReadTimeout("slow")], ids=repr)
def test_it_counts_no_list_that_it_could_not_read(desk: Desk, connection, clock, doubted, given) -> None:
    board = board_of(desk, CannedProvider(given, now=NOON), clock)

    mending.look(board, "line-1", [doubt(doubted["call_id"])], later(10))

    assert looks(connection) == 0


def test_it_counts_no_list_during_which_the_providers_clock_was_set(desk: Desk, connection, clock, doubted) -> None:
    provider = CannedProvider(answer(200, []), now=NOON)
    board = board_of(desk, provider, clock)
    mending.look(board, "line-2", [doubt()], NOON)
    provider.now = later(-1800)

    mending.look(board, "line-1", [doubt(doubted["call_id"])], NOON)

    assert looks(connection) == 0


@pytest.mark.parametrize(
    "mark",
    [
        lambda call_id: {"name": call_id},
        lambda call_id: {"customer": {"externalId": call_id}},
        lambda call_id: {"assistantOverrides": {"metadata": {"autolynx_call_id": call_id}}},
    ],
    ids=["name", "externalId", "metadata"],
)
def test_it_adopts_what_it_finds_and_asks_what_became_of_it(
    desk: Desk, clock, doubted, mark: Callable[[str], dict[str, Any]]
) -> None:
    call = {"id": "p1", "status": "in-progress", "createdAt": NOON.isoformat()} | mark(doubted["call_id"])
    provider = CannedProvider(answer(200, [call]), answer(200, [call]), answer(200, call), now=NOON)

    assert mending.look(board_of(desk, provider, clock), "line-1", [doubt(doubted["call_id"])], NOON) == 1

    found = desk.call(doubted)
    assert (found["provider_call_id"], found["status"]) == ("p1", "IN_PROGRESS")


def test_it_takes_over_the_others_when_one_call_is_held_for_long(
    desk: Desk, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.campaign(2, cap=2)
    orders = desk.claim()
    for order in orders:
        desk.in_doubt(order)
    listed = [{"id": f"p-{order['call_id']}", "name": order["call_id"], "status": "ringing"} for order in orders]
    provider = CannedProvider(answer(200, listed), now=NOON)
    found = {call["id"]: WireCall.model_validate(call) for call in listed}

    def record(database: Database, settings: Settings, call: WireCall) -> Receipt:
        if call.id == listed[0]["id"]:
            raise Busy
        return record_snapshot(database, settings, call)

    monkeypatch.setattr(mending, "record_snapshot", record)
    monkeypatch.setattr(VapiClient, "get_call", lambda _, call_id: found[call_id])

    doubts = [doubt(order["call_id"]) for order in orders]
    assert mending.look(board_of(desk, provider, clock), "line-1", doubts, NOON) == 2

    assert [desk.call(order)["status"] for order in orders] == ["QUEUED", "RINGING"]
