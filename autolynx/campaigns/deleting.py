"""A campaign, deleted for good."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import Erasure
from autolynx.models.identifier import identifier


def delete_campaign(
    database: Database, campaign_id: str | UUID, *, actor: Actor, confirmation: str | None = None
) -> Erasure:
    """Delete a campaign that is over or was never started, with its contacts, calls and conversations.

    `confirmation` is what somebody typed: it must be the campaign's name. None where nobody was asked to. Raises
    NotFound, Conflict while it dials or calls are under way, InvalidInput for another confirmation.
    """
    actor.require(Right.DELETE)
    wanted = identifier(campaign_id, "a campaign")
    erased = database.call("delete_campaign", id=wanted, confirmation=confirmation, actor=actor.name)
    return Erasure.model_validate(erased)
