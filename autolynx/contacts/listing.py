"""A campaign's contacts, as they are read."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import CallOutcome, Contact, ContactState, Page
from autolynx.models.code import code
from autolynx.models.identifier import identifier


def list_contacts(
    database: Database,
    campaign_id: str | UUID,
    *,
    actor: Actor,
    state: str | None = None,
    outcome: str | None = None,
    search: str | None = None,
    page: int = 1,
    limit: int = 50,
) -> Page[Contact]:
    """A campaign's contacts in the order of the list.

    `state` and `outcome`: codes, as a campaign's figures count them; `search`: part of a name, business or number.
    Raises InvalidInput for what is no such code.
    """
    actor.require(Right.LOOK)
    found = database.call(
        "list_contacts",
        campaign_id=identifier(campaign_id, "a campaign"),
        state=code(ContactState, state, "a contact's state"),
        outcome=code(CallOutcome, outcome, "an outcome"),
        search=search or None,
        page=page,
        limit=limit,
    )
    items = [Contact.model_validate(row) for row in found["contacts"]]
    return Page[Contact](items=items, total=found["total"], page=page, limit=limit)
