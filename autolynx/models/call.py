"""Calls: on a line, in a list, and whole."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime

from autolynx.models.row import Row
from autolynx.models.serialization import Seconds, ShownAs, Usd


class CallStatus(StrEnum):
    """How far a call has come. The first three hold a line; the others are final."""

    QUEUED = "QUEUED"
    RINGING = "RINGING"
    IN_PROGRESS = "IN_PROGRESS"
    ENDED = "ENDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    TIMEOUT = "TIMEOUT"

    @property
    def is_active(self) -> bool:
        """True while the call holds a line."""
        return self in (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS)


class CallOutcome(StrEnum):
    """What a call came to, and with it its contact; SQL's type says what each means. Words: `ui/frame/formats.py`."""

    CONVERSATION = "conversation"
    ASSISTANT_ENDED = "assistant_ended"
    TRANSFERRED = "transferred"
    TRANSFER_FAILED = "transfer_failed"
    LINE_ENDED = "line_ended"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    NOT_CONNECTED = "not_connected"
    WENT_SILENT = "went_silent"
    TIME_LIMIT = "time_limit"
    CANCELED = "canceled"
    TECHNICAL_FAULT = "technical_fault"
    SETUP_PROBLEM = "setup_problem"
    ACCOUNT_LIMIT = "account_limit"
    LINE_LIMIT = "line_limit"
    REFUSED = "refused"
    NEVER_DIALED = "never_dialed"
    LOST_TRACK = "lost_track"
    NOT_CALLED_STOPPED = "not_called_stopped"
    NOT_CALLED_DO_NOT_CALL = "not_called_do_not_call"
    NOT_CALLED_PROVIDER_SILENT = "not_called_provider_silent"
    UNKNOWN = "unknown"


#: Vapi's answer to the dial was lost: whatever its status, nobody knows yet whether a phone rings.
IN_DOUBT = "unknown"


class ActiveCall(Row):
    """A call that holds a line now, or one in doubt that has given its line back: then its status is a guess."""

    id: UUID
    status: CallStatus
    dial_state: str
    hold_reason: str | None
    #: a call in doubt is looked up until then, at least
    in_doubt_until: AwareDatetime | None
    #: found after its line or its contact had been given back
    turned_up_at: AwareDatetime | None
    created_at: AwareDatetime
    dialed_at: AwareDatetime | None
    started_at: AwareDatetime | None
    name: str
    business_name: str
    phone: str


class CallEvent(Row):
    """One line of a call's timeline."""

    id: UUID
    type: str
    status: CallStatus
    created_at: AwareDatetime
    ended_reason: str | None


class CallContact(Row):
    """Whom a call is for."""

    id: UUID
    name: str
    business_name: str
    phone: str
    position: int


class Turn(Row):
    """What one side said in a call."""

    role: str
    message: str
    seconds_from_start: float | None


class Transcript(Row):
    """What was said in a call. What the provider did not tell is absent, or null."""

    summary: str | None = None
    messages: list[Turn] | None = None
    text: str | None = None
    #: what the assistant's own plan of analysis found
    structured: dict[str, Any] | list[Any] | str | float | bool | None = None


class Call(Row):
    """One attempt at one contact, with its conversation and timeline."""

    id: UUID
    campaign_id: UUID
    campaign_name: str
    contact_id: UUID
    contact: CallContact
    provider_call_id: str | None
    status: CallStatus
    status_is_guess: bool
    dial_state: str
    hold_reason: str | None
    in_doubt_until: AwareDatetime | None
    turned_up_at: AwareDatetime | None
    attempt: int
    #: False: the contact was never really tried by this
    is_attempt: bool
    created_at: AwareDatetime
    dialed_at: AwareDatetime | None
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    ended_reason: str | None
    outcome: CallOutcome | None
    human_reached: bool | None
    cost_usd: Usd | None
    duration_seconds: Seconds | None
    recording_url: str | None
    success_evaluation: bool | None
    #: None before the report
    transcript_json: Annotated[dict[str, Any], ShownAs(Transcript)] | None
    report_at: AwareDatetime | None
    hang_up_by: str | None
    events: list[CallEvent]


class LatestCall(Row):
    """A line of the overview's list of calls."""

    id: UUID
    campaign_id: UUID
    status: CallStatus
    status_is_guess: bool
    dial_state: str
    outcome: CallOutcome | None
    created_at: AwareDatetime
    duration_seconds: Seconds | None
    cost_usd: Usd | None
    name: str
    business_name: str
