"""Calling hours as the tests of them need them: hours and zones that are hard, and what SQL says of a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from autolynx.contacts import time_zone_rules
from tests.support.desk import Desk

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
WEEKDAYS = [1, 2, 3, 4, 5]
#: between the first and the last are 21 hours: it is never inside 9 to 18 in all of them
AMERICAN = ["America/Chicago", "America/New_York", "America/St_Johns", "Pacific/Guam", "Pacific/Honolulu"]
DAKOTA = ["America/Chicago", "America/Denver", "America/North_Dakota/Center"]
QUARTER = timedelta(minutes=15)

ZONES = time_zone_rules.names()


def hours(start: str = "09:00", end: str = "18:00", days: list[int] | None = None, zone: str = "UTC") -> dict[str, Any]:
    return {"from": start, "until": end, "days": days or EVERY_DAY, "time_zone": zone}


def asked_by_sql(
    connection: psycopg.Connection, question: str, given_hours: dict[str, Any], zones: list[str], at: datetime
) -> Any:
    columns = "jsonb_populate_record(null::public.campaigns, internal.hours_columns(%s))"
    row = connection.execute(
        f"select internal.{question}({columns}, %s, %s)",
        [Jsonb(given_hours), zones if question == "is_calling_time" else Jsonb([zones]), at],
    ).fetchone()
    return row[0] if row else None


def next_time(connection: psycopg.Connection, given_hours: dict[str, Any], zones: list[str], at: datetime) -> Any:
    return asked_by_sql(connection, "next_calling_time", given_hours, zones, at)


def campaign(desk: Desk, *zone_sets: list[str], **others: Any) -> str:
    """One with a contact for each set of zones, in hours from 9 to 18."""
    contacts = [
        contact | {"time_zones": zones} for contact, zones in zip(desk.contacts(len(zone_sets)), zone_sets, strict=True)
    ]
    return desk.campaign(contacts=contacts, **{"calling_hours": hours(days=WEEKDAYS)} | others)


def codes(desk: Desk, function: str, subject: str, at: datetime) -> list[str]:
    desk.database.call("beat", process="w1", kind="scheduler", now=at)
    found = desk.database.call(function, id=subject, now=at)["reasons"]
    assert all(reason["text"].endswith(".") for reason in found)
    return [reason["code"] for reason in found]


def only_reason(desk: Desk, function: str, subject: str, at: datetime) -> dict[str, Any]:
    desk.database.call("beat", process="w1", kind="scheduler", now=at)
    reason: dict[str, Any] = desk.database.call(function, id=subject, now=at)["reasons"][0]
    return reason
