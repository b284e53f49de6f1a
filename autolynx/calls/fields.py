"""What a message, or an answer when asked, says of a call: its status, and the columns of `calls`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from autolynx.settings import Settings
from autolynx.vapi.outcomes import Judgement, RetryAdvice, daily_limits_renew_at, judge
from autolynx.vapi.wire import CallReference, ServerMessage, WireCall, safe_link

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


def status_of(said: ServerMessage | WireCall, verdict: Judgement | None) -> str | None:
    """The call's status as ours; `verdict`: on the reason, where the call has ended."""
    return verdict.status if verdict else _STATUSES.get(said.status or "")


def control(call: CallReference, settings: Settings) -> dict[str, Any]:
    """Where the call is ended, if it may be followed: a row takes it where it has none, so that no hang-up must ask."""
    found = safe_link(call.monitor.control_url, allow_http_loopback=settings.is_provider_local)
    return {"control_url": found} if found else {}


def answered(said: ServerMessage | WireCall, at: datetime | None) -> dict[str, Any]:
    """When a call that is under way was answered, by the provider's clock: `at` where it does not say."""
    answered_at = said.started_at or at
    if status_of(said, None) != "IN_PROGRESS" or answered_at is None:
        return {}
    return {"started_at": answered_at.isoformat()}


def result(said: ServerMessage | WireCall, settings: Settings) -> dict[str, Any]:
    """The columns that an ended call's message fills; what it lacks is left out."""
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


def pause(verdict: Judgement | None, ended_reason: str | None, ended_at: datetime | None) -> dict[str, Any]:
    """Whether the campaign must wait for somebody, or for tomorrow."""
    if verdict is None or ended_reason is None or verdict.pause_reason is None:
        return {}
    is_daily = verdict.retry is RetryAdvice.NEXT_DAY
    resume_at = daily_limits_renew_at(ended_at or datetime.now(UTC)) if is_daily else None
    return {"pause_reason": verdict.pause_reason, "resume_at": resume_at}


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, LONGEST_SECONDS)
