"""Recording: an event is kept once, applied forward only, and settles what it ends."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_moves_the_call_forward_through_its_life(desk: Desk) -> None:
    order, provider = desk.dialed()

    seen = [desk.event(provider, status)["status"] for status in ("RINGING", "IN_PROGRESS", "ENDED")]

    assert seen == ["RINGING", "IN_PROGRESS", "ENDED"]
    assert [event["status"] for event in desk.call(order)["events"]] == ["RINGING", "IN_PROGRESS", "ENDED"]


def test_it_never_moves_the_call_back_when_messages_are_reordered(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.report(provider)

    for status in ("QUEUED", "RINGING", "IN_PROGRESS"):
        assert desk.event(provider, status)["status"] == "ENDED"
    assert len(desk.call(order)["events"]) == 4


def test_it_keeps_a_duplicate_once_when_eight_arrive_at_once(desk: Desk) -> None:
    order, provider = desk.dialed()

    results = [answer["result"] for answer in desk.race(*[lambda: desk.report(provider)] * 8)]

    assert sorted(results) == ["applied"] + ["duplicate"] * 7
    assert len(desk.call(order)["events"]) == 1


def test_it_settles_the_contact_and_completes_the_campaign_with_the_report(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    desk.event(provider, "ENDED")
    assert desk.read(campaign)["status"] == "RUNNING"

    desk.report(provider, now=later(9))

    found = desk.read(campaign)
    assert found["status"] == "COMPLETED"
    assert found["completed_at"] is not None
    assert found["stats_json"] == found["progress"]
    assert desk.call(order)["cost_usd"] == Decimal("0.05")
    assert desk.all_contacts(campaign)[0]["outcome"] == "conversation"


def figures_of(desk: Desk, campaign: str) -> list[Any]:
    """Its cost by every way in which it is shown, and by hand."""
    (listed,) = desk.database.call("list_campaigns")["campaigns"]
    read = desk.read(campaign)
    ((kept,),) = desk.execute("select stats_json from public.campaigns")
    ((by_hand,),) = desk.execute("select coalesce(sum(cost_usd), 0) from public.calls where is_attempt")
    shown = [listed["progress"], listed["stats_json"], read["progress"], read["stats_json"]]
    shown += [kept] if read["completed_at"] else []
    return [*(Decimal(str(each["cost_usd"])) for each in shown), by_hand]


def test_it_shows_one_figure_everywhere_in_every_state(desk: Desk) -> None:
    campaign = desk.campaign(3, started=False)
    seen = [figures_of(desk, campaign)]
    desk.database.call("start_campaign", id=campaign, actor="Eva", now=NOON)
    providers = [desk.dial(order) for order in desk.claim()]
    desk.report(providers[0], now=later(5), fields={"cost_usd": 0.4233})
    seen.append(figures_of(desk, campaign))
    desk.event(providers[1], "ENDED", now=later(6), fields={"cost_usd": 0.01})
    desk.database.call("stop_campaign", id=campaign, actor="Eva", now=later(7))
    seen.append(figures_of(desk, campaign))
    desk.event(providers[1], "ENDED", now=later(8), dedup_key="again", fields={"cost_usd": 0.02})
    seen.append(figures_of(desk, campaign))
    desk.report(providers[1], now=later(9), fields={"cost_usd": 5.0})
    desk.report(providers[2], now=later(9), fields={"cost_usd": 0.4506})
    seen.append(figures_of(desk, campaign))

    assert [set(each) for each in seen] == [{Decimal(cost)} for cost in ("0", "0.4233", "0.4333", "0.4433", "5.8739")]


def test_it_shows_what_a_late_report_brought_after_the_end(desk: Desk) -> None:
    campaign = desk.campaign(1)
    _, provider = desk.dialed(campaign)
    desk.report(provider, now=later(5), fields={"cost_usd": 0.4233})

    desk.report(provider, now=later(900), dedup_key="late", fields={"cost_usd": 5.8739})

    assert desk.read(campaign)["status"] == "COMPLETED"
    assert set(figures_of(desk, campaign)) == {Decimal("5.8739")}


def test_it_keeps_the_figures_of_both_when_two_calls_are_told_of_at_once_after_the_end(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=2)
    one, other = [desk.dial(order) for order in desk.claim()]
    desk.database.call("stop_campaign", id=campaign, actor="Eva", now=later(1))

    meeting = desk.interleave(
        lambda: desk.report(one, now=later(5)), lambda: desk.event(other, "RINGING", now=later(5))
    )

    assert meeting.had_to_wait
    ((kept,),) = desk.execute("select stats_json from public.campaigns")
    assert (kept["by_status"], kept["cost_usd"]) == ({"ENDED": 1, "RINGING": 1}, Decimal("0.05"))


@pytest.mark.parametrize("round_", range(3))
def test_it_completes_the_campaign_when_the_last_reports_arrive_at_once(desk: Desk, round_: int) -> None:
    campaign = desk.campaign(8)
    orders = desk.claim()
    providers = [desk.confirm(order) for order in orders if desk.begin(order)]

    desk.race(*[lambda p=p: desk.report(p) for p in providers])

    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_matches_an_event_that_outruns_the_confirm_by_our_id(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)

    desk.event("p1", "IN_PROGRESS", call_id=order["call_id"])
    desk.confirm(order, "p1")

    call = desk.call(order)
    assert (call["status"], call["provider_call_id"], call["dial_state"]) == (
        "IN_PROGRESS",
        "p1",
        "confirmed",
    )
    assert desk.read(campaign)["status"] == "RUNNING"


def test_it_keeps_an_unknown_calls_event_aside(desk: Desk, connection) -> None:
    assert desk.event("nobody", "RINGING")["result"] == "unmatched"
    assert desk.event("nobody", "RINGING")["result"] == "unmatched"

    assert connection.execute("select count(*) from public.stray_events").fetchone() == (1,)


def test_it_raises_an_alarm_when_an_unknown_call_has_an_id_like_ours(desk: Desk) -> None:
    def codes() -> list[str]:
        return [alarm["code"] for alarm in desk.database.call("list_alarms", now=NOON)["alarms"]]

    desk.event("nobody", "RINGING")
    assert codes() == []

    for number in range(2):
        desk.event(f"p{number}", "RINGING", call_id=str(uuid.uuid4()))

    assert codes() == ["unknown_call"]


def test_it_raises_an_alarm_when_an_unknown_call_names_a_campaign_that_there_is_not(desk: Desk) -> None:
    told = {"campaign_id": str(uuid.uuid4()), "phone": "+14155550001", "attempt": 1, "phone_number_id": "line-1"}

    assert desk.event("p1", "RINGING", call_id=str(uuid.uuid4()), origin=told)["result"] == "unmatched"

    (alarm,) = desk.database.call("list_alarms", now=NOON)["alarms"]
    assert (alarm["code"], "--since" in alarm["text"]) == ("unknown_call", True)


def test_it_asks_the_provider_at_once_when_a_stray_event_came_before_the_confirm(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.event("p1", "ENDED")

    desk.confirm(order, "p1")

    assert len(desk.database.call("take_checks", now=NOON)["calls"]) == 1


def test_it_refuses_to_take_a_second_provider_call_for_one_of_ours(desk: Desk) -> None:
    order, _provider = desk.dialed()

    assert desk.event("another", "RINGING", call_id=order["call_id"])["result"] == "unmatched"
    assert [alarm["code"] for alarm in desk.database.call("list_alarms")["alarms"]] == ["second_call"]


def test_it_completes_field_by_field_and_never_erases_with_nothing(desk: Desk) -> None:
    order, provider = desk.dialed()
    first = {"cost_usd": 0.5, "transcript_json": {"summary": "Yes."}, "ended_reason": "voicemail"}
    desk.report(provider, fields=first)

    desk.report(provider, fields={"transcript_json": {"messages": [1]}, "cost_usd": None}, dedup_key="second")

    call = desk.call(order)
    assert call["cost_usd"] == Decimal("0.5")
    assert call["ended_reason"] == "voicemail"
    assert call["transcript_json"] == {"summary": "Yes.", "messages": [1]}


def test_it_takes_the_cost_that_was_reported_last(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.report(provider)

    desk.report(provider, fields={"cost_usd": 0.06}, dedup_key="second")

    assert desk.call(order)["cost_usd"] == Decimal("0.06")


def test_it_replaces_a_guess_with_the_providers_own_report(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    for minute in range(6):
        desk.database.call(
            "note_silence", call_id=order["call_id"], is_unknown=True, reason="unknown", now=later(60 * minute)
        )
    assert desk.call(order)["status"] == "TIMEOUT"
    assert desk.read(campaign)["status"] == "COMPLETED"

    desk.report(provider, now=later(3600))

    assert desk.call(order)["status"] == "ENDED"
    assert desk.all_contacts(campaign)[0]["outcome"] == "conversation"


def test_it_keeps_a_final_status_that_was_no_guess(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.report(provider, "ENDED")

    desk.event(provider, "FAILED", fields={"ended_reason": "pipeline-error-openai-llm-failed"})

    call = desk.call(order)
    assert (call["status"], call["cost_usd"]) == ("ENDED", Decimal("0.05"))


def test_it_waits_ten_minutes_when_the_provider_cannot_tell(desk: Desk) -> None:
    order, _ = desk.dialed()

    def silent(at: float) -> bool:
        answer = desk.database.call(
            "note_silence", call_id=order["call_id"], is_unknown=False, reason="x", now=later(at)
        )
        return bool(answer["given_up"])

    assert [silent(at) for at in (60, 120, 180, 659, 660)] == [*[False] * 4, True]
    assert desk.call(order)["status"] == "TIMEOUT"


def test_it_asks_about_silent_calls_and_about_missing_reports(desk: Desk) -> None:
    desk.campaign(3)
    talking, ended, done = (desk.dialed("")[1] for _ in range(3))
    desk.event(talking, "IN_PROGRESS", now=later(30))
    desk.event(ended, "ENDED")
    desk.report(done)

    def due(at: float) -> list[str]:
        return [call["provider_call_id"] for call in desk.database.call("take_checks", now=later(at))["calls"]]

    assert due(59) == []
    assert due(61) == [ended]
    assert due(91) == [talking]
    assert due(92) == []


def test_it_gives_the_contact_back_when_the_accounts_limit_ended_the_call(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)

    desk.report(provider, "FAILED", fields={"is_attempt": False, "ended_reason": "limit"})

    assert desk.read(campaign)["progress"]["waiting"] == 1
    assert desk.claim(now=later(14)) == []
    assert desk.claim(now=later(15))[0]["attempt"] == 1
    assert order["attempt"] == 1


def test_it_dials_nobody_again_when_a_call_that_was_no_attempt_is_later_said_to_be_one(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    desk.report(provider, "FAILED", fields={"is_attempt": False, "ended_reason": "limit"})

    desk.report(provider, dedup_key="fuller")

    assert desk.claim(now=later(60)) == []
    assert desk.call(order)["is_attempt"]
    found = desk.read(campaign)
    assert (found["status"], found["progress"]["calls"]) == ("COMPLETED", 1)
    assert found["progress"]["cost_usd"] == Decimal("0.05")


def test_it_leaves_a_call_no_attempt_when_its_contact_has_been_dialed_again_meanwhile(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    desk.report(provider, "FAILED", fields={"is_attempt": False, "ended_reason": "limit"})
    (again,) = desk.claim(now=later(20))

    desk.report(provider, dedup_key="fuller", now=later(21))

    assert not desk.call(order)["is_attempt"]
    desk.report(desk.dial(again, now=later(22)), now=later(60))
    found = desk.read(campaign)
    assert (found["status"], found["progress"]["calls"]) == ("COMPLETED", 1)


def test_it_measures_the_talk_by_its_times(desk: Desk) -> None:
    order, provider = desk.dialed()
    times = {"started_at": later(10).isoformat(), "ended_at": later(72.5).isoformat()}

    desk.report(provider, fields=times)

    assert desk.call(order)["duration_seconds"] == Decimal("62.5")
