"""Whether the provider takes dials."""

from __future__ import annotations

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import ProviderHealth


def get_provider_health(database: Database, *, actor: Actor) -> ProviderHealth:
    """Whether the provider takes dials, as every scheduler sees it."""
    actor.require(Right.LOOK)
    return ProviderHealth.model_validate(database.call("get_provider_health"))
