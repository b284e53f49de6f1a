"""One call, as it is read."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import Call
from autolynx.models.identifier import identifier


def get_call(database: Database, call_id: str | UUID, *, actor: Actor) -> Call:
    """One call with its conversation and timeline. Raises NotFound."""
    actor.require(Right.LOOK)
    return Call.model_validate(database.call("get_call", id=identifier(call_id, "a call")))
