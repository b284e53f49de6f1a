"""Why is it not dialing? By the rules that the claim obeys."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import Explanation
from autolynx.models.identifier import identifier


def explain_campaign(database: Database, campaign_id: str | UUID, *, actor: Actor) -> Explanation:
    """Why a campaign is not dialing, by the scheduler's own rules. Raises NotFound."""
    actor.require(Right.LOOK)
    return Explanation.model_validate(database.call("explain_campaign", id=identifier(campaign_id, "a campaign")))


def explain_contact(database: Database, contact_id: str | UUID, *, actor: Actor) -> Explanation:
    """Why one contact is not being called, by the scheduler's own rules. Raises NotFound."""
    actor.require(Right.LOOK)
    return Explanation.model_validate(database.call("explain_contact", id=identifier(contact_id, "a contact")))
