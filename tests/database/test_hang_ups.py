"""Ending calls that a user wants ended: asked for in the database, done by any scheduler, true to the provider."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from autolynx.database import Database
from autolynx.errors import Conflict
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def due(desk: Desk, at: float = 0) -> list[str]:
    return [call["provider_call_id"] for call in desk.database.call("take_hang_ups", now=later(at))["calls"]]


def test_it_hangs_up_what_is_under_way_when_a_campaign_is_stopped_so(desk: Desk) -> None:
    campaign = desk.campaign(3)
    _order, provider = desk.dialed(campaign)

    desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True, now=NOON)

    assert desk.database.call("claim_calls", worker="w", limit=5, now=NOON)["hang_ups_due"]
    assert due(desk) == [provider]


def test_it_lets_calls_finish_when_not_asked_to_hang_up(desk: Desk) -> None:
    campaign = desk.campaign(1)
    desk.dialed(campaign)
    desk.database.call("stop_campaign", id=campaign, actor="Eva", now=NOON)

    assert due(desk) == []


def test_it_hands_a_hang_up_to_one_caller_and_again_after_five_seconds(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)

    assert sum(len(found) for found in desk.race(*[lambda: due(desk)] * 8)) == 1
    assert due(desk, 4) == []
    assert due(desk, 5) == [provider]


def test_it_raises_an_alarm_when_a_call_is_not_over_half_a_minute_after_it_was_hung_up(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)

    for at in (0, 5, 29):
        due(desk, at)
        assert desk.database.call("list_alarms")["alarms"] == []

    assert due(desk, 34) == [provider]
    (alarm,) = desk.database.call("list_alarms")["alarms"]
    assert (alarm["code"], alarm["subject"]) == ("hang_up_fails", order["call_id"])


def test_it_keeps_the_line_until_the_provider_says_that_it_is_over(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=1)
    order, provider = desk.dialed(campaign)
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva")
    assert desk.claim() == []

    desk.event(provider, "ENDED")

    assert len(desk.claim()) == 1


def test_it_stays_canceled_and_still_takes_cost_and_reason(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva")

    desk.report(provider)

    call = desk.call(order)
    assert (call["status"], call["ended_reason"], call["cost_usd"]) == (
        "CANCELED", "customer-ended-call", Decimal("0.05"),
    )  # fmt: skip


def test_it_hangs_up_a_call_whose_dial_is_confirmed_only_later(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True, now=NOON)
    assert due(desk) == []

    provider = desk.confirm(order)

    assert due(desk) == [provider]


def test_it_says_so_when_the_call_is_over_already(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.report(provider)

    with pytest.raises(Conflict, match="over already"):
        desk.database.call("hang_up_call", id=order["call_id"], actor="Eva")


@pytest.mark.parametrize("actor", ["Eva", "AutoLynx"])  # somebody may be called so
def test_it_does_not_call_anew_whom_a_user_wanted_hung_up(desk: Desk, actor: str) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.in_doubt(order)
    desk.database.call("hang_up_call", id=order["call_id"], actor=actor, now=NOON)

    desk.surely_absent(order)

    assert desk.claim(now=later(800)) == []
    assert desk.all_contacts(campaign)[0]["outcome"] == "canceled"


def test_it_does_not_dial_whom_a_user_wanted_hung_up_before_the_dial(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)

    assert not desk.begin(order)
    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_stops_and_hangs_up_while_reports_come_in(desk: Desk) -> None:
    campaign = desk.campaign(9, cap=8)  # one waits, so that it is not complete before Stop
    providers = [desk.confirm(order) for order in desk.claim() if desk.begin(order)]

    def stop() -> object:
        return desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True)

    answers = desk.race(stop, *[lambda p=p: desk.report(p) for p in providers])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []


def test_it_wakes_the_schedulers_when_a_call_is_confirmed_that_is_to_be_hung_up(desk: Desk, connection) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)
    connection.execute("listen autolynx_work")

    desk.confirm(order)

    assert [notice.payload for notice in connection.notifies(timeout=10, stop_after=1)] == [order["campaign_id"]]


def test_it_wakes_the_schedulers_when_a_message_comes_before_the_answer_of_a_call_to_hang_up(
    desk: Desk, connection
) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)
    connection.execute("listen autolynx_work")

    desk.event("call-1", "RINGING", call_id=order["call_id"])

    assert [notice.payload for notice in connection.notifies(timeout=10, stop_after=1)] == [order["campaign_id"]]


def confirms(desk: Desk, order: dict[str, Any], url: str | None) -> None:
    desk.database.call("confirm_call", call_id=order["call_id"], provider_call_id="p1", control_url=url, now=later(1))


def tells(desk: Desk, _order: dict[str, Any], url: str | None) -> None:
    desk.event("p1", "IN_PROGRESS", fields={"control_url": url}, now=later(1))


LEARNS = pytest.mark.parametrize("learns", [confirms, tells])


@pytest.fixture
def without_address(desk: Desk) -> dict[str, Any]:
    """A call that its first message confirmed, and that is handed out to be hung up; nobody knows yet where."""
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.event("p1", "RINGING", call_id=order["call_id"])
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)
    assert [call["control_url"] for call in desk.hang_ups(0)] == [None]
    return order


@LEARNS
def test_it_is_due_at_once_when_the_address_gets_known(
    desk: Desk, without_address: dict[str, Any], learns: Callable[..., None]
) -> None:
    learns(desk, without_address, "https://c.example/1")

    assert [call["control_url"] for call in desk.hang_ups(1)] == ["https://c.example/1"]
    assert desk.hang_ups(2) == []


@LEARNS
def test_it_waits_its_five_seconds_when_the_address_stays_unknown(
    desk: Desk, without_address: dict[str, Any], learns: Callable[..., None]
) -> None:
    learns(desk, without_address, None)

    assert desk.hang_ups(1) == []
    assert len(desk.hang_ups(5)) == 1


@LEARNS
def test_it_waits_its_five_seconds_when_the_address_was_known(
    desk: Desk, without_address: dict[str, Any], learns: Callable[..., None]
) -> None:
    desk.event("p1", "QUEUED", fields={"control_url": "https://c.example/1"})
    assert len(desk.hang_ups(0)) == 1

    learns(desk, without_address, "https://c.example/1")

    assert desk.hang_ups(1) == []


@LEARNS
def test_it_wishes_for_nothing_when_the_address_gets_known_of_a_call_nobody_wants_ended(
    desk: Desk, learns: Callable[..., None]
) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.event("p1", "RINGING", call_id=order["call_id"])

    learns(desk, order, "https://c.example/1")

    assert desk.hang_ups(1) == []


def test_it_wakes_the_schedulers_when_a_message_tells_the_address_of_a_call_to_hang_up(
    desk: Desk, connection, without_address: dict[str, Any]
) -> None:
    connection.execute("listen autolynx_work")

    tells(desk, without_address, "https://c.example/1")

    assert [n.payload for n in connection.notifies(timeout=10, stop_after=1)] == [without_address["campaign_id"]]


def checks(desk: Desk, at: float) -> int:
    return len(desk.database.call("take_checks", now=later(at))["calls"])


def nothing_to_end(desk: Desk, order: dict[str, Any], at: float) -> bool:
    return bool(desk.database.call("note_nothing_to_end", call_id=order["call_id"], now=later(at))["is_asked"])


def test_it_asks_about_a_call_at_once_when_the_provider_has_nothing_to_end(desk: Desk) -> None:
    order, _ = desk.dialed()
    assert checks(desk, 1) == 0

    assert nothing_to_end(desk, order, 1)

    assert checks(desk, 1) == 1


def test_it_asks_once_at_a_time_about_a_call_that_cannot_be_ended(desk: Desk) -> None:
    order, provider = desk.dialed()
    nothing_to_end(desk, order, 1)
    assert checks(desk, 1) == 1

    assert not nothing_to_end(desk, order, 6)  # the question still waits for its answer
    assert checks(desk, 6) == 0

    desk.event(provider, "RINGING", type="reconcile", now=later(7))
    assert nothing_to_end(desk, order, 11)
    assert checks(desk, 11) == 1


def test_it_asks_no_more_about_a_call_whose_result_is_known(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.report(provider)

    assert not nothing_to_end(desk, order, 1)
