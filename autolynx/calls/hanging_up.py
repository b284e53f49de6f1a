"""Ending a call that is under way."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models.identifier import identifier


def hang_up_call(database: Database, call_id: str | UUID, *, actor: Actor) -> None:
    """Have a call ended by the next scheduler that looks. Safe to repeat. Raises NotFound, Conflict when over."""
    actor.require(Right.CHANGE)
    database.call("hang_up_call", id=identifier(call_id, "a call"), actor=actor.name)
