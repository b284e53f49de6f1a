"""When it is calling time, in SQL: any hours, days and zones up to 2036 against Python's own zones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from autolynx.contacts import time_zone_rules
from tests.support.calling_hours import AMERICAN, EVERY_DAY, QUARTER, ZONES, asked_by_sql, hours, next_time
from tests.support.desk import NOON

CHANGES = {zone: [at for at, _ in changes[1:-1]] for zone, changes in time_zone_rules.rules().items()}
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
quarters = some.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
zone_sets = some.lists(some.sampled_from(ZONES), min_size=1, max_size=4, unique=True)
day_lists = some.lists(some.sampled_from(EVERY_DAY), min_size=1, max_size=7, unique=True)


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
