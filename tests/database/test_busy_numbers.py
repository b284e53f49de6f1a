"""A number that has a call, or may have one, in whichever campaign: it is not dialed."""

from __future__ import annotations

import pytest

from autolynx.database import Database
from tests.support.desk import Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_gives_no_leave_for_a_number_whose_lost_call_turns_up_after_the_claim(desk: Desk) -> None:
    people = desk.contacts(1)
    first = desk.campaign(contacts=people)
    (order,) = desk.claim()
    desk.in_doubt(order)
    desk.surely_absent(order)
    desk.database.call("pause_campaign", id=first, actor="Eva", now=later(701))
    second = desk.campaign(contacts=people)
    (other,) = desk.claim(now=later(702))
    desk.event("late", "RINGING", call_id=order["call_id"], now=later(703))

    assert not desk.begin(other, now=later(704))

    assert desk.read(second)["progress"]["waiting"] == 1
    assert desk.claim(now=later(705)) == []
    desk.report("late", now=later(800))
    assert len(desk.claim(now=later(801))) == 1


def test_it_dials_no_number_that_has_a_call_in_another_campaign(desk: Desk) -> None:
    people = desk.contacts(1)
    first, second = (desk.campaign(contacts=people) for _ in range(2))

    (order,) = desk.claim()
    assert desk.claim(now=later(1)) == []
    other = second if order["campaign_id"] == first else first
    reasons = desk.database.call("explain_campaign", id=other, now=later(1))["reasons"]
    assert "number_busy" in [reason["code"] for reason in reasons]
    desk.report(desk.dial(order), now=later(60))

    assert len(desk.claim(now=later(61))) == 1


def test_it_dials_no_number_whose_dial_is_in_doubt_in_another_campaign(desk: Desk) -> None:
    people = desk.contacts(1)
    for _ in range(2):
        desk.campaign(contacts=people)
    (order,) = desk.claim()
    desk.off_the_line(order)

    assert desk.claim(now=later(32)) == []
