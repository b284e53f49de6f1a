"""Whose phone: nobody is called outside hours in any time zone that the number may lie in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from autolynx import time_zone_rules
from autolynx.database import Database
from autolynx.errors import Conflict, InvalidInput
from tests.desk import NOON, Desk

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
#: In all of the toll-free numbers' zones it is never between nine and six.
NORTH_AMERICA = ["America/Adak", "America/Chicago", "America/New_York", "America/St_Johns", "Pacific/Guam", "Pacific/Honolulu"]
IS_OPEN = "select internal.is_calling_time(jsonb_populate_record(null::public.campaigns, %s), %s, %s)"
FIRST = "select internal.next_calling_time(jsonb_populate_record(null::public.campaigns, %s), to_jsonb(%s::text[][]), %s)"


def hours(start: str = "09:00", end: str = "18:00", days: list[int] | None = None, zone: str = "UTC") -> dict[str, Any]:
    return {"from": start, "until": end, "days": days or EVERY_DAY, "time_zone": zone}


def columns(given_hours: dict[str, Any]) -> str:
    return psycopg.types.json.Jsonb(
        {
            "calling_from": given_hours["from"],
            "calling_until": given_hours["until"],
            "calling_days": given_hours["days"],
        }
    )


def is_inside(given_hours: dict[str, Any], zones: list[str], at: datetime) -> bool:
    """By Python's own zones."""
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        clock = local.time().isoformat()
        if local.isoweekday() not in given_hours["days"] or not given_hours["from"] <= clock[:5] < given_hours["until"]:
            return False
    return True


@pytest.fixture
def desk(database: Database) -> Desk:
    database.call("beat", name="w1", kind="scheduler", now=NOON)
    return Desk(database)
