"""Campaigns as they are read: all, or one."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import Campaign, Page
from autolynx.models.identifier import identifier


def list_campaigns(database: Database, *, actor: Actor, page: int = 1, limit: int = 50) -> Page[Campaign]:
    """Every campaign, newest first."""
    actor.require(Right.LOOK)
    found = database.call("list_campaigns", page=page, limit=limit)
    items = [Campaign.model_validate(row) for row in found["campaigns"]]
    return Page[Campaign](items=items, total=found["total"], page=page, limit=limit)


def get_campaign(database: Database, campaign_id: str | UUID, *, actor: Actor) -> Campaign:
    """One campaign with its progress and the calls on its lines now. Raises NotFound."""
    actor.require(Right.LOOK)
    return Campaign.model_validate(database.call("get_campaign", id=identifier(campaign_id, "a campaign")))
