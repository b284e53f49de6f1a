"""Calls that turn up after they were given up or refused: they are taken back and counted, or hung up."""

from __future__ import annotations

from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def alarms(desk: Desk) -> list[str]:
    return [alarm["code"] for alarm in desk.database.call("list_alarms")["alarms"]]


def test_it_takes_a_call_back_that_turns_up_after_its_line_was_given_back(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=1)
    order = desk.claim(1)[0]
    desk.off_the_line(order)
    assert alarms(desk) == []

    desk.confirm(order, "late", now=later(95))

    assert desk.call(order)["status"] == "QUEUED"
    assert desk.claim(now=later(96)) == []
    assert alarms(desk) == ["call_turned_up"]
    desk.report("late", now=later(150))
    assert desk.call(order)["status"] == "ENDED"
    assert desk.read(campaign)["progress"]["settled"] == 1


@pytest.mark.parametrize("how", ["a look", "an event"])
def test_it_takes_a_call_back_that_turns_up_before_its_contact_was_dialed_again(
    desk: Desk, doubted: dict[str, Any], how: str
) -> None:
    desk.surely_absent(doubted)

    if how == "a look":
        desk.confirm(doubted, "late", now=later(710))
    else:
        desk.event("late", "RINGING", call_id=doubted["call_id"], now=later(710))

    assert desk.claim(now=later(711)) == []  # it counts in the campaign's cap of one
    assert alarms(desk) == ["call_turned_up"]
    desk.report("late", now=later(800))
    assert desk.claim(now=later(801))[0]["contact_id"] != doubted["contact_id"]
    call = desk.call(doubted)
    assert (call["status"], call["is_attempt"]) == ("ENDED", True)
    contact = next(c for c in desk.all_contacts(doubted["campaign_id"]) if c["id"] == doubted["contact_id"])
    assert (contact["state"], contact["attempts"]) == ("settled", 1)


@pytest.mark.parametrize("how", ["fail_call", "step_aside"])
def test_it_counts_a_call_that_rings_though_it_was_refused(desk: Desk, how: str) -> None:
    campaign = desk.campaign(2, cap=1)
    order = desk.claim(1)[0]
    desk.begin(order)
    if how == "fail_call":
        desk.database.call("fail_call", call_id=order["call_id"], reason="bad-number", outcome="wrong_number", now=NOON)
    else:
        desk.execute("update public.contacts set refusals = 2 where id = %s", order["contact_id"])
        desk.database.call("step_aside", call_id=order["call_id"], reason="odd", sentence="Odd.", now=NOON)
    assert desk.read(campaign)["progress"]["settled"] == 1

    desk.event("p1", "RINGING", call_id=order["call_id"], now=later(5))

    assert desk.claim(now=later(6)) == []  # it counts in the campaign's cap of one
    assert alarms(desk) == ["call_turned_up"]
    desk.report("p1", now=later(60))
    call = desk.call(order)
    assert (call["status"], call["outcome"], call["is_attempt"]) == ("ENDED", "conversation", True)
    contact = next(c for c in desk.all_contacts(campaign) if c["id"] == order["contact_id"])
    assert (contact["state"], contact["outcome"], contact["attempts"]) == ("settled", "conversation", 1)


def test_it_hangs_up_what_was_refused_and_rings_when_its_campaign_is_over(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.database.call("fail_call", call_id=order["call_id"], reason="bad-number", outcome="wrong_number", now=NOON)

    desk.event("p1", "RINGING", call_id=order["call_id"], now=later(5))

    assert [call["provider_call_id"] for call in desk.hang_ups(5)] == ["p1"]


def test_it_counts_and_hangs_up_a_call_that_turns_up_when_its_contact_was_dialed_again(
    desk: Desk, doubted: dict[str, Any]
) -> None:
    desk.surely_absent(doubted)
    again = desk.claim(now=later(710))[0]
    desk.dial(again, now=later(710))

    desk.confirm(doubted, "late", now=later(720))

    assert desk.database.call("get_health")["active_calls"] == 2
    assert [call["provider_call_id"] for call in desk.hang_ups(720)] == ["late"]
    assert alarms(desk) == ["call_turned_up"]
    desk.report("late", "CANCELED", now=later(730))
    assert desk.call(again)["status"] == "QUEUED"
    assert not desk.call(doubted)["is_attempt"]
    contact = next(c for c in desk.all_contacts(doubted["campaign_id"]) if c["id"] == doubted["contact_id"])
    assert contact["state"] == "calling"


def test_it_takes_a_call_back_when_the_dial_since_came_to_nothing(desk: Desk, doubted: dict[str, Any]) -> None:
    desk.surely_absent(doubted)
    again = desk.claim(now=later(710))[0]
    desk.begin(again, now=later(710))
    desk.database.call("release_call", call_id=again["call_id"], now=later(711))

    desk.confirm(doubted, "late", now=later(720))

    assert desk.call(doubted)["is_attempt"]
    assert desk.hang_ups(720) == []
    contact = next(c for c in desk.all_contacts(doubted["campaign_id"]) if c["id"] == doubted["contact_id"])
    assert (contact["state"], contact["attempts"]) == ("calling", 1)


def test_it_records_what_a_second_call_of_a_contact_came_to(desk: Desk, doubted: dict[str, Any]) -> None:
    desk.surely_absent(doubted)
    again = desk.claim(now=later(710))[0]
    desk.dial(again, now=later(710))
    desk.event("late", "RINGING", call_id=doubted["call_id"], now=later(720))

    desk.report("late", now=later(730), fields={"is_attempt": True, "ended_reason": "voicemail", "cost_usd": 0.1})

    call = desk.call(doubted)
    assert (call["status"], call["ended_reason"], call["is_attempt"]) == ("ENDED", "voicemail", False)
    assert desk.database.call("get_health")["active_calls"] == 1


@pytest.mark.parametrize(("is_asked", "status"), [(False, "ENDED"), (True, "CANCELED")])
def test_it_calls_canceled_what_it_hung_up_and_not_what_was_over_before(
    desk: Desk, doubted: dict[str, Any], is_asked: bool, status: str
) -> None:
    desk.database.call("stop_campaign", id=doubted["campaign_id"], actor="Eva", now=later(5))
    desk.confirm(doubted, "p1", now=later(10))
    if is_asked:
        assert len(desk.hang_ups(10)) == 1

    desk.report("p1", now=later(11))

    assert desk.call(doubted)["status"] == status


@pytest.mark.parametrize("how", ["a look", "an event"])
@pytest.mark.parametrize("why", ["stopped", "do not call"])
def test_it_hangs_up_what_is_found_when_nobody_wants_it_any_more(
    desk: Desk, doubted: dict[str, Any], connection, why: str, how: str
) -> None:
    if why == "stopped":
        desk.database.call("stop_campaign", id=doubted["campaign_id"], actor="Eva", now=later(5))
    else:
        connection.execute("insert into public.do_not_call (phone, created_by) values (%s, 'Eva')", [doubted["phone"]])

    if how == "a look":
        desk.confirm(doubted, "p1", now=later(10))
    else:
        desk.event("p1", "RINGING", call_id=doubted["call_id"], now=later(10))

    assert [call["provider_call_id"] for call in desk.hang_ups(10)] == ["p1"]


def test_it_lets_a_call_finish_that_was_never_in_doubt_when_the_campaign_is_stopped(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("stop_campaign", id=campaign, actor="Eva", now=NOON)

    desk.confirm(order, "p1")

    assert desk.hang_ups(0) == []
