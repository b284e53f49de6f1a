"""A number is given every time zone that it may lie in, and none of another country."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberType, example_number_for_type, is_valid_number, parse
from phonenumbers.tzdata import TIMEZONE_DATA

from autolynx import time_zone_rules
from autolynx.phones import read_phone
from autolynx.time_zones import time_zones

WINTER, SUMMER = datetime(2027, 1, 13, 12, tzinfo=UTC), datetime(2027, 7, 14, 12, tzinfo=UTC)
#: the reference's: libphonenumber has more than one zone for them
SPANNING = [
    *(208, 219, 250, 270, 308, 418, 423, 541, 574, 605, 606, 620, 701),
    *(709, 775, 785, 807, 812, 850, 867, 879, 906, 907, 928, 986),
]


def zones(number: str) -> tuple[str, ...]:
    return time_zones(parse(number))


def hours_ahead(number: str, at: datetime = WINTER) -> set[float]:
    """What the clocks may show, against UTC."""
    return {at.astimezone(ZoneInfo(zone)).utcoffset().total_seconds() / 3600 for zone in zones(number)}


def in_area(code: str | int) -> tuple[str, ...]:
    return zones(f"+1{code}2345678")


def test_it_gives_a_number_the_one_zone_of_its_area_when_there_is_just_one() -> None:
    found = [read_phone(number, None).time_zones for number in ("+12125550123", "+16025550123", "+442079460123")]

    assert found == [("America/New_York",), ("America/Phoenix",), ("Europe/London",)]


@pytest.mark.parametrize("code", SPANNING)
def test_it_gives_all_zones_of_an_area_code_whatever_the_exchange(code: int) -> None:
    of_exchanges = {
        zone for start, there in TIMEZONE_DATA.items() if start.startswith(f"1{code}") for zone in there
    } - {"Pacific/Honolulu", "America/Puerto_Rico"}  # wrong: in Alaska, and in Newfoundland
    clocks = {clock(zone) for zone in in_area(code)}

    assert len(clocks) > 1
    assert {clock(zone) for zone in of_exchanges} <= clocks


def clock(zone: str) -> tuple[object, object]:
    return tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in (WINTER, SUMMER))


@pytest.mark.parametrize(
    ("overlay", "parent"),
    [
        *[("448", "850"), ("930", "812"), ("364", "270"), ("458", "541"), ("986", "208"), ("879", "709")],
        *[(overlay, "250") for overlay in ("236", "257", "672", "778")],
        *[("367", "418"), ("581", "418"), ("474", "306"), ("639", "306")],
    ],
)
def test_it_gives_an_overlay_the_zones_of_the_area_code_beneath(overlay: str, parent: str) -> None:
    assert in_area(overlay) == in_area(parent)
    assert len(in_area(overlay)) > 1


def test_it_counts_every_zone_of_an_area_code_that_spans_two() -> None:
    assert in_area("605") == ("America/Chicago", "America/Denver", "America/North_Dakota/Center")
    assert in_area("208") == ("America/Boise", "America/Denver", "America/Los_Angeles")
    assert {"America/Chicago", "America/New_York"} == set(in_area("850"))


def test_it_knows_all_three_territories_of_canadas_north() -> None:
    assert {"America/Whitehorse", "America/Edmonton", "America/Rankin_Inlet", "America/Iqaluit"} <= set(in_area("867"))


def test_it_gives_nobody_in_alaska_the_time_of_honolulu() -> None:
    assert set(in_area("907")) == {"America/Adak", "America/Anchorage", "America/Juneau"}


@pytest.mark.parametrize("number", ["+18005550123", "+18885550123", "+15002345678", "+16002345678"])
def test_it_gives_a_number_that_lies_nowhere_all_of_north_america(number: str) -> None:
    assert len(zones(number)) == 42
    assert {-11, 10} <= hours_ahead(number)


@pytest.mark.parametrize(
    ("number", "winter", "summer"),
    [
        ("+491711234567", {1}, {2}),
        ("+493023125004", {1}, {2}),
        ("+447400123456", {0}, {1}),
        ("+353851234567", {0}, {1}),
        ("+61412345678", {6.5, 7, 8, 8.75, 9.5, 10, 10.5, 11}, {6.5, 7, 8, 8.75, 9.5, 10, 10.5}),  # with the islands
        ("+61298765432", {11}, {10}),
        ("+61733331234", {10, 11}, {10}),  # Queensland, or New South Wales beside it
        ("+61889501234", {8, 8.75, 9.5, 10.5}, {8, 8.75, 9.5}),  # Alice Springs keeps no summer time
        ("+551132345678", {-3}, {-3}),
        ("+5511987654321", {-3}, {-3}),
        ("+5591987654321", {-3}, {-3}),  # Belém
        ("+5581987654321", {-3, -2}, {-3, -2}),  # Recife, or Noronha
        ("+5568987654321", {-5}, {-5}),
        ("+558001234567", {-5, -4, -3, -2}, {-5, -4, -3, -2}),
        ("+528112345678", {-6}, {-6}),
        ("+526141234567", {-7, -6}, {-7, -6}),  # Chihuahua
        ("+6281234567890", {7, 8, 9}, {7, 8, 9}),
        ("+62215551234", {7}, {7}),
        ("+77012345678", {5}, {5}),
        ("+79161234567", set(range(2, 13)), set(range(2, 13))),
        ("+74012123456", {2}, {2}),  # Kaliningrad
        ("+78452123456", {4}, {4}),  # Saratov
        ("+56221234567", {-3, -5}, {-3, -4, -6}),  # with Easter Island and Magallanes
        ("+6753211234", {10, 11}, {10, 11}),
        ("+6913201234", {10, 11}, {10, 11}),
        ("+212612345678", {0}, {0}),
        ("+213551234567", {1}, {1}),
        ("+218912345678", {2}, {2}),
        ("+50581234567", {-6}, {-6}),
        ("+211912345678", {2}, {2}),
        ("+34612345678", {0, 1}, {1, 2}),
        ("+34928123456", {0}, {1}),
        ("+8613912345678", {6, 8}, {6, 8}),
        ("+38344123456", {1}, {2}),  # Kosovo is no country of zone.tab
    ],
)
def test_it_gives_a_number_all_zones_it_may_lie_in(number: str, winter: set[float], summer: set[float]) -> None:
    assert hours_ahead(number, WINTER) == winter
    assert hours_ahead(number, SUMMER) == summer


@pytest.mark.parametrize("number", ["+80012345678", "+870301234567"])
def test_it_says_that_nothing_is_known_of_a_number_of_no_country(number: str) -> None:
    assert zones(number) == ()


def test_it_knows_some_zone_for_every_country_and_only_names_that_there_are() -> None:
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
    examples = [example_number_for_type(region, kind) for region in SUPPORTED_REGIONS for kind in kinds]
    found = [time_zones(example) for example in examples if example and is_valid_number(example)]

    assert len(found) > 500
    assert all(found)
    assert {zone for each in found for zone in each} <= set(time_zone_rules.names())


def test_it_gives_every_area_code_of_north_america_some_zones_and_most_of_them_few() -> None:
    found = {code: in_area(code) for code in range(200, 1000) if is_valid_number(parse(f"+1{code}2345678"))}
    nowhere = {code for code, there in found.items() if len(there) == 42}

    assert all(found.values())
    assert {800, 888, 500, 600} <= nowhere
    assert all(str(code)[0] in "5689" for code in nowhere)
    assert max(len(there) for code, there in found.items() if code not in nowhere) < 10


def test_it_names_zones_as_they_are_named_now() -> None:
    assert zones("+911123456789") == ("Asia/Kolkata",)
    assert zones("+97714123456") == ("Asia/Kathmandu",)
