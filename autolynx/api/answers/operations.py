"""Answers about how the desk works, and to those who keep it going."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel

Status = Literal["healthy", "degraded", "unhealthy"]


class Tick(BaseModel):
    """What one round did, in calls."""

    claimed: int
    accepted: int
    refused: int
    unknown: int
    repaired: int
    checked: int
    hung_up: int


class TickAnswer(BaseModel):
    """What one round did."""

    tick: Tick


class DatabaseCheck(BaseModel):
    """The database: by which transport it was asked, and how fast it answered; or what is wrong."""

    status: Status
    transport: str | None = None
    answer_seconds: float | None = None
    message: str | None = None


class ProviderCheck(BaseModel):
    """The provider, or the simulator that stands in; or what is wrong, with the code of an error."""

    status: Status
    kind: Literal["simulator", "vapi"] | None = None
    code: str | None = None
    message: str | None = None


class SchedulerCheck(BaseModel):
    """Whether anybody dials."""

    status: Status
    seconds_since_heartbeat: float | None = None
    message: str | None = None


class OpenAlarm(BaseModel):
    """An alarm without whom it is about: anybody may ask for our health."""

    code: str
    text: str
    created_at: AwareDatetime


class AlarmsCheck(BaseModel):
    """How many alarms are open, and the newest of them."""

    status: Status
    total: int | None = None
    open: list[OpenAlarm] | None = None
    message: str | None = None


class TimeZonesCheck(BaseModel):
    """The version of the rules by which calling hours are kept."""

    status: Status
    version: str | None = None
    message: str | None = None


class Checks(BaseModel):
    """Each part by itself."""

    database: DatabaseCheck
    provider: ProviderCheck
    scheduler: SchedulerCheck
    alarms: AlarmsCheck
    time_zones: TimeZonesCheck


class HealthAnswer(BaseModel):
    """Whether the product works: `unhealthy` when the database cannot be used."""

    status: Status
    timestamp: AwareDatetime
    checks: Checks
