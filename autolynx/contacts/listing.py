"""A campaign's contacts, as they are read."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import Contact, Page
from autolynx.models.identifier import identifier


def list_contacts(
    database: Database,
    campaign_id: str | UUID,
    *,
    actor: Actor,
    filter_by: str | None = None,
    search: str | None = None,
    page: int = 1,
    limit: int = 50,
) -> Page[Contact]:
    """A campaign's contacts in the order of the list.

    `filter_by`: waiting, calling, settled or an outcome; `search`: part of a name, business or number.
    """
    actor.require(Right.LOOK)
    found = database.call(
        "list_contacts",
        campaign_id=identifier(campaign_id, "a campaign"),
        filter=filter_by,
        search=search or None,
        page=page,
        limit=limit,
    )
    items = [Contact.model_validate(row) for row in found["contacts"]]
    return Page[Contact](items=items, total=found["total"], page=page, limit=limit)
