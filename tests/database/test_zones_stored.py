"""The time zones that are stored with a contact, and the rules of all zones that are stored beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
import pytest

from autolynx.contacts import time_zone_rules
from autolynx.contacts.time_zone_rules import UNTIL, VERSION
from autolynx.database import Database
from autolynx.errors import Conflict, InvalidInput
from tests.support.calling_hours import ZONES, campaign, codes
from tests.support.desk import NOON, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_stores_zones_sorted_and_each_once(desk: Desk) -> None:
    started = campaign(desk, ["UTC", "America/Denver", "Asia/Tokyo", "America/Denver"], [])

    found = [contact["time_zones"] for contact in desk.all_contacts(started)]

    assert found == [["America/Denver", "Asia/Tokyo", "UTC"], []]


@pytest.mark.parametrize(
    "zones", [["Atlantis/Capital"], ["UTC", "Mars"], "UTC", {"UTC": 1}, [7], [None], list(ZONES[:61])]
)
def test_it_refuses_zones_that_there_are_not(desk: Desk, zones: Any) -> None:
    with pytest.raises(InvalidInput, match="time zones are"):
        campaign(desk, zones)


def test_it_takes_newer_rules_and_never_older_ones(database: Database, connection: psycopg.Connection) -> None:
    rules = {"UTC": [[0, 0], [4_000_000_000, None]], "Asia/Tokyo": [[0, 28_800]]}
    in_force = database.call("time_zones_version")
    assert (in_force["version"], datetime.fromisoformat(in_force["until"])) == (VERSION, UNTIL)

    older = database.call("load_time_zones", version="2025b", until=UNTIL, rules=rules)
    assert older == in_force | {"loaded": False}
    assert time_zone_rules.load(database) is False

    newer = database.call("load_time_zones", version="2999a", until=UNTIL, rules=rules)
    assert (newer["version"], newer["loaded"]) == ("2999a", True)
    assert connection.execute("select count(*) from public.time_zone_rules").fetchone() == (3,)
    assert time_zone_rules.load(database) is False


@pytest.mark.parametrize(
    "wrong", [{"version": "newest"}, {"version": None}, {"rules": {}}, {"rules": None}, {"until": None}]
)
def test_it_refuses_what_are_no_rules(database: Database, wrong: dict[str, Any]) -> None:
    rules: dict[str, Any] = {"version": "2999a", "until": UNTIL, "rules": {"UTC": [[0, 0]]}}

    with pytest.raises(InvalidInput, match="no time zone rules"):
        database.call("load_time_zones", **rules | wrong)


def test_it_loads_its_own_rules_whole(database: Database, connection: psycopg.Connection) -> None:
    _forget(connection)

    assert time_zone_rules.load(database) is True
    rows = connection.execute(
        "select name, extract(epoch from from_at)::bigint, offset_seconds from public.time_zone_rules order by 1, 2"
    ).fetchall()
    expected = [(name, at, ahead) for name, changes in time_zone_rules.rules().items() for at, ahead in changes]
    assert rows == sorted(expected, key=lambda row: row[:2])


def _forget(connection: psycopg.Connection) -> None:
    connection.execute("delete from public.time_zone_rules")
    connection.execute("update public.settings set time_zones_version = null, time_zones_until = null")


@pytest.mark.parametrize("how", ["missing", "run out"])
def test_it_calls_nobody_by_hours_and_says_so_when_there_are_no_rules(
    desk: Desk, connection: psycopg.Connection, how: str
) -> None:
    started, free = campaign(desk, ["UTC"]), campaign(desk, ["UTC"], calling_hours=None)
    at = NOON if how == "missing" else UNTIL + (NOON - NOON.replace(hour=0))
    contact = desk.all_contacts(started)[0]
    if how == "missing":
        _forget(connection)

    assert [order["campaign_id"] for order in desk.claim(now=at)] == [free]
    assert codes(desk, "explain_campaign", started, at) == ["time_zones_missing"]
    assert codes(desk, "explain_contact", contact["id"], at)[0] == "time_zones_missing"
    alarms = desk.database.call("list_alarms", now=at)["alarms"]
    assert [alarm["code"] for alarm in alarms] == ["time_zones_missing"]
    with pytest.raises(Conflict, match="time zones are missing or have run out"):
        campaign(desk, ["UTC"], now=at)


def test_it_says_in_its_health_which_rules_are_in_force(database: Database) -> None:
    assert database.call("get_health")["time_zones"] == database.call("time_zones_version")


def test_it_stores_zones_before_there_are_rules(desk: Desk, connection: psycopg.Connection) -> None:
    _forget(connection)

    started = campaign(desk, ["Europe/Berlin"], calling_hours=None)

    assert desk.all_contacts(started)[0]["time_zones"] == ["Europe/Berlin"]


def test_it_keeps_each_calling_day_once(desk: Desk, connection: psycopg.Connection) -> None:
    hours = {"from": "09:00", "until": "18:00", "days": [5, 1, 5, 1, 1], "time_zone": "UTC"}

    campaign = desk.campaign(1, calling_hours=hours)

    stored = connection.execute("select calling_days from public.campaigns where id = %s", [campaign]).fetchone()
    assert stored == ([1, 5],)
