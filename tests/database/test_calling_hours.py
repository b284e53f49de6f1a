"""Whose phone: nobody is called outside hours in any time zone that the number may lie in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg.types.json import Jsonb

from autolynx.contacts import time_zone_rules
from autolynx.contacts.time_zone_rules import UNTIL, VERSION
from autolynx.database import Database
from autolynx.errors import Conflict, InvalidInput
from tests.support.desk import NOON, Desk

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
WEEKDAYS = [1, 2, 3, 4, 5]
#: between the first and the last are 21 hours: it is never inside 9 to 18 in all of them
AMERICAN = ["America/Chicago", "America/New_York", "America/St_Johns", "Pacific/Guam", "Pacific/Honolulu"]
DAKOTA = ["America/Chicago", "America/Denver", "America/North_Dakota/Center"]
QUARTER = timedelta(minutes=15)

ZONES = time_zone_rules.names()
CHANGES = {zone: [at for at, _ in changes[1:-1]] for zone, changes in time_zone_rules.rules().items()}
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
quarters = some.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
zone_sets = some.lists(some.sampled_from(ZONES), min_size=1, max_size=4, unique=True)
day_lists = some.lists(some.sampled_from(EVERY_DAY), min_size=1, max_size=7, unique=True)


def hours(start: str = "09:00", end: str = "18:00", days: list[int] | None = None, zone: str = "UTC") -> dict[str, Any]:
    return {"from": start, "until": end, "days": days or EVERY_DAY, "time_zone": zone}


@some.composite
def hours_of_any_kind(draw: some.DrawFn) -> dict[str, Any]:
    start, end = sorted(draw(some.lists(quarters, min_size=2, max_size=2, unique=True)))
    return hours(start, end, draw(day_lists))


@some.composite
def moments(draw: some.DrawFn, zones: list[str]) -> datetime:
    """Any quarter of an hour; as often, one within a day of a clock's change."""
    changes = [at for zone in zones for at in CHANGES[zone] if BEGIN.timestamp() <= at < END.timestamp()]
    if changes and draw(some.booleans()):
        about = datetime.fromtimestamp(draw(some.sampled_from(changes)), UTC)
        return about + draw(some.integers(-96, 96)) * QUARTER
    return BEGIN + draw(some.integers(0, (END - BEGIN) // QUARTER)) * QUARTER


def is_inside(given_hours: dict[str, Any], zones: list[str], at: datetime) -> bool:
    """By Python's own zones."""
    for zone in zones:
        local = at.astimezone(ZoneInfo(zone))
        is_open = given_hours["from"] <= f"{local:%H:%M}" < given_hours["until"]
        if not is_open or local.isoweekday() not in given_hours["days"]:
            return False
    return True


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


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def campaign(desk: Desk, *zone_sets: list[str], **others: Any) -> str:
    """One with a contact for each set of zones, in hours from 9 to 18."""
    contacts = [
        contact | {"time_zones": zones} for contact, zones in zip(desk.contacts(len(zone_sets)), zone_sets, strict=True)
    ]
    return desk.campaign(contacts=contacts, **{"calling_hours": hours(days=WEEKDAYS)} | others)


def codes(desk: Desk, function: str, subject: str, at: datetime) -> list[str]:
    desk.database.call("beat", name="w1", kind="scheduler", now=at)
    found = desk.database.call(function, id=subject, now=at)["reasons"]
    assert all(reason["text"].endswith(".") for reason in found)
    return [reason["code"] for reason in found]


def only_reason(desk: Desk, function: str, subject: str, at: datetime) -> dict[str, Any]:
    desk.database.call("beat", name="w1", kind="scheduler", now=at)
    reason: dict[str, Any] = desk.database.call(function, id=subject, now=at)["reasons"][0]
    return reason


# The rule, against Python's own zones


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=some.data(), given_hours=hours_of_any_kind(), zones=zone_sets)
def test_it_is_calling_time_just_when_python_says_so(
    connection: psycopg.Connection, drawn: Any, given_hours: dict[str, Any], zones: list[str]
) -> None:
    at = drawn.draw(moments(zones))

    assert asked_by_sql(connection, "is_calling_time", given_hours, zones, at) is is_inside(given_hours, zones, at)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=some.data(), given_hours=hours_of_any_kind(), zones=zone_sets)
def test_it_names_the_first_quarter_of_an_hour_at_which_it_is_calling_time(
    connection: psycopg.Connection, drawn: Any, given_hours: dict[str, Any], zones: list[str]
) -> None:
    at = drawn.draw(moments(zones))
    within_nine_days = (at + n * QUARTER for n in range(9 * 96))
    expected = next((each for each in within_nine_days if is_inside(given_hours, zones, each)), None)

    found = next_time(connection, given_hours, zones, at)

    if expected is not None:
        assert found == expected
    elif found is None:  # never: not on any day of the year, every third hour
        assert not any(is_inside(given_hours, zones, at + n * 12 * QUARTER) for n in range(365 * 8))
    else:
        assert is_inside(given_hours, zones, found)
        assert not any(is_inside(given_hours, zones, found - n * QUARTER) for n in range(1, 9 * 96))


