"""What Vapi reports -> a call event -> the database, in one transaction.

A message's own fields are believed, never its `call`, which is a snapshot from the call's creation; only where the call
is ended is taken from there. What cannot be matched or read is kept raw; what is kept twice is kept once.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import ValidationError

from autolynx.database import Database
from autolynx.errors import AutoLynxError, InvalidInput, Unavailable
from autolynx.http import json_text
from autolynx.http.json_text import MOST_LEVELS, bounded
from autolynx.secrecy.masking import mask
from autolynx.settings import Settings
from autolynx.vapi.lenient import storable
from autolynx.vapi.outcomes import Judgement, RetryAdvice, daily_limits_renew_at, judge
from autolynx.vapi.wire import CallReference, ServerMessage, WireCall, safe_link

log = structlog.get_logger(__name__)

REPORT = "end-of-call-report"
STATUS = "status-update"
SNAPSHOT = "reconcile"  # our own: the call as the provider answered when asked

#: provider's call status -> ours; `ended` depends on the reason
_STATUSES = {
    "scheduled": "QUEUED",
    "queued": "QUEUED",
    "ringing": "RINGING",
    "in-progress": "IN_PROGRESS",
    "forwarding": "IN_PROGRESS",
}
#: the provider's statuses of a call that is over; of one that it erased since it no longer knows the reason
OVER = ("ended", "deletion-failed")
LONGEST_SECONDS = 9_999_999.0  # what the column holds; a third of a year
_LONGEST_ID = 200  # characters; the provider's have 36
#: differs between two deliveries of one report
_VOLATILE = re.compile(r"^(timestamp|presigned.*|updatedAt)$")


class NotAnObject(InvalidInput):
    """The body is no JSON object; accepted is what Vapi sends: {"message": {"type": ...}}."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: applied, duplicate, unmatched, unused or unreadable."""

    result: str
    type: str | None = None
    call_id: str | None = None


def receive(database: Database, settings: Settings, body: bytes) -> Receipt:
    """Read one message of the provider and record it. Safe to repeat. Raises what `read` and `record` do."""
    return record(database, settings, read(settings, body))


def read(settings: Settings, body: bytes) -> dict[str, Any]:
    """A body's JSON object as it is kept. Raises NotAnObject for a body that is none."""
    payload: dict[str, Any] = kept(read_object(body), settings, is_storable=not _may_be_unstorable(body))
    return payload


def call_of(payload: dict[str, Any]) -> str | None:
    """The provider's id of the call that a message we use is about, where one can be seen; raises nothing."""
    message = payload.get("message")
    call = message.get("call") if isinstance(message, dict) and message.get("type") in (REPORT, STATUS) else None
    found = call.get("id") if isinstance(call, dict) else None
    return found if isinstance(found, str) else None


def record(database: Database, settings: Settings, payload: dict[str, Any]) -> Receipt:
    """Record one message of the provider, as `read` gives it. Safe to repeat.

    Raises Unavailable when nothing could be committed.
    """
    try:
        return _record(database, settings, payload)
    except Unavailable:
        raise
    except AutoLynxError as error:  # the database cannot take it as it is: repeating would not help
        return _keep_unreadable(database, payload, f"not recorded: {error}", None)


def _record(database: Database, settings: Settings, payload: dict[str, Any]) -> Receipt:
    raw = payload.get("message")
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        return _keep_unreadable(database, payload, "no message with a type", None)
    kind: str = raw["type"]
    if kind not in (REPORT, STATUS):
        database.call("count_message", type=kind)
        return Receipt("unused", kind)
    try:
        message = ServerMessage.model_validate(raw)
    except ValidationError as error:
        return _keep_unreadable(database, payload, f"not readable: {error.error_count()} fields", kind)
    if not message.call.id:
        return _keep_unreadable(database, payload, "no call id", kind)
    return _record_message(database, settings, payload, raw, message)


