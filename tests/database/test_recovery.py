"""A database that has forgotten dials asks before it dials; calls it does not know are taken over."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later

BOUND = 600


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def begin(desk: Desk, at: float = 0, **others: Any) -> None:
    desk.database.call("begin_recovery", actor="Eva", now=later(at), **others)


def took_over(desk: Desk, at: float, ahead: float | None = None) -> bool:
    """The provider's whole list was taken over, asked for so many seconds after noon; its clock was that far ahead."""
    noted = desk.database.call("note_recovery", asked_at=later(at), provider_ahead_seconds=ahead, now=later(at))
    return bool(noted["is_over"])


def origin(desk: Desk, campaign: str, **others: Any) -> dict[str, Any]:
    contact = desk.all_contacts(campaign)[0]
    return {"campaign_id": campaign, "phone": contact["phone"], "attempt": 1, "phone_number_id": "line-1"} | others


def adopt(desk: Desk, campaign: str, at: float) -> None:
    """A call that the database had forgotten, as the provider's list shows it."""
    desk.database.call(
        "adopt_call",
        call_id=str(uuid.uuid4()),
        provider_call_id="p1",
        origin=origin(desk, campaign),
        now=later(at),
    )


def alarms(desk: Desk) -> list[str]:
    return [alarm["code"] for alarm in desk.database.call("list_alarms")["alarms"]]


def test_it_dials_nobody_until_the_provider_was_asked_twice_the_last_time_after_the_bound(desk: Desk) -> None:
    desk.campaign(3)
    begin(desk)
    assert desk.claim() == []

    assert not took_over(desk, 1)
    assert not took_over(desk, BOUND)
    assert desk.claim(now=later(BOUND)) == []
    assert took_over(desk, BOUND + 1)

    assert len(desk.claim(now=later(BOUND + 1))) == 3


@pytest.mark.parametrize(
    ("ahead", "is_over"),
    [(0, True), (-500, False), (-2, False), (-1, True), (500, True), (None, True), (-BOUND - 3, True)],
)
def test_it_takes_no_time_for_passed_that_its_own_clock_has_gained(
    desk: Desk, ahead: float | None, is_over: bool
) -> None:
    """The machine was restored with a clock that is wrong, and sets it when it finds out."""
    begin(desk)
    assert not took_over(desk, 1, ahead=0)

    assert took_over(desk, BOUND + 1, ahead=ahead) == is_over


def test_it_begins_anew_with_what_the_clocks_say_then(desk: Desk) -> None:
    for at, ahead in ((0, 0), (1000, -500)):
        begin(desk, at)
        assert not took_over(desk, at + 1, ahead=ahead)

    assert took_over(desk, 1001 + BOUND, ahead=-500)


def test_it_is_not_over_by_one_look_however_late(desk: Desk) -> None:
    begin(desk)

    assert not took_over(desk, 2 * BOUND)
    assert took_over(desk, 3 * BOUND)


def test_it_does_not_count_a_list_that_was_asked_for_before_it_was_told(desk: Desk) -> None:
    begin(desk, at=100)

    assert not took_over(desk, 99)
    assert not took_over(desk, 800)
    assert took_over(desk, 800 + BOUND)


