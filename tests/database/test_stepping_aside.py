"""A refusal in words nobody knows: one contact steps aside; three alike pause the campaign."""

from __future__ import annotations

from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later

SENTENCE = "Vapi refused the call: customer.flavour must be known."


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def aside(desk: Desk, order: dict[str, Any], at: float = 0) -> None:
    desk.begin(order, now=later(at))
    desk.database.call("step_aside", call_id=order["call_id"], reason="http-400", sentence=SENTENCE, now=later(at))


def test_it_calls_the_next_contact_first(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=1)
    odd = desk.claim()[0]

    aside(desk, odd)

    assert desk.claim(now=later(1))[0]["contact_id"] != odd["contact_id"]
    assert desk.read(campaign)["status"] == "QUEUED"


def test_it_is_tried_again_after_one_minute_and_two_and_then_settled(desk: Desk) -> None:
    campaign = desk.campaign(1)
    at = 0.0
    for pause in (60, 120):
        (order,) = desk.claim(now=later(at))
        aside(desk, order, at)
        assert desk.claim(now=later(at + pause - 1)) == []
        at += pause

    (order,) = desk.claim(now=later(at))
    aside(desk, order, at)

    found = desk.read(campaign)
    assert (found["status"], found["progress"]["by_outcome"]) == ("COMPLETED", {"refused": 1})
    assert desk.call(order)["ended_reason"] == "http-400"


def test_it_pauses_the_campaign_at_the_third_contact_in_a_row(desk: Desk) -> None:
    campaign = desk.campaign(8)
    orders = desk.claim()
    for order in orders[:2]:
        aside(desk, order)
    assert desk.read(campaign)["status"] == "QUEUED"

    aside(desk, orders[2])

    found = desk.read(campaign)
    assert (found["status"], found["status_reason"]) == ("PAUSED", SENTENCE)


def test_it_begins_to_count_anew_when_a_contact_was_accepted_in_between(desk: Desk) -> None:
    campaign = desk.campaign(8)
    orders = desk.claim()
    for order in orders[:2]:
        aside(desk, order)
    desk.dial(orders[3])

    for order in orders[4:6]:
        aside(desk, order)

    assert desk.read(campaign)["status"] == "DIALING"


def test_it_does_not_count_one_contact_twice(desk: Desk) -> None:
    campaign = desk.campaign(2)
    for order in desk.claim():
        aside(desk, order)

    for order in desk.claim(now=later(60)):
        aside(desk, order, 60)

    assert desk.read(campaign)["status"] == "QUEUED"


def test_it_calls_the_others_first_after_a_resume(desk: Desk) -> None:
    campaign = desk.campaign(5, cap=3)
    odd = desk.claim()
    for order in odd:
        aside(desk, order)
    desk.database.call("resume_campaign", id=campaign, actor="Eva", now=later(10))

    found = {order["contact_id"] for order in desk.claim(now=later(10))}

    assert len(found) == 2
    assert found.isdisjoint(order["contact_id"] for order in odd)


def test_it_changes_nothing_when_told_again(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    aside(desk, order)

    answer = desk.database.call("step_aside", call_id=order["call_id"], reason="http-400", sentence=SENTENCE, now=NOON)

    assert not answer["changed"]