def _record_message(
    database: Database, settings: Settings, payload: dict[str, Any], raw: dict[str, Any], message: ServerMessage
) -> Receipt:
    is_report = message.type == REPORT
    has_ended = is_report or message.status in OVER
    verdict = judge(message.ended_reason) if has_ended else None
    recorded = database.call(
        "record_event",
        payload=payload,
        type=message.type,
        dedup_key=dedup_key(message, raw),
        provider_call_id=message.call.id,
        call_id=message.our_call_id,
        status=verdict.status if verdict else _STATUSES.get(message.status or ""),
        is_guess=has_ended and message.ended_reason is None,
        is_final=is_report,
        fields=_control(message.call, settings)
        | (_fields(message, settings) if has_ended else _answered(message, message.timestamp)),
        is_over_limit=verdict is not None and verdict.is_over_limit,
        origin=message.origin,
        **_pause(verdict, message.ended_reason, message.ended_at),
    )
    if recorded["result"] == "unmatched":
        log.warning("event_unmatched", provider_call_id=message.call.id, reason=recorded["reason"])
    elif recorded["result"] == "applied" and is_report and verdict and not verdict.is_known and message.ended_reason:
        # kept on the call as it came, and counted: the table of rules may want it
        log.warning("ended_reason_unknown", ended_reason=message.ended_reason[:100])
        database.call("count_message", type=f"unknown ended reason {message.ended_reason}"[:100])
    return Receipt(recorded["result"], message.type, recorded.get("call_id"))


def record_snapshot(database: Database, settings: Settings, call: WireCall) -> Receipt:
    """Record a call as the provider answered when asked: the truth, whatever messages were lost. Safe to repeat."""
    call = WireCall.model_validate(kept(call.raw, settings))
    payload = {"call": call.raw}
    verdict = judge(call.ended_reason) if call.status in OVER else None
    recorded = database.call(
        "record_event",
        payload=payload,
        type=SNAPSHOT,
        dedup_key=_fingerprint([call.id, SNAPSHOT, payload]),
        provider_call_id=call.id,
        call_id=call.our_call_id,
        status=verdict.status if verdict else _STATUSES.get(call.status or ""),
        is_guess=verdict is not None and call.ended_reason is None,
        is_final=verdict is not None and _is_complete(call),
        patience_seconds=settings.reconcile_after_seconds,
        fields=_control(call, settings) | (_fields(call, settings) if verdict else _answered(call, None)),
        is_over_limit=verdict is not None and verdict.is_over_limit,
        **_pause(verdict, call.ended_reason, call.ended_at),
    )
    return Receipt(recorded["result"], SNAPSHOT, recorded.get("call_id"))


def _is_complete(call: WireCall) -> bool:
    """Whether an ended call shows its whole result: the end, the cost and the analysis come one after the other.

    What is not there may still be at work, or never come; the database waits a while, by its own clock.
    """
    return bool(call.ended_at and call.cost_usd and (call.analysis.summary or call.success is not None))


def _pause(verdict: Judgement | None, ended_reason: str | None, ended_at: datetime | None) -> dict[str, Any]:
    """Whether the campaign must wait for somebody, or for tomorrow."""
    if verdict is None or ended_reason is None or verdict.pause_reason is None:
        return {}
    is_daily = verdict.retry is RetryAdvice.NEXT_DAY
    resume_at = daily_limits_renew_at(ended_at or datetime.now(UTC)) if is_daily else None
    return {"pause_reason": verdict.pause_reason, "resume_at": resume_at}


def _control(call: CallReference, settings: Settings) -> dict[str, Any]:
    """Where the call is ended, if it may be followed: a row takes it where it has none, so that no hang-up must ask."""
    found = safe_link(call.monitor.control_url, allow_http_loopback=settings.is_provider_local)
    return {"control_url": found} if found else {}


def _answered(said: ServerMessage | WireCall, at: datetime | None) -> dict[str, Any]:
    """When a call that is under way was answered, by the provider's clock: `at` where it does not say."""
    answered_at = said.started_at or at
    if _STATUSES.get(said.status or "") != "IN_PROGRESS" or answered_at is None:
        return {}
    return {"started_at": answered_at.isoformat()}


