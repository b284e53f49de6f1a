"""Whose phone: nobody is called outside hours in any time zone that the number may lie in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from autolynx.database import Database
from tests.support.calling_hours import AMERICAN, DAKOTA, QUARTER, WEEKDAYS, ZONES, campaign, codes, hours
from tests.support.desk import NOON, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.mark.parametrize(
    ("at", "is_called"),
    [
        (datetime(2026, 11, 23, 13, 22, tzinfo=UTC), False),  # 07:22 in Sioux Falls, 06:22 in Rapid City
        (datetime(2026, 11, 23, 14, 22, tzinfo=UTC), False),  # 08:22, 07:22
        (datetime(2026, 11, 23, 15, 22, tzinfo=UTC), False),  # 09:22, 08:22
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 0, 30, tzinfo=UTC), False),  # 18:30, 17:30
    ],
)
def test_it_calls_south_dakota_only_inside_hours_in_both_its_zones(desk: Desk, at: datetime, is_called: bool) -> None:
    started = campaign(desk, DAKOTA)

    assert bool(desk.claim(now=at)) is is_called
    if not is_called:
        assert codes(desk, "explain_campaign", started, at) == ["calling_hours"]


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        ("America/Vancouver", datetime(2026, 12, 15, 16, tzinfo=UTC)),  # an older rule says 17
        ("America/Edmonton", datetime(2026, 12, 15, 15, tzinfo=UTC)),  # and here 16
    ],
)
def test_it_goes_by_the_new_rules_of_western_canada(desk: Desk, zone: str, opens: datetime) -> None:
    campaign(desk, [zone], calling_hours=hours(days=WEEKDAYS))

    assert desk.claim(now=opens - QUARTER) == []
    assert len(desk.claim(now=opens)) == 1
    campaign(desk, [zone])
    assert desk.claim(now=opens + timedelta(hours=9)) == []


@pytest.mark.parametrize("mode", ["continuous", "batch"])
def test_it_calls_whose_zones_are_all_open_and_passes_over_the_others(desk: Desk, mode: str) -> None:
    zone_sets = [["Europe/Berlin"], DAKOTA, ["Europe/Berlin", "Asia/Tokyo"], [], ["Europe/Berlin", "Europe/London"]]
    started = campaign(desk, *zone_sets, mode=mode)
    names = [contact["name"] for contact in desk.all_contacts(started)]

    called = {order["name"] for order in desk.claim(now=NOON)}

    assert called == {names[0], names[3], names[4]}


def test_it_gives_no_leave_when_one_of_the_zones_has_closed_since_the_claim(desk: Desk) -> None:
    campaign(desk, DAKOTA, DAKOTA)
    closing = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # six in the evening in the eastern half
    before = closing - timedelta(seconds=1)
    first, second = desk.claim(now=before)

    assert desk.begin(first, now=before)
    assert not desk.begin(second, now=closing)


def test_it_dials_at_any_time_when_a_campaign_has_no_hours(desk: Desk) -> None:
    campaign(desk, AMERICAN, calling_hours=None)

    assert len(desk.claim(now=NOON)) == 1


def test_it_walks_the_index_from_set_to_set_when_many_wait(desk: Desk, connection: psycopg.Connection) -> None:
    sets = [["America/Chicago", zone] for zone in ZONES[:29]] + [["Europe/Berlin", "Europe/Busingen"]]
    contacts = desk.contacts(3000)
    desk.campaign(
        contacts=[each | {"time_zones": sets[n * 30 // 3000]} for n, each in enumerate(reversed(contacts))],
        calling_hours=hours(),
    )
    connection.execute("analyze public.contacts, public.time_zone_rules")
    with connection.transaction():
        before = _rows_read(connection)
        found = connection.execute("select count(*) from public.campaigns c, internal.waiting_zones(c)").fetchone()
        read = _rows_read(connection) - before

    assert found == (30,)
    assert read <= 100


def _rows_read(connection: psycopg.Connection) -> int:
    """Of contacts, by this transaction."""
    row = connection.execute(
        "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relid = 'public.contacts'::regclass"
    ).fetchone()
    return int(row[0]) if row else 0
