"""A row of an export."""

from __future__ import annotations

from pydantic import AwareDatetime

from autolynx.models.call import CallOutcome
from autolynx.models.row import Row
from autolynx.models.serialization import Seconds, Usd


class ExportRow(Row):
    """What became of one contact. `status` is WAITING before any call."""

    position: int
    name: str
    business_name: str
    phone: str
    status: str
    ended_reason: str | None
    cost_usd: Usd | None
    duration_seconds: Seconds | None
    recording_url: str | None
    success_evaluation: bool | None
    transcript_summary: str | None
    outcome: CallOutcome | None
    human_reached: bool | None
    attempts: int
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    provider_call_id: str | None
    status_is_guess: bool | None
