"""What is done to a campaign: start, pause, resume, stop."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.campaigns.listing import get_campaign
from autolynx.database import Database
from autolynx.models import Campaign
from autolynx.models.identifier import identifier


def start_campaign(database: Database, campaign_id: str | UUID, *, actor: Actor) -> Campaign:
    """Dial. Safe to repeat. Raises NotFound, or Conflict when it is over or paused."""
    actor.require(Right.CHANGE)
    return _change(database, "start_campaign", campaign_id, actor=actor)


def pause_campaign(database: Database, campaign_id: str | UUID, *, actor: Actor) -> Campaign:
    """Take no new calls; those under way finish. Safe to repeat. Raises NotFound or Conflict."""
    actor.require(Right.CHANGE)
    return _change(database, "pause_campaign", campaign_id, actor=actor)


def resume_campaign(database: Database, campaign_id: str | UUID, *, actor: Actor) -> Campaign:
    """Dial on after a pause. Safe to repeat. Raises NotFound or Conflict."""
    actor.require(Right.CHANGE)
    return _change(database, "resume_campaign", campaign_id, actor=actor)


def stop_campaign(database: Database, campaign_id: str | UUID, *, actor: Actor, hang_up: bool = False) -> Campaign:
    """End a campaign for good. Safe to repeat.

    Calls under way finish and are recorded; with `hang_up` the schedulers end them.
    """
    actor.require(Right.CHANGE)
    return _change(database, "stop_campaign", campaign_id, actor=actor, hang_up=hang_up)


def _change(database: Database, function: str, campaign_id: str | UUID, *, actor: Actor, **others: Any) -> Campaign:
    wanted = identifier(campaign_id, "a campaign")
    database.call(function, id=wanted, actor=actor.name, **others)
    return get_campaign(database, wanted, actor=actor)
