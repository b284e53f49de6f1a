"""Campaigns, how far they are, and why they are not dialing."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from autolynx.models.call import ActiveCall, CallOutcome
from autolynx.models.import_report import ImportReport
from autolynx.models.row import Row
from autolynx.models.serialization import Seconds, ShownAs, Usd


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

    @property
    def is_deletable(self) -> bool:
        """True for what is over or was never started; SQL's `delete_campaign` decides, and also looks at the calls."""
        return self.is_over or self is CampaignStatus.CREATED


class CampaignMode(StrEnum):
    """How lines are refilled: at once, or batch by batch."""

    CONTINUOUS = "continuous"
    BATCH = "batch"


#: what is proposed as calling days: Monday to Friday
WEEKDAYS = [1, 2, 3, 4, 5]


class CallingHours(BaseModel):
    """When people may be called, by the clock where they are. The database refuses a field that there is not."""

    model_config = ConfigDict(extra="allow")

    from_: str = Field(alias="from", description="a time of a day like 09:00")
    until: str = Field(description="a later one, like 18:00")
    days: list[int] = Field(description="numbers from 1 for Monday to 7 for Sunday")
    time_zone: str = Field("UTC", description="the clock for numbers that tell no place")


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
    #: None where costs are not shown (FEATURE_COST_TRACKING)
    cost_usd: Usd | None
    talk_seconds: Seconds
    #: of the settled contacts; one that came to nothing known is `unknown`
    by_outcome: dict[CallOutcome, int]
    by_status: dict[str, int]

    @property
    def awaiting_result(self) -> int:
        """Contacts whose call is over, and what came of it is not known yet."""
        return self.calling - self.on_line - self.in_doubt


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
    #: the progress as the database writes it
    stats_json: Annotated[dict[str, Any], ShownAs(Progress)]
    #: a pause that ends by itself
    resume_at: AwareDatetime | None
    #: dial only while no other campaign has a call on the line
    quiet_line: bool
    calling_from: time | None
    calling_until: time | None
    #: 1 Monday to 7 Sunday
    calling_days: list[int] | None
    #: of the contacts of whose numbers nothing is known
    time_zone: str
    progress: Progress
    #: only where one campaign was asked for
    import_report: Annotated[dict[str, Any], ShownAs(ImportReport)] = Field(default_factory=dict)
    active_calls: list[ActiveCall] = Field(default_factory=list)
    #: those whose answer was lost, on a line or not
    calls_in_doubt: list[ActiveCall] = Field(default_factory=list)


class Reason(Row):
    """One thing that keeps somebody from being dialed, in words for a person."""

    code: str
    text: str
    since: AwareDatetime | None
    until: AwareDatetime | None
    #: of a contact that is settled
    outcome: CallOutcome | None = None


class Explanation(Row):
    """Why a campaign or a contact is not being dialed; `is_dialing`: the next tick will."""

    is_dialing: bool
    reasons: list[Reason]
