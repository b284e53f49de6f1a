"""A body from the provider -> what the database holds."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from autolynx.calls.messages import receive
from autolynx.calls.payloads import NotAnObject
from autolynx.calls.snapshots import record_snapshot
from autolynx.database import Database
from autolynx.settings import Settings
from autolynx.vapi.lenient import read_json
from autolynx.vapi.wire import WireCall
from rig import messages
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def take(desk: Desk, settings: Settings):
    return lambda body: receive(desk.database, settings, body).result


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


def to_hang_up(desk: Desk, order: dict[str, Any]) -> str | None:
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)
    (call,) = desk.hang_ups(0)
    return call["control_url"]


def begun(desk: Desk) -> dict[str, Any]:
    """A dial whose answer has not come yet."""
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    return order


def test_it_learns_from_the_first_message_where_a_call_is_ended(desk: Desk, take) -> None:
    order = begun(desk)

    take(messages.status_update("p1", "ringing", our_call_id=order["call_id"], control_url="https://c.example/1"))
    take(messages.status_update("p1", "in-progress", control_url="https://c.example/2"))

    assert to_hang_up(desk, order) == "https://c.example/1"


@pytest.mark.parametrize("url", ["http://c.example/1", "https://a:b@c.example/1", "file:///etc/passwd", "c"])
def test_it_keeps_no_address_that_may_not_be_followed(desk: Desk, take, url: str) -> None:
    order = begun(desk)

    take(messages.status_update("p1", "ringing", our_call_id=order["call_id"], control_url=url))

    assert to_hang_up(desk, order) is None


def test_it_learns_where_a_call_is_ended_when_it_asks_for_the_call(desk: Desk, settings: Settings, take) -> None:
    order = begun(desk)
    take(messages.status_update("p1", "ringing", our_call_id=order["call_id"]))

    answer = messages.call("p1") | {"status": "ringing", "monitor": {"controlUrl": "https://c.example/1"}}
    record_snapshot(desk.database, settings, WireCall.model_validate(answer))

    assert to_hang_up(desk, order) == "https://c.example/1"


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


def test_it_replaces_what_postgres_cannot_store(desk: Desk, take) -> None:
    order, provider = desk.dialed()

    assert take(messages.report(provider, analysis={"summary": "a\x00b\ud800c"})) == "applied"

    assert desk.call(order)["transcript_json"]["summary"] == "a�b�c"


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


@pytest.mark.parametrize(
    "odd",
    [{}, {"message": None}, {"message": {"type": 5}}, {"message": {"type": "status-update"}}],
)
def test_it_keeps_what_it_cannot_read_raw_with_the_reason(desk: Desk, take, connection, odd: dict) -> None:
    assert take(json.dumps(odd).encode()) == "unreadable"

    payload, reason = connection.execute("select payload, reason from public.stray_events").fetchone()
    assert payload == odd
    assert reason


@pytest.mark.parametrize("rubbish", [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
def test_it_refuses_a_body_that_is_no_json_object(take, rubbish: bytes) -> None:
    with pytest.raises(NotAnObject):
        take(rubbish)


def test_it_pauses_the_campaign_when_the_account_ran_out_of_credit(desk: Desk, take) -> None:
    campaign = desk.campaign(2)
    _order, provider = desk.dialed(campaign)

    take(messages.report(provider, endedReason="call.start.error-subscription-insufficient-credits", startedAt=None))

    found = desk.read(campaign)
    assert found["status"] == "PAUSED"
    assert found["status_reason"]
    assert found["progress"]["waiting"] == 2


def snapshot(provider: str, **others: object) -> WireCall:
    return WireCall.model_validate(
        {"id": provider, "status": "ended", "endedReason": "customer-ended-call", "cost": 0} | others
    )


@pytest.mark.parametrize("lacks", ["analysis", "cost", "endedAt"])
def test_it_asks_again_when_the_provider_answers_before_its_result_is_whole(
    desk: Desk, settings: Settings, lacks: str
) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    just_now = datetime.now(UTC).isoformat()
    early = {"endedAt": just_now, "cost": 0.1, "analysis": {"summary": "Yes."}}
    del early[lacks]

    record_snapshot(desk.database, settings, snapshot(provider, **early))

    assert (desk.call(order)["status"], desk.read(campaign)["status"]) == ("ENDED", "RUNNING")
    whole = snapshot(provider, endedAt=just_now, cost=0.1, analysis={"summary": "Yes."})
    record_snapshot(desk.database, settings, whole)
    assert (desk.call(order)["cost_usd"], desk.read(campaign)["status"]) == (Decimal("0.1"), "COMPLETED")


def test_it_takes_nothing_back_when_an_answer_is_recorded_that_was_read_before_the_report(
    desk: Desk, settings: Settings, take
) -> None:
    order, provider = desk.dialed()
    early = snapshot(provider, endedAt="2026-11-23T12:00:59.000Z", cost=0)
    take(messages.status_update(provider, "ended", endedReason="customer-ended-call"))
    take(messages.report(provider, cost=0.1578))
    whole = desk.call(order)

    record_snapshot(desk.database, settings, early)

    kept = ("cost_usd", "ended_at", "started_at", "ended_reason", "transcript_json", "duration_seconds", "outcome")
    assert {name: desk.call(order)[name] for name in kept} == {name: whole[name] for name in kept}
    assert whole["cost_usd"] == Decimal("0.1578")


def test_it_keeps_a_cost_when_a_second_report_names_none(desk: Desk, take) -> None:
    order, provider = desk.dialed()
    take(messages.report(provider, cost=0.1578))

    take(messages.report(provider, cost=0, endedReason="customer-ended-call", summary="Later."))

    assert desk.call(order)["cost_usd"] == Decimal("0.1578")


@pytest.mark.parametrize("ended_at", ["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"], ids=["long ago", "in future"])
def test_it_takes_an_answer_for_whole_when_we_have_known_long_enough_that_it_is_over(
    desk: Desk, settings: Settings, connection, ended_at: str
) -> None:
    """By our own clock, whatever the provider's says of the end."""
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    answer = snapshot(provider, endedAt=ended_at)
    record_snapshot(desk.database, settings, answer)
    assert desk.read(campaign)["status"] == "RUNNING"
    connection.execute("update public.calls set over_since = over_since - interval '1 minute'")

    record_snapshot(desk.database, settings, answer)

    assert desk.read(campaign)["status"] == "COMPLETED"
    assert len(desk.call(order)["events"]) == 1


