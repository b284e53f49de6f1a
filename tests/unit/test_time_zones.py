"""A number is given every time zone that it may lie in, and none of another country."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberType, example_number_for_type, is_valid_number, parse
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from autolynx.contacts import time_zone_rules
from autolynx.contacts.phones import read_phone
from autolynx.contacts.time_zones import time_zones

WINTER, SUMMER = datetime(2027, 1, 13, 12, tzinfo=UTC), datetime(2027, 7, 14, 12, tzinfo=UTC)
#: the reference's: libphonenumber has more than one zone for them
SPANNING = [
    *(208, 219, 250, 270, 308, 418, 423, 541, 574, 605, 606, 620, 701),
    *(709, 775, 785, 807, 812, 850, 867, 879, 906, 907, 928, 986),
]
#: area codes that NANPA laid over each other
TOGETHER = (
    "205 659|256 938|480 602 623|327 870|209 350|213 323 738|310 424|341 510|369 707|408 669|415 628|442 760|619 858|"
    "657 714|747 818|805 820|840 909|279 916|303 720 983|748 970|203 475|860 959|305 645 786|324 904|407 689|561 728|"
    "754 954|656 813|448 850|404 470 678 770 943|706 762|208 986|217 447|224 847|312 773 872|331 630|464 708|618 730|"
    "779 815|317 463|812 930|270 364|227 240 301|410 443 667|339 781|351 978|508 774|617 857|248 947|601 769|314 557|"
    "816 975|235 573|402 531|702 725|201 551|609 640|732 848|862 973|212 332 646 917|347 718 917 929|631 934|315 680|"
    "518 838|329 845|363 516|704 980|919 984|336 743|472 910|220 740|234 330|326 937|380 614|419 567|283 513|539 918|"
    "405 572|503 971|458 541|215 267 445|412 724 878|484 610 835|272 570|223 717|582 814|803 839|843 854|821 864|"
    "615 629|210 726|"
    "214 469 945 972|281 346 713 832|512 737|682 817|430 903|385 801|571 703|757 948|686 804|540 826|360 564|"
    "304 681|274 920|353 608|534 715|202 771|236 250 257 672 778|368 403 587 780 825|306 474 639|204 431 584|"
    "416 437 647 942|289 365 742 905|226 382 519 548|343 613 753|249 683 705|263 438 514|354 450 579|468 819 873|"
    "273 367 418 581|428 506|782 902|709 879|787 939|809 829 849|658 876"
)
#: places that libphonenumber names instead of their state
STATES = {
    "British Colombia": "British Columbia", "Chicago, IL": "Illinois", "Los Angeles, CA": "California",
    "Montreal, QC": "Quebec", "New York, NY": "New York", "Palm Beach, FL": "Florida",
    "Philadelphia, PA": "Pennsylvania", "San Antonio, TX": "Texas", "Toronto, ON": "Ontario",
}  # fmt: skip
#: area codes that lie otherwise than most of their state, by zone.tab's comments and NANPA's maps
OTHER_PARTS = {
    "Vancouver": "604",
    "Denver Phoenix": "928",
    "Chicago New_York": "448 850 906 423",
    "New_York": "260 317 463 765 502 859 865",
    "Chicago Denver": "308 402 531 620 785",
    "Boise Denver Los_Angeles": "775",
    "Toronto Winnipeg": "807",
    "Denver Los_Angeles": "458 541",
    "Blanc-Sablon Halifax Toronto": "273 367 418 581",
    "Denver": "915",
}


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


@pytest.mark.parametrize("together", TOGETHER.split("|"))
def test_it_gives_area_codes_that_lie_over_each_other_the_same_zones(together: str) -> None:
    assert len({in_area(code) for code in together.split()}) == 1


def test_it_gives_every_area_code_of_a_state_the_zones_of_its_siblings_or_those_of_the_table() -> None:
    states: dict[str, dict[str, tuple[str, ...]]] = {}
    for code in map(str, range(200, 1000)):
        place = GEOCODE_DATA.get(f"1{code}", {}).get("en", "")
        if is_valid_number(parse(f"+1{code}2345678")) and place:
            states.setdefault(STATES.get(place, place), {})[code] = in_area(code)
    told = {code: tuple(f"America/{zone}" for zone in zones.split()) for zones, codes in OTHER_PARTS.items()
            for code in codes.split()}  # fmt: skip

    assert len(states) > 60
    assert {code: in_area(code) for code in told} == told
    for state, codes in states.items():
        assert len({zones for code, zones in codes.items() if code not in told}) <= 1, state


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
        *[(f"+52{area}1234567", {-6}, {-6, -5}) for area in (862, 868, 873, 891, 897)],  # at the border, or beside it
        *[(f"+52{area}1234567", {-6}, {-5}) for area in (867, 877, 878, 894, 899)],
        *[(f"+52{area}1234567", {-7, -6}, {-6}) for area in (636, 656, 657)],  # Ciudad Juárez, or Villa Ahumada
        ("+529971234567", {-6, -5}, {-6, -5}),  # Yucatán, or Quintana Roo
        ("+61891641234", {7}, {7}),  # Christmas Island
        ("+61891621234", {6.5}, {6.5}),  # Cocos Islands
        ("+6433011234", {13, 13.75}, {12, 12.75}),  # Ashburton, or the Chatham Islands
        ("+6433121234", {13}, {12}),
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
        ("+903922271234", {2, 3}, {3}),  # Northern Cyprus
        *[(f"+90{mobile}123456", {2, 3}, {3}) for mobile in (5338, 5428, 5488)],
        ("+902121234567", {3}, {3}),
        ("+905321234567", {3}, {3}),
        ("+905337123456", {3}, {3}),
        ("+995442123456", {3, 4}, {3, 4}),  # Abkhazia
        ("+995322123456", {4}, {4}),
        ("+995555123456", {4}, {4}),
        ("+38344123456", {1}, {2}),  # Kosovo is no country of zone.tab
    ],
)
def test_it_gives_a_number_all_zones_it_may_lie_in(number: str, winter: set[float], summer: set[float]) -> None:
    assert hours_ahead(number, WINTER) == winter
    assert hours_ahead(number, SUMMER) == summer


@pytest.mark.parametrize(
    ("island", "zone", "length"),
    [("Lord Howe Island", "Australia/Lord_Howe", 11), ("Chatham Is", "Pacific/Chatham", 10)],
)
def test_it_knows_every_exchange_of_an_island_with_a_time_of_its_own(island: str, zone: str, length: int) -> None:
    exchanges = [prefix for prefix, place in GEOCODE_DATA.items() if island in place.get("en", "")]

    assert len(exchanges) > 10
    assert [one for one in exchanges if zone not in zones(f"+{one}{'12345678'[: length - len(one)]}")] == []


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
