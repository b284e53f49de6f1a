"""A message of the provider's -> what the database holds."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal

import pytest

from autolynx.calls.messages import receive
from autolynx.database import Database
from autolynx.settings import Settings
from rig import messages
from tests.support.desk import Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_takes_what_the_report_says_and_not_the_stale_call(desk: Desk, take) -> None:
    order, provider = desk.dialed()

    assert take(messages.report(provider)) == "applied"

    call = desk.call(order)
    assert (call["status"], call["ended_reason"], call["outcome"]) == ("ENDED", "customer-ended-call", "conversation")
    assert (call["cost_usd"], call["duration_seconds"]) == (Decimal("0.0512"), Decimal("33.6"))
    assert (call["success_evaluation"], call["human_reached"]) == (True, True)
    assert call["recording_url"] == "https://storage.vapi.ai/1-mono.wav"
    assert call["transcript_json"]["summary"] == "Ana confirmed her appointment."
    assert [turn["role"] for turn in call["transcript_json"]["messages"]] == ["system", "assistant", "user"]


def test_it_finds_the_call_by_our_id_when_it_was_not_confirmed_yet(desk: Desk, take) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)

    assert take(messages.status_update("p1", "ringing", our_call_id=order["call_id"])) == "applied"

    assert desk.call(order)["provider_call_id"] == "p1"


def test_it_knows_a_repeated_report_by_its_content_though_signed_links_differ(desk: Desk, take) -> None:
    order, provider = desk.dialed()
    first = json.loads(messages.report(provider))["message"]
    again = first | {"artifact": first["artifact"] | {"presignedMonoUrl": "https://x/2"}, "timestamp": 1}

    assert [take(messages.body(first)), take(messages.body(again))] == ["applied", "duplicate"]
    assert len(desk.call(order)["events"]) == 1


def test_it_completes_an_earlier_report_when_a_fuller_one_follows(desk: Desk, take) -> None:
    order, provider = desk.dialed()
    poor = json.loads(messages.report(provider))["message"]
    del poor["cost"], poor["analysis"]

    assert [take(messages.body(poor)), take(messages.report(provider))] == ["applied", "applied"]

    call = desk.call(order)
    assert (call["cost_usd"], call["success_evaluation"]) == (Decimal("0.0512"), True)


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("No", False), ("8", None), ("", None)])
def test_it_reads_a_success_evaluation_where_it_is_a_yes_or_a_no(desk: Desk, take, said: str, meant: object) -> None:
    order, provider = desk.dialed()

    take(messages.report(provider, analysis={"successEvaluation": said}))

    assert desk.call(order)["success_evaluation"] is meant


@pytest.mark.parametrize(
    ("cost", "stored"), [(0.00005, "0.0000"), (0.00015, "0.0002"), (-1, None), (None, None), ("NaN", None), ([], None)]
)
def test_it_rounds_money_to_four_places_and_drops_nonsense(desk: Desk, take, cost: object, stored: str | None) -> None:
    order, provider = desk.dialed()

    take(messages.report(provider, cost=cost))

    found = desk.call(order)["cost_usd"]
    assert found == (None if stored is None else Decimal(stored))


@pytest.mark.parametrize("link", ["http://storage.vapi.ai/x.wav", "javascript:alert(1)", "ftp://x/y", 7])
def test_it_keeps_only_https_recording_links(desk: Desk, take, link: object) -> None:
    order, provider = desk.dialed()

    take(messages.report(provider, artifact={"recordingUrl": link}))

    assert desk.call(order)["recording_url"] is None


@pytest.mark.parametrize("reason", ["pipeline-error-of-tomorrow", "x" * 5000, "Grüße"])
def test_it_keeps_a_reason_never_seen_before_as_it_came(desk: Desk, take, reason: str) -> None:
    order, provider = desk.dialed()

    take(messages.report(provider, endedReason=reason))

    assert (desk.call(order)["ended_reason"], desk.call(order)["status"]) == (reason, "FAILED")


def test_it_counts_a_reason_never_seen_before_once_a_call(desk: Desk, take, connection) -> None:
    _order, provider = desk.dialed()
    for body in [messages.report(provider, endedReason="of-tomorrow")] * 2:
        take(body)

    counted = connection.execute("select type, count from public.message_counts").fetchall()
    assert counted == [("unknown ended reason of-tomorrow", 1)]


@pytest.mark.parametrize(
    ("reason", "status", "outcome"),
    [("customer-busy", "FAILED", "busy"), ("customer-ended-call", "ENDED", "conversation")],
)
def test_it_believes_the_reason_that_follows_an_end_without_one(
    desk: Desk, take, reason: str, status: str, outcome: str
) -> None:
    order, provider = desk.dialed()
    take(messages.status_update(provider, "ended"))

    take(messages.report(provider, endedReason=reason))

    assert (desk.call(order)["status"], desk.call(order)["outcome"]) == (status, outcome)


def test_it_tells_the_statuses_of_a_call_apart(desk: Desk, take) -> None:
    order, provider = desk.dialed()
    said = [messages.status_update(provider, status) for status in ("ringing", "in-progress", "in-progress")]

    assert [take(message) for message in said] == ["applied", "applied", "duplicate"]
    assert desk.call(order)["status"] == "IN_PROGRESS"


def test_it_awaits_the_report_after_the_end(desk: Desk, take) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)

    take(messages.status_update(provider, "ended", endedReason="customer-ended-call"))

    assert desk.call(order)["status"] == "ENDED"
    assert desk.read(campaign)["status"] == "RUNNING"


def test_it_takes_over_a_call_of_ours_that_it_does_not_know(desk: Desk, take) -> None:
    campaign = desk.campaign(1)
    call_id = str(uuid.uuid4())
    called = messages.call("p1", call_id) | {"customer": {"number": desk.all_contacts(campaign)[0]["phone"]}}
    called["assistantOverrides"]["metadata"] |= {"autolynx_campaign_id": campaign, "attempt": 1}

    assert take(messages.status_update("p1", "ringing", call=called)) == "applied"

    assert desk.call({"call_id": call_id})["status"] == "RINGING"


@pytest.mark.parametrize("kind", ["transcript", "speech-update", "of-tomorrow"])
def test_it_counts_a_message_of_a_type_we_do_not_use(desk: Desk, take, connection, kind: str) -> None:
    assert take(messages.body({"type": kind})) == "unused"
    assert take(messages.body({"type": kind})) == "unused"

    assert connection.execute("select type, count from public.message_counts").fetchall() == [(kind, 2)]


def test_it_pauses_the_campaign_when_the_account_ran_out_of_credit(desk: Desk, take) -> None:
    campaign = desk.campaign(2)
    _order, provider = desk.dialed(campaign)

    take(messages.report(provider, endedReason="call.start.error-subscription-insufficient-credits", startedAt=None))

    found = desk.read(campaign)
    assert found["status"] == "PAUSED"
    assert found["status_reason"]
    assert found["progress"]["waiting"] == 2


def test_it_keeps_a_cost_when_a_second_report_names_none(desk: Desk, take) -> None:
    order, provider = desk.dialed()
    take(messages.report(provider, cost=0.1578))

    take(messages.report(provider, cost=0, endedReason="customer-ended-call", summary="Later."))

    assert desk.call(order)["cost_usd"] == Decimal("0.1578")


def test_it_does_not_pause_again_for_trouble_older_than_the_resume(desk: Desk, take) -> None:
    campaign = desk.campaign(2)
    _order, provider = desk.dialed(campaign)
    reason = "call.start.error-subscription-insufficient-credits"
    take(messages.status_update(provider, "ended", endedReason=reason))
    assert desk.read(campaign)["status"] == "PAUSED"
    desk.database.call("resume_campaign", id=campaign, actor="Eva", now=later(60))

    take(messages.report(provider, endedReason=reason))

    assert desk.read(campaign)["status"] == "RUNNING"


def test_it_believes_the_reported_length_when_a_status_came_out_of_order(desk: Desk, take) -> None:
    order, provider = desk.dialed()
    take(messages.status_update(provider, "ended", endedReason="customer-ended-call"))
    take(messages.status_update(provider, "in-progress"))

    take(messages.report(provider, startedAt=None, endedAt=None, durationSeconds=33.6))

    assert desk.call(order)["duration_seconds"] == Decimal("33.6")


def test_it_takes_the_fuller_of_what_one_report_says_twice(desk: Desk, settings: Settings) -> None:
    order, provider = desk.dialed()
    turns = [{"role": "bot", "message": "Hi."}, {"role": "user", "message": "Yes."}]
    system = {"messages": [{"role": "system", "message": "Be brief."}]}

    receive(
        desk.database,
        settings,
        messages.report(provider, cost=0, costBreakdown={"total": 0.31}, artifact=system, messages=turns),
    )

    call = desk.call(order)
    assert (call["cost_usd"], len(call["transcript_json"]["messages"])) == (Decimal("0.31"), 2)


def test_it_takes_the_earlier_of_two_messages_that_a_call_is_answered(desk: Desk, settings: Settings) -> None:
    began = []
    for moments in ((1774539800120, 1774539805120), (1774539805120, 1774539800120)):
        order, provider = desk.dialed()
        for moment in moments:
            body = json.loads(messages.status_update(provider, "in-progress"))
            body["message"]["timestamp"] = moment
            receive(desk.database, settings, json.dumps(body).encode())
        began.append(desk.call(order)["started_at"])

    assert began[0] == began[1]


def test_it_measures_no_talk_by_two_clocks(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.event(provider, "IN_PROGRESS", now=later(10))

    desk.report(provider, fields={"ended_at": later(-3600).isoformat()}, now=later(40))

    assert desk.call(order)["duration_seconds"] is None