def test_it_forgets_that_the_provider_was_silent_when_it_answers_the_same_again(desk: Desk, settings: Settings) -> None:
    order, provider = desk.dialed()
    talking = snapshot(provider, status="in-progress", endedReason=None)
    record_snapshot(desk.database, settings, talking)
    silence = {"call_id": order["call_id"], "is_unknown": False, "reason": "x"}
    desk.database.call("note_silence", now=NOON, **silence)

    record_snapshot(desk.database, settings, talking)

    assert not desk.database.call("note_silence", now=later(700), **silence)["given_up"]
    assert desk.call(order)["status"] == "IN_PROGRESS"


@pytest.mark.parametrize("status", ["ended", "deletion-failed"])
def test_it_stores_an_answer_with_characters_postgres_cannot(desk: Desk, settings: Settings, status: str) -> None:
    order, provider = desk.dialed()

    record_snapshot(desk.database, settings, snapshot(provider, status=status, analysis={"summary": "a\x00b\ud800"}))

    assert desk.call(order)["transcript_json"]["summary"] == "a�b�"


@pytest.mark.parametrize(
    "odd",
    [
        {"durationSeconds": 1e10, "startedAt": None, "endedAt": None},
        {"startedAt": "2001-01-01T00:00:00Z", "endedAt": "2026-01-01T00:00:00Z"},
        {"endedReason": "x" * 9000},
    ],
)
def test_it_records_a_report_with_outlandish_values(desk: Desk, take, odd: dict) -> None:
    order, provider = desk.dialed()

    assert take(messages.report(provider, **odd)) == "applied"

    assert desk.call(order)["report_at"] is not None


def nested(depth: int) -> bytes:
    return b'{"message": {"type": "status-update", "status": "ringing", "call": {"id": "p"}, "x": ' + (
        b"[" * depth + b"]" * depth + b"}}"
    )


