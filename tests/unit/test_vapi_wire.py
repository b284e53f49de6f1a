"""What comes over the wire: one odd field never loses the rest."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from autolynx.vapi.wire import (
    ListedCall,
    ServerMessage,
    WireAssistant,
    WireCall,
    WirePhoneNumber,
    conversation,
    moment,
    money,
    safe_link,
    verdict,
)

CALL_ID = "5f0c1d52-6a39-4c8e-9d6b-1f0e8a7b2c3d"
NOON = datetime(2026, 3, 26, 12, 0, tzinfo=UTC)
NONSENSE = [7, "x", [], {}, True, None, [[1]], -3.5]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0512, "0.0512"),
        (0, "0.0000"),
        (-0.0, "0.0000"),
        ("0.1", "0.1000"),
        (0.00005, "0.0000"),  # half to even
        (0.00015, "0.0002"),
        (0.00025, "0.0002"),
        (1234567.0, None),
        (-0.01, None),
        (-0.00001, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e300, None),
        ("free", None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_it_reads_money_when_it_is_a_sum_somebody_can_pay(value, expected):
    assert money(value) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-26T12:00:00.000Z", NOON),
        ("2026-03-26T14:00:00+02:00", NOON),
        ("2026-03-26T12:00:00", NOON),
        (1774526400000, NOON),
        (1774526400, NOON),
        ("1774526400000", NOON),
        (1774526400000.0, NOON),
        (NOON, NOON),
        ("", None),
        ("yesterday", None),
        (0, None),
        (-5, None),
        (float("nan"), None),
        (10**40, None),
        ("9999-12-31T23:59:59-23:59", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999999999-01-01T00:00:00Z", None),
        ("2026-03-26T12:00:00+99:00", None),
        ("9" * 5000, None),
        (Decimal("1774526400.000"), NOON),
        (Decimal("NaN"), None),
        (Decimal("1e400"), None),
        (True, None),
        ({"at": 1}, None),
        (None, None),
    ],
)
def test_it_reads_a_time_when_it_is_iso_or_epoch(value, expected):
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[("true", True), ("PASS", True), (" Yes ", True), (True, True)],
        *[("False", False), ("fail", False), ("NO", False), (False, False)],
        *[("8", None), ("Good", None), ("", None), (1, None), (None, None), ({}, None)],
    ],
)
def test_it_reads_a_success_evaluation_when_it_is_a_yes_or_a_no(value, expected):
    assert verdict(value) is expected


@pytest.mark.parametrize(
    "url",
    ["https://storage.vapi.ai/a-mono.wav", "https://x.example:8443/a?b=c#d", "https://[::1]/a"],
)
def test_it_keeps_a_link_when_it_is_https(url):
    assert safe_link(url, allow_http_loopback=False) == url


@pytest.mark.parametrize(
    "url",
    [
        *["http://x.example/a", "javascript:alert(1)", "data:text/html,x", "ftp://x/a", "//x.example/a"],
        *[
            "https://me:secret@x.example/",
            "https://x.example/a b",
            "https://x.example/\n",
            " https://x.example/",
        ],
        *["https://x.example\\@evil/", "https://[::1", "https://x:99999/", "https://x/" + "a" * 5000],
        *["https://", "https:/x.example", "HTTPS//x", "java\tscript:alert(1)", "", None, 7, {}],
    ],
)
def test_it_drops_a_link_when_it_is_not_safe(url):
    assert safe_link(url, allow_http_loopback=True) is None


def test_it_keeps_http_only_when_the_simulator_on_this_machine_may_send_it():
    url = "http://127.0.0.1:8503/recordings/a.wav"
    assert safe_link(url, allow_http_loopback=True) == url
    assert safe_link(url, allow_http_loopback=False) is None
    assert safe_link("http://127.0.0.1.example.com/a", allow_http_loopback=True) is None


def test_it_tells_a_conversation_when_messages_are_odd_in_places():
    messages = [
        {"role": "system", "message": "You call.", "time": 1774526400000, "secondsFromStart": 0},
        {"role": "bot", "message": "Hi Ana.", "secondsFromStart": 1.28, "duration": 1900},
        {"role": "tool_calls", "toolCalls": []},
        "not a message",
        {"role": "user", "message": "Yes.", "time": 1774526404500, "secondsFromStart": "soon"},
        {"role": "assistant", "content": "Bye."},
        {"role": 5, "message": "lost"},
        {"role": "user", "message": None},
    ]
    assert conversation(messages) == [
        {"role": "system", "message": "You call.", "seconds_from_start": 0.0},
        {"role": "assistant", "message": "Hi Ana.", "seconds_from_start": 1.28},
        {"role": "user", "message": "Yes.", "seconds_from_start": 4.5},
        {"role": "assistant", "message": "Bye.", "seconds_from_start": None},
    ]
    assert conversation(None) == []


REPORT = {
    "type": "end-of-call-report",
    "timestamp": 1774526446900,
    "endedReason": "customer-ended-call",
    "startedAt": "2026-03-26T12:00:00.000Z",
    "endedAt": "2026-03-26T12:00:33.600Z",
    "durationSeconds": 99,
    "cost": 0.05125,
    "costBreakdown": {"total": 0.07},
    "analysis": {"summary": "She agreed.", "successEvaluation": "true", "structuredData": {"a": 1}},
    "artifact": {
        "messages": [{"role": "bot", "message": "Hi.", "secondsFromStart": 1}],
        "transcript": "AI: Hi.\n",
        "recording": {"mono": {"combinedUrl": "https://s.example/mono.wav"}},
        "recordingUrl": "https://s.example/old.wav",
    },
    "summary": "legacy",
    "transcript": "legacy",
    "recordingUrl": "https://s.example/older.wav",
    "call": {
        "id": "019d",
        "status": "queued",
        "assistantOverrides": {"metadata": {"autolynx_call_id": CALL_ID}},
        "monitor": {"controlUrl": "https://c.example/control"},
    },
    "customer": {"number": "+14155550123"},
}


def test_it_reads_a_report_when_everything_is_there():
    found = ServerMessage.model_validate(REPORT)
    assert (found.type, found.ended_reason) == ("end-of-call-report", "customer-ended-call")
    assert found.cost_usd == Decimal("0.0512")
    assert found.measured_seconds == 33.6
    assert found.success is True
    assert (found.summary_text, found.transcript_text) == ("She agreed.", "AI: Hi.\n")
    assert found.turns == [{"role": "assistant", "message": "Hi.", "seconds_from_start": 1.0}]
    assert found.recording_link(allow_http_loopback=False) == "https://s.example/mono.wav"
    assert found.our_call_id == CALL_ID
    assert (found.call.id, found.call.monitor.control_url) == ("019d", "https://c.example/control")


@pytest.mark.parametrize("field", sorted(set(REPORT) - {"type"}))
@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
def test_it_keeps_the_rest_of_a_report_when_one_field_is_nonsense(field, nonsense):
    found = ServerMessage.model_validate({**REPORT, field: nonsense})
    whole = ServerMessage.model_validate(REPORT)
    affected = {
        "endedReason": "ended_reason",
        "costBreakdown": "cost_breakdown",
        "recordingUrl": "recording_url",
    }
    affected |= {"startedAt": "started_at", "endedAt": "ended_at", "durationSeconds": "duration_seconds"}
    exclude = {affected.get(field, field)}
    assert found.model_dump(exclude=exclude) == whole.model_dump(exclude=exclude)
    assert found.turns is not None
    assert found.measured_seconds is None or found.measured_seconds >= 0
    assert found.success in (True, None)


def test_it_falls_back_to_legacy_copies_when_artifact_and_analysis_are_empty():
    message = {**REPORT, "analysis": {}, "artifact": {}, "messages": [{"role": "user", "message": "Hm"}]}
    found = ServerMessage.model_validate({**message, "cost": None, "endedAt": None})
    assert (found.summary_text, found.transcript_text) == ("legacy", "legacy")
    assert found.turns == [{"role": "user", "message": "Hm", "seconds_from_start": None}]
    assert found.recording_link(allow_http_loopback=False) == "https://s.example/older.wav"
    assert found.cost_usd == Decimal("0.0700")
    assert found.measured_seconds == 99


def test_it_passes_to_the_next_link_when_the_first_is_not_safe():
    message = {
        "artifact": {"recordingUrl": "http://s.example/a.wav"},
        "recordingUrl": "https://s.example/b.wav",
    }
    assert ServerMessage.model_validate(message).recording_link(allow_http_loopback=True) == "https://s.example/b.wav"


def test_it_never_measures_a_negative_time_when_the_clock_ran_backwards():
    call = WireCall(id="x", started_at=NOON, ended_at=NOON - timedelta(seconds=1))
    assert call.measured_seconds == 0


def test_it_keeps_a_call_whole_when_it_is_read():
    body = {"id": "019d", "status": "ended", "endedReason": "voicemail", "unheardOf": {"a": [1]}}
    found = WireCall.model_validate(body)
    assert (found.id, found.status, found.ended_reason) == ("019d", "ended", "voicemail")
    assert found.raw == body
    assert "unheardOf" not in repr(found)


@pytest.mark.parametrize("body", [{}, {"id": ""}, {"id": None}, {"id": 5}, [], "x", None])
def test_it_refuses_a_call_when_it_has_no_id(body):
    with pytest.raises(ValueError, match="validation error"):
        WireCall.model_validate(body)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"assistantOverrides": {"metadata": {"autolynx_call_id": CALL_ID}}}, CALL_ID),
        ({"customer": {"externalId": CALL_ID.upper()}}, CALL_ID),
        ({"name": CALL_ID}, CALL_ID),
        ({"name": "Reminder", "customer": {"externalId": "lead-42"}}, None),
        ({"assistantOverrides": {"metadata": {"autolynx_call_id": 7}}, "name": CALL_ID}, CALL_ID),
        ({"assistantOverrides": {"metadata": {"autolynx_call_id": [CALL_ID]}}}, None),
        ({}, None),
    ],
)
def test_it_finds_our_id_when_it_survived_anywhere(call, expected):
    assert WireCall.model_validate({"id": "x", **call}).our_call_id == expected
    assert ServerMessage.model_validate({"call": call}).our_call_id == expected


def test_it_drops_secrets_when_a_phone_line_is_read():
    body = {
        "id": "l1",
        "provider": "twilio",
        "number": "+14155550100",
        "twilioAuthToken": "secret",
        "name": 5,
    }
    found = WirePhoneNumber.model_validate(body)
    assert (found.provider, found.number, found.name, found.status) == ("twilio", "+14155550100", None, None)
    assert "secret" not in found.model_dump_json()


def test_it_separates_configuration_from_the_rest_when_an_assistant_is_read():
    config = {"name": "Reminder", "model": {"provider": "openai", "model": "gpt-4.1"}, "firstMessage": "Hi"}
    server = {
        "url": "https://x.example",
        "secret": "s",
        "headers": {"X-Vapi-Secret": "s"},
        "timeoutSeconds": 20,
    }
    body = {**config, "server": server, "id": "a1", "orgId": "o", "createdAt": "2026-03-26T12:00:00Z"}
    found = WireAssistant.model_validate({**body, "updatedAt": 5, "latestVersion": None, "voice": None})
    assert (found.id, found.name, found.created_at, found.updated_at) == ("a1", "Reminder", NOON, None)
    assert found.config == {**config, "server": server}
    assert "X-Vapi-Secret" not in repr(found)


def test_a_message_does_not_tell_whose_call_it_was_by_its_number_alone() -> None:
    call = {"id": "p1", "customer": {"number": "+14155550001", "externalId": str(uuid4())}}

    assert ListedCall.model_validate(call).origin["phone"] == "+14155550001"
    assert ServerMessage.model_validate({"type": "status-update", "call": call}).origin is None
