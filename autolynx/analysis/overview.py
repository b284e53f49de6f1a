"""The first page's figures."""

from __future__ import annotations

from datetime import datetime

from autolynx.database import Database
from autolynx.models import Overview


def get_overview(database: Database, *, day_start: datetime) -> Overview:
    """The first page's figures; `day_start`, aware, is when today began for the reader."""
    return Overview.model_validate(database.call("get_overview", day_start=day_start))
