"""Short of lines: what there is gets learned, contacts back off, one line more is tried now and then."""

from __future__ import annotations

from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later

BUSY = "call.start.error-subscription-concurrency-limit-reached"


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def refuse(desk: Desk, order: dict[str, Any], at: float, **others: Any) -> None:
    desk.begin(order, now=later(at))
    desk.database.call("block_call", call_id=order["call_id"], reason="busy", now=later(at), **others)


def lines(desk: Desk, campaigns: int = 1) -> list[dict[str, Any]]:
    """Ten were claimed, three found a line."""
    for _ in range(campaigns):
        desk.campaign(40, cap=10)
    orders = desk.claim(10)
    for order in orders[:3]:
        desk.dial(order)
    return orders


def test_it_learns_from_refusals_how_many_lines_there_are(desk: Desk) -> None:
    for order in lines(desk)[3:]:
        refuse(desk, order, 0)

    assert desk.claim(now=later(3.9)) == []


def test_it_tries_one_line_more_after_four_seconds_and_twice_as_long_after_each_refusal(desk: Desk) -> None:
    for order in lines(desk)[3:]:
        refuse(desk, order, 0)
    tries, at = [], 0.0
    while at < 200:
        at += 0.5
        for order in desk.claim(now=later(at)):
            tries.append(at)
            refuse(desk, order, at)

    assert tries == [4, 12, 28, 60, 120, 180]


def test_it_tries_line_after_line_faster_when_they_are_there_again(desk: Desk) -> None:
    for order in lines(desk)[3:]:
        refuse(desk, order, 0)
    busy, at = 3, 0.0
    while busy < 10 and at < 60:
        at += 0.5
        for order in desk.claim(now=later(at)):
            desk.dial(order, now=later(at))
            busy += 1

    assert busy == 10
    assert at <= 15
    assert desk.claim(now=later(100)) == []  # the setting's own cap


def test_it_tries_no_further_line_while_learned_ones_are_free(desk: Desk) -> None:
    orders = lines(desk)
    for order in orders[3:]:
        refuse(desk, order, 0)
    desk.report(f"provider-{orders[0]['call_id']}", now=later(30))

    assert len(desk.claim(now=later(31))) == 1  # the one that became free; a moment later one more is tried
    assert len(desk.claim(now=later(32))) == 1


@pytest.mark.parametrize("told", [None, 10])
def test_it_learns_from_the_call_that_is_ended_for_want_of_a_line(desk: Desk, told: int | None) -> None:
    orders = lines(desk)
    for order in orders[3:]:
        desk.begin(order)
        desk.database.call(
            "confirm_call", call_id=order["call_id"], provider_call_id=f"p-{order['call_id']}", concurrency_limit=told
        )
    for order in orders[3:]:
        desk.event(
            f"p-{order['call_id']}", "FAILED", is_over_limit=True, now=later(1),
            fields={"is_attempt": False, "ended_reason": BUSY, "outcome": "account_limit"},
        )  # fmt: skip

    assert desk.claim(now=later(4)) == []
    assert len(desk.claim(now=later(5.1))) == 1
    desk_contacts = desk.all_contacts(orders[0]["campaign_id"])
    assert sum(contact["state"] == "waiting" for contact in desk_contacts) == 36


def test_it_raises_nothing_it_has_learned_by_what_a_201_tells(desk: Desk) -> None:
    orders = lines(desk)
    for order in orders[3:]:
        refuse(desk, order, 0)

    desk.database.call(
        "confirm_call", call_id=orders[0]["call_id"], provider_call_id=f"provider-{orders[0]['call_id']}",
        concurrency_limit=10, now=later(1),
    )  # fmt: skip

    assert desk.claim(now=later(2)) == []


def test_it_takes_the_lower_number_when_a_refusal_tells_one(desk: Desk) -> None:
    refuse(desk, lines(desk)[3], 0, told_cap=2)

    desk.report(f"provider-{desk.read(desk_campaign(desk))['active_calls'][0]['id']}", now=later(1))
    assert desk.claim(now=later(2)) == []


def desk_campaign(desk: Desk) -> str:
    return str(desk.database.call("list_campaigns")["campaigns"][0]["id"])


def test_it_lets_a_contact_that_found_no_line_wait_ever_longer(desk: Desk) -> None:
    desk.campaign(1)
    at, waits = 0.0, []
    for _ in range(9):
        (order,) = desk.claim(now=later(at))
        refuse(desk, order, at)
        since = at
        # a line is tried again in a minute at most; the contact itself waits up to five
        while not (found := desk.database.call("explain_contact", id=order["contact_id"], now=later(at))) or any(
            reason["code"] == "not_due" for reason in found["reasons"]
        ):
            at += 1
        waits.append(at - since)
        at += 61

    assert waits == [3, 6, 12, 24, 48, 96, 192, 300, 300]


def test_it_forgets_how_often_a_contact_found_no_line_when_it_was_called(desk: Desk, connection) -> None:
    campaign = desk.campaign(1)
    refuse(desk, desk.claim()[0], 0)
    (order,) = desk.claim(now=later(10))
    desk.report(desk.dial(order, now=later(10)), now=later(60))

    assert connection.execute("select lines_missed from public.contacts").fetchone() == (0,)
    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_keeps_a_blocked_call_as_no_attempt(desk: Desk) -> None:
    campaign = desk.campaign(1)
    (order,) = desk.claim()
    refuse(desk, order, 0, provider_call_id="p1")

    call = desk.call(order)
    assert (call["status"], call["is_attempt"], call["provider_call_id"]) == ("FAILED", False, "p1")
    assert desk.read(campaign)["progress"]["calls"] == 0


def test_it_begins_no_next_batch_while_a_call_of_the_last_found_no_line(desk: Desk) -> None:
    desk.campaign(4, mode="batch", cap=2)
    first, second = desk.claim()
    desk.report(desk.dial(first), now=later(1))
    desk.dial(second)
    desk.event(  # ended for want of a line; how, the report is to say
        f"provider-{second['call_id']}", "FAILED", is_guess=True, now=later(2)
    )

    assert desk.claim(now=later(3)) == []
    desk.report(
        f"provider-{second['call_id']}", "FAILED", is_over_limit=True, now=later(4),
        fields={"is_attempt": False, "ended_reason": BUSY},
    )  # fmt: skip
    assert [order["contact_id"] for order in desk.claim(now=later(20))] == [second["contact_id"]]


def test_it_begins_the_next_batch_while_a_report_of_the_last_is_on_its_way(desk: Desk) -> None:
    desk.campaign(4, mode="batch", cap=2)
    for order in desk.claim():
        desk.event(desk.dial(order), "ENDED", now=later(1))

    assert len(desk.claim(now=later(2))) == 2


def test_it_begins_no_next_batch_while_a_dial_of_the_last_is_in_doubt(desk: Desk) -> None:
    desk.campaign(4, mode="batch", cap=2)
    first, second = desk.claim()
    desk.report(desk.dial(first), now=later(1))
    desk.off_the_line(second)

    assert desk.claim(now=later(91)) == []


def test_it_believes_what_the_account_told_for_an_hour(desk: Desk) -> None:
    desk.campaign(9)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.database.call("confirm_call", call_id=order["call_id"], provider_call_id="p1", concurrency_limit=2, now=NOON)

    assert len(desk.claim(now=later(3599))) == 1
    assert len(desk.claim(now=later(3600))) == 6
