"""A call as the provider answers when asked -> a call event -> the database."""

from __future__ import annotations

from autolynx.calls import fields
from autolynx.calls.events import Receipt, RecordedEvent, record_event
from autolynx.calls.fingerprints import fingerprint
from autolynx.calls.storable import kept
from autolynx.database import Database
from autolynx.settings import Settings
from autolynx.vapi.outcomes import judge
from autolynx.vapi.wire import WireCall

SNAPSHOT = "reconcile"  # a type of event that no message has


def record_snapshot(database: Database, settings: Settings, call: WireCall) -> Receipt:
    """Record a call as the provider answered when asked: the truth, whatever messages were lost. Safe to repeat."""
    call = WireCall.model_validate(kept(call.raw, settings))
    payload = {"call": call.raw}
    verdict = judge(call.ended_reason) if call.status in fields.OVER else None
    event = RecordedEvent(
        payload=payload,
        type=SNAPSHOT,
        dedup_key=fingerprint([call.id, SNAPSHOT, payload]),
        provider_call_id=call.id,
        call_id=call.our_call_id,
        status=fields.status_of(call, verdict),
        is_guess=verdict is not None and call.ended_reason is None,
        is_final=verdict is not None and _is_complete(call),
        patience_seconds=settings.reconcile_after_seconds,
        fields=fields.control(call, settings)
        | (fields.result(call, settings) if verdict else fields.answered(call, None)),
        is_over_limit=verdict is not None and verdict.is_over_limit,
        **fields.pause(verdict, call.ended_reason, call.ended_at),
    )
    recorded = record_event(database, event)
    return Receipt(recorded["result"], SNAPSHOT, recorded.get("call_id"))


def _is_complete(call: WireCall) -> bool:
    """Whether an ended call shows its whole result: the end, the cost and the analysis come one after the other.

    What is not there may still be at work, or never come; the database waits a while, by its own clock.
    """
    return bool(call.ended_at and call.cost_usd and (call.analysis.summary or call.success is not None))