def test_it_gives_no_leave_for_what_was_claimed_before(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    begin(desk)

    assert not desk.begin(order)


def test_it_hands_the_recovery_to_one_caller_a_minute(desk: Desk) -> None:
    begin(desk, since=later(-3600))
    assert desk.database.call("claim_calls", worker="w", limit=1, now=NOON)["recovery_due"]

    answers = desk.race(*[lambda: desk.database.call("take_recovery", now=NOON)] * 8)

    (taken,) = [answer for answer in answers if answer["is_due"]]
    assert taken["age_seconds"] == 3600
    assert not desk.database.call("take_recovery", now=later(59))["is_due"]
    assert desk.database.call("take_recovery", now=later(60))["is_due"]


def test_it_asks_for_what_came_after_the_databases_last_sign_of_life(desk: Desk) -> None:
    desk.dialed()
    desk.database.call("beat", process="s1", kind="scheduler", now=later(30))

    begin(desk, at=7200)

    assert desk.database.call("take_recovery", now=later(7200))["age_seconds"] == 7170


def test_it_does_not_count_processes_that_are_alive_as_the_databases_own_sign_of_life(desk: Desk) -> None:
    desk.dialed()
    desk.database.call("beat", process="s1", kind="scheduler", now=later(7195))

    begin(desk, at=7200)

    assert desk.database.call("take_recovery", now=later(7200))["age_seconds"] == 7200


def test_it_does_not_count_what_those_that_are_alive_have_dialed_since(desk: Desk) -> None:
    campaign = desk.campaign(2)
    desk.claim(1, worker="before")
    desk.claim(1, worker="since", now=later(7000))
    desk.database.call("beat", process="since", kind="scheduler", now=later(7195))
    assert desk.read(campaign)["progress"]["calls"] == 2

    begin(desk, at=7200)

    assert desk.database.call("take_recovery", now=later(7200))["age_seconds"] == 7200


def test_it_counts_what_those_that_are_alive_dialed_more_than_a_day_ago(desk: Desk) -> None:
    """A fail-over, which they outlived."""
    desk.campaign(3)
    for days in (0, 1, 2):
        desk.claim(1, worker="always", now=later(days * 86400))
    desk.database.call("beat", process="always", kind="scheduler", now=later(2 * 86400))

    begin(desk, at=2 * 86400)

    assert desk.database.call("take_recovery", now=later(2 * 86400))["age_seconds"] == 86400


def test_it_goes_back_to_the_first_of_several_schedulers_that_died(desk: Desk) -> None:
    desk.database.call("beat", process="before", kind="scheduler", now=NOON)
    desk.database.call("beat", process="since", kind="scheduler", now=later(7000))

    begin(desk, at=7200)

    assert desk.database.call("take_recovery", now=later(7200))["age_seconds"] == 7200


def test_it_takes_no_message_for_the_databases_own_sign_of_life(desk: Desk) -> None:
    campaign = desk.campaign(2)
    _order, provider = desk.dialed(campaign)
    desk.report(provider, now=later(7000))  # after the restore, of a call that the backup has
    desk.event("forgotten", "RINGING", call_id=str(uuid.uuid4()), origin=origin(desk, campaign), now=later(7100))
    desk.database.call("beat", process="w1", kind="webhook", now=later(7000))

    begin(desk, at=7200)

    assert desk.database.call("take_recovery", now=later(7200))["age_seconds"] == 7200


def test_it_goes_back_to_the_first_campaign_where_nobody_was_ever_dialed(desk: Desk) -> None:
    desk.campaign(1)

    begin(desk, at=7200)

    assert desk.database.call("take_recovery", now=later(7200))["age_seconds"] == 7200


def test_it_completes_at_its_start_a_campaign_all_of_whose_calls_were_forgotten(desk: Desk) -> None:
    campaign = desk.campaign(1, started=False)
    begin(desk, at=1000, since=NOON)
    adopt(desk, campaign, at=1001)
    desk.report("p1", now=later(1002))

    started = desk.database.call("start_campaign", id=campaign, actor="Eva", now=later(1003))

    assert (started["status"], desk.read(campaign)["status"]) == ("COMPLETED", "COMPLETED")


def test_it_takes_over_a_call_it_has_forgotten(desk: Desk) -> None:
    campaign = desk.campaign(1)
    begin(desk)
    call_id = str(uuid.uuid4())

    adopted = desk.database.call(
        "adopt_call", call_id=call_id, provider_call_id="p1", origin=origin(desk, campaign), now=later(1)
    )

    assert adopted["is_new"]
    assert desk.call({"call_id": call_id})["provider_call_id"] == "p1"
    took_over(desk, 1)
    took_over(desk, BOUND + 1)
    assert desk.claim(now=later(BOUND + 2)) == []
    desk.report("p1", now=later(BOUND + 3))
    assert desk.read(campaign)["status"] == "COMPLETED"
    assert alarms(desk) == []


def test_it_takes_a_call_over_once(desk: Desk) -> None:
    campaign = desk.campaign(1)
    arguments = {"call_id": str(uuid.uuid4()), "provider_call_id": "p1", "origin": origin(desk, campaign)}

    answers = desk.race(*[lambda: desk.database.call("adopt_call", **arguments)] * 4)

    assert [answer["is_new"] for answer in answers].count(True) >= 1
    assert desk.read(campaign)["progress"]["calls"] == 1


@pytest.mark.parametrize("is_live", [True, False])
def test_it_takes_over_nothing_of_campaigns_it_never_had(desk: Desk, is_live: bool) -> None:
    campaign = desk.campaign(1)
    foreign = origin(desk, campaign, campaign_id=str(uuid.uuid4()))

    answer = desk.database.call(
        "adopt_call", call_id=str(uuid.uuid4()), provider_call_id="p1", origin=foreign, is_live=is_live
    )

    assert not answer["is_new"]
    assert not answer["is_known"]
    assert alarms(desk) == (["foreign_call"] if is_live else [])


def test_it_finds_whose_call_it_was_by_the_number_when_the_provider_repeats_nothing_else(desk: Desk) -> None:
    people = desk.contacts(1)
    campaigns = [desk.campaign(contacts=people) for _ in range(3)]
    begin(desk)
    told = {"phone": people[0]["phone"], "phone_number_id": "line-1", "attempt": 1, "campaign_id": None}

    for name in ("p1", "p2"):
        call_id = str(uuid.uuid4())
        assert desk.database.call("adopt_call", call_id=call_id, provider_call_id=name, origin=told)["is_new"]

    states = [desk.all_contacts(campaign)[0]["state"] for campaign in campaigns]
    assert sorted(states) == ["calling", "calling", "waiting"]


def test_it_hangs_up_no_call_that_is_known_by_its_number_alone(desk: Desk) -> None:
    """Its campaign was stopped, and there are two of them: but another program may have made them."""
    campaign = desk.campaign(1)
    desk.database.call("start_campaign", id=campaign, actor="Eva", now=NOON)
    desk.database.call("stop_campaign", id=campaign, hang_up=False, actor="Eva", now=NOON)
    begin(desk)
    told = origin(desk, campaign) | {"campaign_id": None}

    call_id = str(uuid.uuid4())
    for name in ("p1", "p2"):
        desk.database.call("adopt_call", call_id=call_id, provider_call_id=name, origin=told, now=later(1))

    assert desk.hang_ups(2) == []
    assert desk.database.call("get_health")["active_calls"] == 2


def test_it_asks_for_the_result_of_a_call_whose_end_told_that_it_was_forgotten(desk: Desk) -> None:
    """Its contact was being dialed when the backup was made, and that dial comes to nothing."""
    campaign = desk.campaign(1)
    desk.claim()
    begin(desk)
    call_id = str(uuid.uuid4())
    desk.event("p1", "ENDED", call_id=call_id, origin=origin(desk, campaign), now=later(1))
    assert desk.database.call("take_repairs", now=later(100))["given_back"] == 1

    (asked,) = desk.database.call("take_checks", now=later(101))["calls"]
    assert asked["call_id"] == call_id
    desk.report("p1", fields={"cost_usd": 0.2, "is_attempt": True, "outcome": "conversation"}, now=later(102))

    assert desk.all_contacts(campaign)[0]["outcome"] == "conversation"
    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_takes_over_a_call_that_only_its_message_tells_of(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=1)
    call_id = str(uuid.uuid4())

    recorded = desk.event("p1", "RINGING", call_id=call_id, origin=origin(desk, campaign))

    assert recorded["result"] == "applied"
    assert desk.claim() == []
    assert alarms(desk) == ["unknown_call"]


def test_it_counts_a_forgotten_call_of_somebody_who_is_being_called_as_no_attempt_and_hangs_up(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    call_id = str(uuid.uuid4())

    desk.event("p2", "RINGING", call_id=call_id, origin=origin(desk, campaign))

    assert not desk.call({"call_id": call_id})["is_attempt"]
    assert [call["provider_call_id"] for call in desk.hang_ups(1)] == ["p2"]
    desk.report(provider, now=later(60))
    assert desk.call(order)["status"] == "ENDED"


@pytest.fixture
def second_call(desk: Desk) -> tuple[str, dict[str, Any]]:
    """A campaign of two: one is being called, of the other a call is over, and a second one is under way as "p9"."""
    campaign = desk.campaign(2)
    over, open_ = desk.claim()
    desk.report(desk.dial(over), now=later(1))
    desk.dial(open_)
    desk.database.call(
        "adopt_call", call_id=str(uuid.uuid4()), provider_call_id="p9", origin=origin(desk, campaign), now=later(2)
    )
    return campaign, open_


def test_it_records_the_end_of_a_second_call_though_it_says_that_it_was_an_attempt(desk: Desk, second_call) -> None:
    campaign, _ = second_call

    assert desk.report("p9", now=later(9))["result"] == "applied"

    assert desk.database.call("get_health")["active_calls"] == 1
    assert desk.read(campaign)["progress"]["calls"] == 2


def test_it_completes_the_campaign_when_the_second_call_of_a_contact_is_over(desk: Desk, second_call) -> None:
    campaign, last = second_call
    desk.report(f"provider-{last['call_id']}", now=later(9))
    assert desk.read(campaign)["status"] == "RUNNING"

    desk.report("p9", now=later(20))

    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_goes_as_far_back_as_it_was_ever_told(desk: Desk) -> None:
    begin(desk, since=later(-7200))
    begin(desk, since=later(-60))

    assert desk.database.call("take_recovery", now=NOON)["age_seconds"] == 7200


def test_it_keeps_the_call_it_had_forgotten_when_the_one_it_knew_came_to_nothing(desk: Desk) -> None:
    """The backup was made while a first dial was under way; the second, a conversation, came after it."""
    campaign = desk.campaign(1)
    first = desk.claim()[0]
    desk.in_doubt(first)
    begin(desk)
    call_id = str(uuid.uuid4())
    desk.database.call(
        "adopt_call", call_id=call_id, provider_call_id="p2", origin=origin(desk, campaign), now=later(1)
    )
    desk.report("p2", now=later(2))

    assert [desk.absent(first, at) for at in (60, 120, 300, 700)][-1] == "contact"
    took_over(desk, 1)
    took_over(desk, 700)

    assert desk.claim(now=later(701)) == []
    assert desk.all_contacts(campaign)[0]["outcome"] == "conversation"
    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_dials_whose_forgotten_call_never_was_a_call(desk: Desk) -> None:
    campaign = desk.campaign(1)
    begin(desk, since=NOON)
    adopt(desk, campaign, at=1)
    fields = {"ended_reason": "setup", "outcome": "setup_problem", "human_reached": False, "is_attempt": False}
    desk.report("p1", "FAILED", fields=fields, now=later(2))
    for at in (3, BOUND + 3):
        took_over(desk, at)
    (order,) = desk.claim(now=later(BOUND + 100))
    desk.begin(order, now=later(BOUND + 100))

    desk.database.call("release_call", call_id=order["call_id"], is_trouble=True, now=later(BOUND + 101))

    assert desk.all_contacts(campaign)[0]["state"] == "waiting"
