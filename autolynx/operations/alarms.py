"""What somebody should look at."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import Alarm
from autolynx.models.identifier import identifier


def list_alarms(database: Database, *, actor: Actor) -> list[Alarm]:
    """What somebody should look at, newest first."""
    actor.require(Right.LOOK)
    return [Alarm.model_validate(each) for each in database.call("list_alarms")["alarms"]]


def clear_alarm(database: Database, alarm_id: str | UUID, *, actor: Actor) -> None:
    """Somebody has seen an alarm. Safe to repeat. Raises NotFound."""
    actor.require(Right.CHANGE)
    database.call("clear_alarm", id=identifier(alarm_id, "an alarm"), actor=actor.name)
