"""The product's nouns as every layer sees them. Field names are those of the tables."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

T = TypeVar("T")


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


class CampaignStatus(StrEnum):
    """Where a campaign stands; the arrows between these are drawn beside the type in SQL."""

    CREATED = "CREATED"
    QUEUED = "QUEUED"
    DIALING = "DIALING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"

    @property
    def is_live(self) -> bool:
        """True while the scheduler dials for the campaign."""
        return self in (CampaignStatus.QUEUED, CampaignStatus.DIALING, CampaignStatus.RUNNING)

    @property
    def is_over(self) -> bool:
        """True when nothing will change any more, late reports apart."""
        return self in (CampaignStatus.COMPLETED, CampaignStatus.CANCELED, CampaignStatus.FAILED)


class CampaignMode(StrEnum):
    """How lines are refilled: at once, or batch by batch."""

    CONTINUOUS = "continuous"
    BATCH = "batch"


class AssistantSource(StrEnum):
    """Where an assistant came from. Templates can only be cloned."""

    LOCAL = "local"
    IMPORTED = "imported"
    TEMPLATE = "template"


class Row(BaseModel):
    """What a SQL function answers; a column this release does not know is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Assistant(Row):
    """A voice assistant of the directory."""

    id: UUID
    name: str
    source: AssistantSource
    provider: str
    provider_assistant_id: str
    #: the configuration in the provider's own form
    config_json: dict[str, Any]
    active: bool
    ephemeral: bool
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    campaigns_total: int = 0
    campaigns_open: int = 0

    @field_validator("config_json")
    @classmethod
    def _numbers_as_json_has_them(cls, value: dict[str, Any]) -> dict[str, Any]:
        """The database reads numbers as Decimal, for money; a configuration goes back to the provider as JSON."""
        plain: dict[str, Any] = _without_decimals(value)
        return plain


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _without_decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_decimals(item) for item in value]
    return value


class Progress(Row):
    """A campaign's figures. Contacts: total = waiting + calling + settled, by the call each of them has."""

    total: int
    waiting: int
    calling: int
    on_line: int
    in_doubt: int
    settled: int
    calls: int
    active_calls: int
    held_calls: int
    humans_reached: int
    successes: int
    cost_usd: Decimal
    talk_seconds: Decimal
    by_outcome: dict[str, int]
    by_status: dict[str, int]

    @property
    def awaiting_result(self) -> int:
        """Contacts whose call is over, and what came of it is not known yet."""
        return self.calling - self.on_line - self.in_doubt


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


class Campaign(Row):
    """A list of contacts, an assistant, a phone line and a cap."""

    id: UUID
    name: str
    mode: CampaignMode
    cap: int
    assistant_id: UUID
    assistant_name: str
    phone_number_id: str
    status: CampaignStatus
    status_reason: str | None
    max_attempts: int
    total_contacts: int
    created_by: str
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    completed_at: AwareDatetime | None
    stats_json: dict[str, Any]
    #: a pause that ends by itself
    resume_at: AwareDatetime | None
    #: dial only while no other campaign has a call on the line
    quiet_line: bool
    calling_from: time | None
    calling_until: time | None
    #: 1 Monday to 7 Sunday
    calling_days: list[int] | None
    #: of the contacts whose numbers do not tell theirs
    time_zone: str
    progress: Progress
    #: only where one campaign was asked for
    import_report: dict[str, Any] = Field(default_factory=dict)
    active_calls: list[ActiveCall] = Field(default_factory=list)
    #: those whose answer was lost, on a line or not
    calls_in_doubt: list[ActiveCall] = Field(default_factory=list)


class Contact(Row):
    """Somebody on a campaign's list, with what the last call came to. `status` is WAITING before any call."""

    id: UUID
    campaign_id: UUID
    position: int
    batch_index: int
    name: str
    business_name: str
    phone: str
    state: str
    attempts: int
    next_attempt_at: AwareDatetime | None
    settled_at: AwareDatetime | None
    outcome: str | None
    call_id: UUID | None
    provider_call_id: str | None
    status: str
    #: None before any call
    status_is_guess: bool | None
    dial_state: str | None
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    ended_reason: str | None
    cost_usd: Decimal | None
    duration_seconds: Decimal | None
    recording_url: str | None
    success_evaluation: bool | None
    human_reached: bool | None
    transcript_summary: str | None


class CallEvent(Row):
    """One line of a call's timeline."""

    id: UUID
    type: str
    status: CallStatus
    created_at: AwareDatetime
    ended_reason: str | None


class Reason(Row):
    """One thing that keeps somebody from being dialed, in words for a person."""

    code: str
    text: str
    since: AwareDatetime | None
    until: AwareDatetime | None


class Explanation(Row):
    """Why a campaign or a contact is not being dialed; `is_dialing`: the next tick will."""

    is_dialing: bool
    reasons: list[Reason]


class ProviderHealth(Row):
    """The circuit breaker: closed, open until retry_at, or half_open while one dial tries."""

    state: str
    since: AwareDatetime | None
    retry_at: AwareDatetime | None
    reason: str | None


class Alarm(Row):
    """Something that somebody should look at."""

    #: None: it is over when its cause is, and nobody need say that they have seen it
    id: UUID | None
    code: str
    subject: str
    #: names nobody
    text: str
    created_at: AwareDatetime
    #: whom the subject is about, where it is a campaign or a call
    campaign_name: str | None = None
    contact_name: str | None = None

    @property
    def told(self) -> str:
        """The text, with whom it is about: for those who may know."""
        about = ", ".join(filter(None, (self.campaign_name, self.contact_name)))
        return f"{about}: {self.text}" if about else self.text


class CallingHours(BaseModel):
    """When people may be called, by the clock where they are."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    until: str
    days: list[int]
    time_zone: str = "UTC"


class CallContact(Row):
    """Whom a call is for."""

    id: UUID
    name: str
    business_name: str
    phone: str
    position: int


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
    outcome: str | None
    human_reached: bool | None
    cost_usd: Decimal | None
    duration_seconds: Decimal | None
    recording_url: str | None
    success_evaluation: bool | None
    #: {"summary": …, "messages": [{"role", "message", "seconds_from_start"}]}, or None before the report
    transcript_json: dict[str, Any] | None
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
    outcome: str | None
    created_at: AwareDatetime
    duration_seconds: Decimal | None
    cost_usd: Decimal | None
    name: str
    business_name: str


class DayFigures(Row):
    """What happened since the day began."""

    calls: int
    cost_usd: Decimal
    humans_reached: int
    successes: int
    talk_seconds: Decimal


class Overview(Row):
    """The first page."""

    open_campaigns: list[Campaign]
    campaigns_total: int
    assistants_total: int
    organization_cap: int
    active_calls: int
    held_calls: int
    today: DayFigures
    latest_calls: list[LatestCall]


class Page(BaseModel, Generic[T]):
    """Some of many: `items` is page `page` of `total` things, `limit` a page."""

    items: list[T]
    total: int
    page: int
    limit: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.limit))


class PhoneLine(BaseModel):
    """A phone number of the account that can call."""

    id: str
    number: str | None
    name: str | None
    provider: str
    is_active: bool

    @property
    def label(self) -> str:
        """What a person chooses by."""
        return " · ".join(part for part in (self.name, self.number, self.provider) if part)


class User(Row):
    """Somebody who may sign in."""

    id: UUID
    email: str
    name: str
    role: str


class Session(BaseModel):
    """A signed-in user's session; `token` is what the browser keeps."""

    token: str
    user: User
    expires_at: datetime
