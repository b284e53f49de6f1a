"""What is kept of a message, or of an answer, and how: one event, recorded in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from autolynx.database import Database
from autolynx.database.steps import Steps, ask, carry_out


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: applied, duplicate, unmatched, unused or unreadable."""

    result: str
    type: str | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """What the database is told of one message, or one answer, of the provider: its type `internal.provider_event`."""

    payload: dict[str, Any]
    type: str
    #: what two deliveries of it have in common, and nothing else has
    dedup_key: str
    provider_call_id: str
    #: ours, where the provider repeats it: for an event that outruns the answer to its dial
    call_id: str | None
    #: what it means for the call; None for nothing
    status: str | None
    #: the provider did not say how the call ended
    is_guess: bool
    #: the result is whole with this
    is_final: bool
    #: columns of `calls`; what it lacks is left out
    fields: dict[str, Any]
    #: it ended since the account had no line free
    is_over_limit: bool
    #: what the provider's call carries of ours, so that one we do not know is taken over
    origin: dict[str, Any] | None = None
    #: the result is whole, too, when the end has been known for so long
    patience_seconds: int | None = None
    #: every further call would end the same way: the campaign pauses with this sentence, until `resume_at` where given
    pause_reason: str | None = None
    resume_at: datetime | None = None


def record_event(database: Database, event: RecordedEvent) -> dict[str, Any]:
    """Do what `recording_event` asks for."""
    return carry_out(database, recording_event(event))


def recording_event(event: RecordedEvent) -> Steps[dict[str, Any]]:
    """Record it, apply it to its call, settle the contact: all or nothing. Safe to repeat.

    Answers {"result": applied|duplicate|unmatched|unused, "call_id", "campaign_id", "status"}, or with "unmatched"
    the "reason". Raises Busy while a row it needs stays locked, and nothing was recorded then.
    """
    told = {field.name: getattr(event, field.name) for field in fields(event)}
    recorded: dict[str, Any] = yield from ask("record_event", event=told)
    return recorded
