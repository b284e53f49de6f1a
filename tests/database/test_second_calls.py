"""A person who has, or had, more than one call: out of one dial, out of two campaigns, or one that turned up late."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from autolynx.database import Database
from tests.database.pairs.floor import origin
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def alarms(desk: Desk) -> list[str]:
    return [alarm["code"] for alarm in desk.database.call("list_alarms")["alarms"]]


NO_LINE = {"ended_reason": "over-limit", "outcome": "account_limit", "is_attempt": False}


def hung_up(desk: Desk, at: float) -> list[str]:
    return [call["provider_call_id"] for call in desk.hang_ups(at)]


def without_line(desk: Desk, people: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A campaign whose only dial became a call that found no line; its contact waits for another."""
    campaign = desk.campaign(contacts=people)
    (order,) = desk.claim()
    desk.begin(order)
    desk.report("p1", "FAILED", call_id=order["call_id"], fields=NO_LINE, is_over_limit=True, now=later(1))
    return campaign, order


def lost_elsewhere(desk: Desk, people: list[dict[str, Any]]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A lost call, with its campaign paused, and what another campaign has claimed for the same number."""
    first = desk.campaign(contacts=people)
    (order,) = desk.claim()
    desk.in_doubt(order)
    desk.surely_absent(order)
    desk.database.call("pause_campaign", id=first, actor="Eva", now=later(701))
    desk.campaign(contacts=people)
    (other,) = desk.claim(now=later(702))
    return first, order, other


@pytest.mark.parametrize("is_told_before", [True, False])
def test_it_counts_and_hangs_up_the_second_of_two_calls_out_of_one_dial(desk: Desk, is_told_before: bool) -> None:
    campaign = desk.campaign(2, cap=2)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.event("p1", "RINGING", call_id=order["call_id"])
    if is_told_before:
        assert desk.event("p2", "RINGING", call_id=order["call_id"])["result"] == "unmatched"
        assert alarms(desk) == ["second_call"]

    for _ in range(2):
        desk.confirm(order, "p2", now=later(1))

    (alarm,) = desk.database.call("list_alarms")["alarms"]
    assert (alarm["code"], "is hung up" in alarm["text"]) == ("second_call", True)
    assert desk.claim(now=later(2)) == []
    assert [call["provider_call_id"] for call in desk.hang_ups(2)] == ["p2"]
    desk.report("p2", now=later(3), fields={"is_attempt": True, "ended_reason": "assistant-ended-call"})
    desk.report("p1", now=later(9))
    assert desk.call(order)["status"] == "ENDED"
    assert desk.read(campaign)["progress"]["by_status"] == {"ENDED": 1}  # the second is no attempt
    assert desk.execute("select provider_call_id, status, is_attempt from public.calls order by 1") == [
        ("p1", "ENDED", True),
        ("p2", "CANCELED", False),
    ]


def test_it_lets_the_second_call_be_the_contacts_own_where_the_first_found_no_line(desk: Desk) -> None:
    campaign, order = without_line(desk, desk.contacts(1))

    desk.confirm(order, "p2", now=later(2))

    assert hung_up(desk, 2) == []
    desk.report("p2", now=later(60))
    (contact,) = desk.all_contacts(campaign)
    assert (contact["state"], contact["outcome"], contact["attempts"]) == ("settled", "conversation", 1)
    assert desk.claim(now=later(400)) == []


def test_it_keeps_the_results_of_two_calls_apart_that_it_learns_of_at_once(desk: Desk) -> None:
    campaign = desk.campaign(2)
    told = origin(desk, campaign)
    call_id = str(uuid.uuid4())

    met = desk.interleave(
        lambda: desk.event("p1", "IN_PROGRESS", call_id=call_id, origin=told),
        lambda: desk.report("p2", call_id=call_id, origin=told),
    )

    assert (met.first["result"], met.second["result"]) == ("applied", "unmatched")
    assert desk.execute("select provider_call_id, status from public.calls") == [("p1", "IN_PROGRESS")]


def test_it_takes_over_both_calls_that_a_list_shows_for_one_dial(desk: Desk) -> None:
    campaign = desk.campaign(2)
    told, call_id = origin(desk, campaign), str(uuid.uuid4())
    desk.database.call("begin_recovery", actor="Eva", since=NOON, now=later(1000))

    for _ in range(2):
        for provider in ("p1", "p2"):
            desk.database.call("adopt_call", call_id=call_id, provider_call_id=provider, origin=told, now=later(1001))

    assert desk.database.call("get_health")["active_calls"] == 2
    assert hung_up(desk, 1002) == ["p2"]
    assert sorted(alarms(desk)) == ["after_restore", "second_call"]


def test_it_hangs_up_what_turns_up_while_another_campaign_talks_to_the_number(desk: Desk) -> None:
    first, order, other = lost_elsewhere(desk, desk.contacts(1))
    desk.dial(other, now=later(702))

    desk.event("late", "RINGING", call_id=order["call_id"], now=later(703))

    assert hung_up(desk, 703) == ["late"]
    desk.report("late", "FAILED", fields=NO_LINE, is_over_limit=True, now=later(704))
    (contact,) = desk.all_contacts(first)
    assert (contact["state"], contact["outcome"]) == ("waiting", None)  # nobody has canceled it


def test_it_hangs_up_what_turns_up_when_its_contact_has_had_its_call(desk: Desk) -> None:
    desk.campaign(2)
    (order,) = desk.claim(1)
    desk.in_doubt(order)
    desk.surely_absent(order)
    (again,) = desk.claim(1, now=later(701))
    desk.report(desk.dial(again, now=later(701)), now=later(760))

    desk.event("late", "RINGING", call_id=order["call_id"], now=later(770))

    assert hung_up(desk, 770) == ["late"]


def test_it_hangs_up_what_turns_up_while_another_campaigns_request_is_on_the_wire(desk: Desk) -> None:
    _, order, other = lost_elsewhere(desk, desk.contacts(1))
    assert desk.begin(other, now=later(702))

    desk.event("late", "RINGING", call_id=order["call_id"], now=later(703))
    desk.confirm(other, "p2", now=later(704))

    assert hung_up(desk, 705) == ["late"]


@pytest.mark.parametrize("why", ["do not call", "another campaign's call"])
def test_it_hangs_up_a_second_call_that_nobody_wants_though_the_first_found_no_line(desk: Desk, why: str) -> None:
    people = desk.contacts(1)
    campaign, order = without_line(desk, people)
    if why == "do not call":
        desk.forbid(people[0]["phone"])
    else:
        desk.database.call("pause_campaign", id=campaign, actor="Eva", now=later(2))
        desk.campaign(contacts=people)
        (other,) = desk.claim(now=later(9))
        desk.dial(other, now=later(9))

    desk.confirm(order, "p2", now=later(10))

    assert hung_up(desk, 10) == ["p2"]


@pytest.mark.parametrize(
    ("why", "expected"), [("another call", ["p1"]), ("hung up with Stop", ["p1"]), ("do not call", []), ("nothing", [])]
)
def test_it_lets_what_it_had_lost_sight_of_finish_but_for_another_call(
    desk: Desk, why: str, expected: list[str]
) -> None:
    people = desk.contacts(2)
    campaign = desk.campaign(contacts=people, cap=1)
    (order,) = desk.claim()
    desk.begin(order)
    desk.confirm(order, "p1")
    for at in (60, 300, 500, 700):
        desk.database.call("note_silence", call_id=order["call_id"], is_unknown=False, reason="x", now=later(at))
    assert desk.call(order)["status"] == "TIMEOUT"
    if why == "another call":
        desk.database.call("pause_campaign", id=campaign, actor="Eva", now=later(701))
        desk.campaign(contacts=people[:1])
        (other,) = desk.claim(now=later(702))
        desk.dial(other, now=later(702))
    elif why == "hung up with Stop":
        desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True, now=later(702))
    elif why == "do not call":
        desk.forbid(people[0]["phone"])

    desk.event("p1", "IN_PROGRESS", now=later(800))

    assert hung_up(desk, 800) == expected
    assert "call_turned_up" in alarms(desk)


def test_it_records_a_late_call_of_a_contact_that_has_had_its_attempts(desk: Desk) -> None:
    desk.campaign(2)
    (order,) = desk.claim(1)
    desk.in_doubt(order)
    desk.surely_absent(order)
    (again,) = desk.claim(1, now=later(701))
    provider = desk.dial(again, now=later(701))
    for at in (760, 1000, 1200, 1400):
        desk.database.call("note_silence", call_id=again["call_id"], is_unknown=False, reason="x", now=later(at))
    desk.report(provider, "FAILED", fields=NO_LINE, is_over_limit=True, now=later(1500))

    assert desk.report("late", call_id=order["call_id"], now=later(1600))["result"] == "applied"


def test_it_keeps_what_turns_up_where_the_dial_since_found_no_line(desk: Desk) -> None:
    desk.campaign(1)
    (order,) = desk.claim()
    desk.in_doubt(order)
    desk.surely_absent(order)
    (again,) = desk.claim(now=later(701))
    desk.begin(again, now=later(701))
    desk.database.call(
        "block_call",
        call_id=again["call_id"],
        reason="over",
        provider_call_id="blocked",
        now=later(702),
    )

    desk.event("late", "IN_PROGRESS", call_id=order["call_id"], now=later(703))

    assert hung_up(desk, 703) == []
    desk.report("late", now=later(720))
    assert desk.claim(now=later(1200)) == []


@pytest.mark.parametrize(("ended_at", "status"), [(5, "ENDED"), (40, "CANCELED"), (None, "CANCELED")])
@pytest.mark.parametrize("ahead", [None, 300])
def test_it_calls_canceled_only_what_was_under_way_when_it_was_hung_up(
    desk: Desk, ahead: float | None, ended_at: float | None, status: str
) -> None:
    campaign = desk.campaign(1)
    (order,) = desk.claim()
    desk.begin(order, provider_now=None if ahead is None else later(ahead))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)
    desk.database.call("stop_campaign", id=campaign, actor="Eva", now=later(8))
    desk.confirm(order, "p1", now=later(30))
    assert hung_up(desk, 30) == ["p1"]

    fields: dict[str, Any] = {"ended_reason": "customer-ended-call", "is_attempt": True}
    if ended_at is not None:
        fields["ended_at"] = later(ended_at + (ahead or 0))
    desk.report("p1", fields=fields, now=later(41))

    assert desk.call(order)["status"] == status


@pytest.mark.parametrize("how", ["call", "campaign"])
def test_it_hangs_up_on_demand_what_has_given_its_line_back_and_rings_all_the_same(desk: Desk, how: str) -> None:
    campaign = desk.campaign(2)
    order = desk.claim(1)[0]
    desk.off_the_line(order)

    if how == "call":
        desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=later(100))
    else:
        desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True, now=later(100))
    desk.event("late", "RINGING", call_id=order["call_id"], now=later(110))

    assert hung_up(desk, 110) == ["late"]
    desk.report("late", now=later(112))
    assert (desk.call(order)["status"], desk.call(order)["hang_up_by"]) == ("CANCELED", "Eva")