@pytest.mark.parametrize("body", [nested(700), b'{"message": {"type": "\xed\xa0\x80"}}'])
def test_it_keeps_what_is_too_deep_or_no_utf8(desk: Desk, take, connection, body: bytes) -> None:
    assert take(body) in ("unreadable", "unused", "unmatched")


NUMBERS = ["9" * 5_000, "-" + "9" * 5_000, "9" * 200_000, "1e999999", "NaN"]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{number[:6]} of {len(number)}")
def test_it_applies_a_report_and_keeps_its_number_that_nothing_can_hold(
    desk: Desk, take, connection, number: str
) -> None:
    order, provider = desk.dialed()
    body = messages.report(provider, cost="here", durationSeconds="here", analysis={"summary": "Good."})

    assert take(body.replace(b'"here"', number.encode())) == "applied"

    call = desk.call(order)
    assert (call["cost_usd"], call["transcript_json"]["summary"]) == (None, "Good.")
    assert call["report_at"] is not None
    (kept,) = connection.execute("select payload -> 'message' ->> 'cost' from public.call_events").fetchone()
    assert kept == number


DEPTHS = [199, 480, 700, 20_000, 200_000]


@pytest.mark.parametrize("depth", DEPTHS)
def test_it_applies_a_report_that_is_nested_too_deep_and_keeps_all_of_it(
    desk: Desk, take, connection, depth: int
) -> None:
    order, provider = desk.dialed()
    body = messages.report(provider, analysis={"summary": "Good.", "structuredData": "here"})

    assert take(body.replace(b'"here"', b"[" * depth + b'"in there"' + b"]" * depth)) == "applied"

    call = desk.call(order)
    assert (call["report_at"] is not None, call["transcript_json"]["summary"]) == (True, "Good.")
    (kept,) = connection.execute("select payload::text from public.call_events").fetchone()
    assert kept.count("[") == kept.count("]") >= depth
    assert "in there" in kept


@pytest.mark.parametrize("depth", DEPTHS)
def test_it_finishes_a_call_whose_answer_is_nested_too_deep(desk: Desk, settings: Settings, depth: int) -> None:
    order, provider = desk.dialed()
    answer = messages.call(provider) | {"status": "ended", "endedReason": "customer-ended-call", "odd": "here"}
    body = json.dumps(answer).replace('"here"', "[" * depth + "7" + "]" * depth)

    call = WireCall.model_validate(read_json(httpx.Response(200, content=body)))

    assert record_snapshot(desk.database, settings, call).result == "applied"
    assert desk.call(order)["status"] == "ENDED"


def test_it_masks_what_is_secret_far_down(desk: Desk, settings, connection) -> None:
    _order, provider = desk.dialed()
    secrets = {"apiKey": "s3cr3t", "headers": {"X": "s3cr3t"}, "note": f"it is {settings.webhook_secret}"}
    body = messages.status_update(provider, "ringing", near=secrets, deep="here")
    for depth in (150, 300, 3_000):
        receive(
            desk.database,
            settings,
            body.replace(b'"here"', b"[" * depth + json.dumps(secrets).encode() + b"]" * depth),
        )

    stored = "".join(row[0] for row in connection.execute("select payload::text from public.call_events").fetchall())
    assert "ringing" in stored
    assert all(word not in stored for word in (settings.webhook_secret, "s3cr3t"))


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


def test_it_masks_secrets_wherever_the_provider_repeats_them(desk: Desk, settings, connection) -> None:
    _order, provider = desk.dialed()
    secret = settings.webhook_secret
    server = {"url": "https://x", "headers": {"X-Vapi-Secret": secret, "X-Other": "token-of-others"}, "secret": "s3"}
    tools = [{"server": {"headers": {"Authorization": "Bearer token-of-others"}}}]
    call = messages.call(provider) | {"assistantOverrides": {"server": server, "model": {"tools": tools}}}

    body = messages.body({"type": "status-update", "status": "ringing", "call": call, "note": f"it is {secret}!"})
    receive(desk.database, settings, body)

    stored = connection.execute("select payload::text from public.call_events").fetchone()[0]
    assert "ringing" in stored
    assert all(word not in stored for word in (secret, "token-of-others", "s3"))


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
