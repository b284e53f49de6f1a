"""The first page's figures."""

from __future__ import annotations

from datetime import datetime

from autolynx.access.actor import Actor, Right
from autolynx.database import Database
from autolynx.models import Overview


def get_overview(database: Database, *, actor: Actor, day_start: datetime) -> Overview:
    """The first page's figures; `day_start`, aware, is when today began for the reader."""
    actor.require(Right.LOOK)
    return Overview.model_validate(database.call("get_overview", day_start=day_start))
