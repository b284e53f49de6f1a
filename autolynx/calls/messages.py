"""What Vapi reports -> a call event -> the database, in one transaction.

A message's own fields are believed, never its `call`, which is a snapshot from the call's creation; only where the call
is ended is taken from there. What cannot be matched or read is kept raw; what is kept twice is kept once.
"""

from __future__ import annotations

from typing import Any

import structlog
from pydantic import ValidationError

from autolynx.calls import fields
from autolynx.calls.events import Receipt, RecordedEvent, recording_event
from autolynx.calls.fingerprints import fingerprint
from autolynx.calls.payloads import REPORT, STATUS, read
from autolynx.calls.unreadable import keeping_unreadable
from autolynx.database import Database
from autolynx.database.steps import Steps, ask, carry_out
from autolynx.errors import AutoLynxError, Unavailable
from autolynx.settings import Settings
from autolynx.vapi.outcomes import judge
from autolynx.vapi.wire import ServerMessage

log = structlog.get_logger(__name__)


def receive(database: Database, settings: Settings, body: bytes) -> Receipt:
    """Read one message of the provider and record it. Safe to repeat. Raises what `read` and `record` do."""
    return record(database, settings, read(settings, body))


def record(database: Database, settings: Settings, payload: dict[str, Any]) -> Receipt:
    """Do what `recording` asks for."""
    return carry_out(database, recording(settings, payload))


def recording(settings: Settings, payload: dict[str, Any]) -> Steps[Receipt]:
    """Record one message of the provider, as `payloads.read` gives it. Safe to repeat.

    Raises Unavailable when nothing could be committed.
    """
    try:
        return (yield from _recording(settings, payload))
    except Unavailable:
        raise
    except AutoLynxError as error:  # the database cannot take it as it is: repeating would not help
        return (yield from keeping_unreadable(payload, f"not recorded: {error}", None))


def _recording(settings: Settings, payload: dict[str, Any]) -> Steps[Receipt]:
    raw = payload.get("message")
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        return (yield from keeping_unreadable(payload, "no message with a type", None))
    kind: str = raw["type"]
    if kind not in (REPORT, STATUS):
        yield from ask("count_message", type=kind)
        return Receipt("unused", kind)
    try:
        message = ServerMessage.model_validate(raw)
    except ValidationError as error:
        return (yield from keeping_unreadable(payload, f"not readable: {error.error_count()} fields", kind))
    if not message.call.id:
        return (yield from keeping_unreadable(payload, "no call id", kind))
    recorded = yield from recording_event(_event_of(message, message.call.id, payload, settings))
    if recorded["result"] == "unmatched":
        log.warning("event_unmatched", provider_call_id=message.call.id, reason=recorded["reason"])
    elif recorded["result"] == "applied" and kind == REPORT:
        yield from _counting_unknown_reason(message.ended_reason)
    return Receipt(recorded["result"], kind, recorded.get("call_id"))


def _event_of(
    message: ServerMessage, provider_call_id: str, payload: dict[str, Any], settings: Settings
) -> RecordedEvent:
    raw = payload["message"]
    is_report = raw["type"] == REPORT
    has_ended = is_report or message.status in fields.OVER
    verdict = judge(message.ended_reason) if has_ended else None
    return RecordedEvent(
        payload=payload,
        type=raw["type"],
        dedup_key=_dedup_key(message, raw),
        provider_call_id=provider_call_id,
        call_id=message.our_call_id,
        status=fields.status_of(message, verdict),
        is_guess=has_ended and message.ended_reason is None,
        is_final=is_report,
        fields=fields.control(message.call, settings)
        | (fields.result(message, settings) if has_ended else fields.answered(message, message.timestamp)),
        is_over_limit=verdict is not None and verdict.is_over_limit,
        origin=message.origin,
        **fields.pause(verdict, message.ended_reason, message.ended_at),
    )


def _counting_unknown_reason(ended_reason: str | None) -> Steps[None]:
    """A reason unlike all we know is kept on the call as it came, and counted: the table of rules may want it."""
    if ended_reason and not judge(ended_reason).is_known:
        log.warning("ended_reason_unknown", ended_reason=ended_reason[:100])
        yield from ask("count_message", type=f"unknown ended reason {ended_reason}"[:100])


def _dedup_key(message: ServerMessage, raw: dict[str, Any]) -> str:
    """What two deliveries of one message have in common, and no other message has.

    Call, type and status make it. What tells a result is told apart by its content, so that a fuller one that comes
    later is not taken for a repetition.
    """
    if message.type == STATUS and message.status not in fields.OVER:
        said = fields.answered(message, message.timestamp)
        return fingerprint([message.call.id, STATUS, message.status, said])
    return fingerprint([message.call.id, message.type, raw])
