"""Who is on a list."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from autolynx.models.call import CallOutcome
from autolynx.models.row import Row
from autolynx.models.serialization import Seconds, Usd


class ContactState(StrEnum):
    """How far somebody on the list has come."""

    WAITING = "waiting"
    CALLING = "calling"
    SETTLED = "settled"


class Contact(Row):
    """Somebody on a campaign's list, with what the last call came to. `status` is WAITING before any call."""

    id: UUID
    campaign_id: UUID
    position: int
    batch_index: int
    name: str
    business_name: str
    phone: str
    #: every zone that the number may lie in; empty where nothing is known of it
    time_zones: list[str]
    state: ContactState
    attempts: int
    next_attempt_at: AwareDatetime | None
    settled_at: AwareDatetime | None
    outcome: CallOutcome | None
    call_id: UUID | None
    provider_call_id: str | None
    status: str
    #: None before any call
    status_is_guess: bool | None
    dial_state: str | None
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    ended_reason: str | None
    cost_usd: Usd | None
    duration_seconds: Seconds | None
    recording_url: str | None
    success_evaluation: bool | None
    human_reached: bool | None
    transcript_summary: str | None