@pytest.mark.parametrize(
    ("given_hours", "zones", "at", "expected"),
    [
        # both sides of the date line share an hour of a weekday, on different days of the week but Saturday's
        (hours(days=[6]), ["Pacific/Apia", "Pacific/Pago_Pago"], NOON, None),
        (hours(days=[5, 6]), ["Pacific/Apia", "Pacific/Pago_Pago"], NOON, datetime(2026, 11, 27, 20, tzinfo=UTC)),
        # one weekday, just missed
        (hours(days=[1]), ["UTC"], datetime(2026, 11, 23, 18, tzinfo=UTC), datetime(2026, 11, 30, 9, tzinfo=UTC)),
        # two in the night is left out when clocks are put forward: inside begins, and ends, with the change
        (
            hours("02:15", "02:45", [7]), ["Europe/Berlin"],
            datetime(2027, 3, 22, tzinfo=UTC), datetime(2027, 4, 4, 0, 15, tzinfo=UTC),
        ),
        # only while one of the two keeps summer time do they share an hour
        (
            hours("09:00", "10:00"), ["America/Phoenix", "America/Los_Angeles"],
            datetime(2027, 1, 10, tzinfo=UTC), datetime(2027, 3, 14, 16, tzinfo=UTC),
        ),
        (hours(), AMERICAN, NOON, None),
        (
            hours("00:00", "23:59"), AMERICAN,
            datetime(2026, 11, 23, 13, 59, tzinfo=UTC), datetime(2026, 11, 23, 14, tzinfo=UTC),
        ),
    ],
)  # fmt: skip
def test_it_finds_the_next_calling_time_where_that_is_hard(
    connection: psycopg.Connection, given_hours: dict[str, Any], zones: list[str], at: datetime, expected: Any
) -> None:
    assert next_time(connection, given_hours, zones, at) == expected


def test_it_is_no_calling_time_in_no_zone_or_in_one_without_rules(connection: psycopg.Connection) -> None:
    for zones in ([], ["Atlantis/Capital"], ["UTC", "Atlantis/Capital"]):
        assert asked_by_sql(connection, "is_calling_time", hours(), zones, NOON) is False
        assert next_time(connection, hours(), zones, NOON) is None


# Claims and leave


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


# Said before it waits for ever


def test_it_says_that_somebody_can_never_be_called_when_their_zones_share_no_hour(desk: Desk) -> None:
    started = campaign(desk, AMERICAN)
    contact = desk.all_contacts(started)[0]

    reason = only_reason(desk, "explain_contact", contact["id"], NOON)

    assert (reason["code"], reason["until"]) == ("no_calling_time", None)
    assert "5 time zones (America/Chicago, America/New_York, America/St_Johns and 2 more)" in reason["text"]
    assert contact["time_zones"] == AMERICAN


def test_it_says_that_a_campaign_can_call_nobody_any_more_when_only_such_contacts_wait(desk: Desk) -> None:
    started = campaign(desk, AMERICAN, ["UTC"])
    desk.report(desk.dial(desk.claim()[0]))

    reason = only_reason(desk, "explain_campaign", started, NOON)

    assert (reason["code"], reason["until"]) == ("no_calling_time", None)
    assert desk.claim(now=NOON + timedelta(days=3)) == []


def test_it_says_that_a_batch_holds_all_later_ones_up_when_none_of_it_can_be_called(desk: Desk) -> None:
    started = campaign(desk, AMERICAN, ["UTC"], mode="batch", cap=1)

    reason = only_reason(desk, "explain_campaign", started, NOON)

    assert desk.claim() == []
    assert reason["code"] == "no_calling_time"
    assert reason["text"].startswith("Nobody of the present batch can ever be called")


def test_it_says_until_when_where_some_can_be_called_and_others_never(desk: Desk) -> None:
    started = campaign(desk, AMERICAN, DAKOTA)

    reason = only_reason(desk, "explain_campaign", started, NOON)

    assert (reason["code"], datetime.fromisoformat(reason["until"])) == ("calling_hours", NOON.replace(hour=16))


def test_it_finds_the_next_time_for_each_set_before_a_campaign_is_made(database: Database) -> None:
    found = database.call(
        "find_calling_times",
        calling_hours=hours(days=WEEKDAYS, zone="Asia/Tokyo"),
        zone_sets=[DAKOTA, AMERICAN, [], ["UTC"]],
        now=NOON,
    )

    times = [at and datetime.fromisoformat(at) for at in found["times"]]
    assert times == [NOON.replace(hour=16), None, NOON.replace(day=24, hour=0), NOON]
    with pytest.raises(InvalidInput, match="at least one"):
        database.call("find_calling_times", calling_hours=hours() | {"days": []}, zone_sets=[], now=NOON)


# What is stored


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


# The rules themselves


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