def _fields(said: ServerMessage | WireCall, settings: Settings) -> dict[str, Any]:
    """The columns of `calls` an ended call's message fills; what it lacks is left out."""
    verdict = judge(said.ended_reason)
    turns = said.turns
    heard = any(turn["role"] == "user" for turn in turns)
    transcript = {
        "summary": said.summary_text,
        "messages": turns or None,
        "text": said.transcript_text,
        "structured": said.analysis.structured_data,
    }
    fields: dict[str, Any] = {
        "started_at": said.started_at,
        "ended_at": said.ended_at,
        "ended_reason": said.ended_reason,
        "outcome": verdict.outcome if said.ended_reason else None,
        "human_reached": (heard or None if verdict.human_reached is None else verdict.human_reached),
        "is_attempt": verdict.is_attempt if said.ended_reason else None,
        "cost_usd": said.cost_usd,
        "duration_seconds": _bounded(said.measured_seconds),
        "recording_url": said.recording_link(allow_http_loopback=settings.is_provider_local),
        "success_evaluation": said.success,
        "transcript_json": {name: value for name, value in transcript.items() if value} or None,
    }
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in fields.items()
        if value is not None
    }


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, LONGEST_SECONDS)


def dedup_key(message: ServerMessage, raw: dict[str, Any]) -> str:
    """What two deliveries of one message have in common, and no other message has.

    The provider gives its messages no id (VapiAI/docs, 2026-08): call, type and status make one. What tells a result
    is told apart by its content, so that a fuller one that comes later is not taken for a repetition.
    """
    if message.type == STATUS and message.status not in OVER:
        return _fingerprint([message.call.id, STATUS, message.status, _answered(message, message.timestamp)])
    return _fingerprint([message.call.id, message.type, raw])


def _fingerprint(value: Any) -> str:
    return hashlib.sha256(json.dumps(_lasting(value), sort_keys=True, default=str).encode()).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(item) for key, item in value.items() if not _VOLATILE.match(key)}
    if isinstance(value, list):
        return [_lasting(item) for item in value]
    return value


def _keep_unreadable(database: Database, payload: dict[str, Any], reason: str, kind: str | None) -> Receipt:
    log.warning("event_unreadable", type=kind, reason=reason)
    text = json.dumps(payload, default=str)
    kept = {
        "dedup_key": f"unreadable|{hashlib.sha256(text.encode()).hexdigest()}",
        "reason": reason[:1000],
        "provider_call_id": _bounded_id(call_of(payload)),
    }
    try:
        database.call("keep_stray_event", payload=payload, type=kind and kind[:100], **kept)
    except Unavailable:
        raise
    except AutoLynxError:
        database.call("keep_stray_event", payload={"text": text}, **kept)  # as text anything can be kept
    database.call("count_message", type="unreadable")
    return Receipt("unreadable", kind)


def _bounded_id(call_id: str | None) -> str | None:
    """An id that an index can hold."""
    return call_id if call_id and len(call_id) <= _LONGEST_ID else None


def kept(value: Any, settings: Settings, *, is_storable: bool = False) -> Any:
    """The same JSON as it may be stored: without secrets, not too deep, without what Postgres refuses.

    Changed in place. The provider repeats the `server` a call was dialed with, our secret in it. `is_storable`: no text
    has to be looked at.
    """
    if mask(value, our_secret=settings.webhook_secret, everywhere=False) > MOST_LEVELS:
        value = bounded(value)
    return value if is_storable else cleaned(value)


def read_object(body: bytes) -> dict[str, Any]:
    """A body's JSON object as it came; a number that nothing can hold is a text. Raises NotAnObject."""
    try:
        payload = json_text.read(body)
    except ValueError as error:
        raise NotAnObject from error
    if not isinstance(payload, dict):
        raise NotAnObject
    return payload


def _may_be_unstorable(body: bytes) -> bool:
    """A quick look, before every string is: NUL and surrogates as escapes, and surrogates as bytes (CESU-8)."""
    lower = body.lower()
    return b"\\u0000" in lower or b"\\ud" in lower or b"\xed" in body


def cleaned(value: Any) -> Any:
    """The same JSON with NUL and lone surrogates replaced by U+FFFD."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return value
