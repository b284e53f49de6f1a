"""Messages that are unreadable, too deep, or full of what PostgreSQL cannot store: kept, and used as far as they go."""

from __future__ import annotations

import json

import httpx
import pytest

from autolynx.calls.payloads import NotAnObject
from autolynx.calls.snapshots import record_snapshot
from autolynx.database import Database
from autolynx.settings import Settings
from autolynx.vapi.lenient import read_json
from autolynx.vapi.wire import WireCall
from rig import messages
from tests.support.desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_replaces_what_postgres_cannot_store(desk: Desk, take) -> None:
    order, provider = desk.dialed()

    assert take(messages.report(provider, analysis={"summary": "a\x00b\ud800c"})) == "applied"

    assert desk.call(order)["transcript_json"]["summary"] == "a�b�c"


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
