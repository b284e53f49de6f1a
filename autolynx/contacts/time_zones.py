"""A phone number -> every time zone that it may lie in.

A number says where it was issued, to within an area at best. It is called only inside hours in all of its zones, so a
zone too many costs some hours of the day, and one too few wakes somebody up. Sources, looked through on 2026-11-29:

- `zone.tab` of PyPI's tzdata 2026.6: the zones of each country. All of them, wherever nothing better is certain.
- libphonenumber 9.0.43 (`phonenumbers.tzdata`): zones by prefix. They are those of Unicode's CLDR, which has one zone
  stand for many of the same standard time (libphonenumber issue 1425): an hour off where summers differ or rules are
  newer. Believed in North America and the countries of `_BELIEVED`, for fixed lines alone but in Brazil and Mexico.
- the tables below, where libphonenumber is wrong or too narrow in those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number_for_region,
    number_type,
)
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_geographical_number
from phonenumbers.tzdata import TIMEZONE_DATA

from autolynx.contacts.time_zone_rules import other_names

_FIXED = {PhoneNumberType.FIXED_LINE}
_ANY_LINE = {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}

#: Country codes whose numbers tell their region, and which of them do. North America (1) goes by area codes, for every
#: line: its mobile numbers look like all others, and a number may be taken along.
_BELIEVED: Mapping[int, set[int]] = {
    7: _FIXED,  # Russia and Kazakhstan
    34: _FIXED,  # Spain
    52: _ANY_LINE,  # Mexico
    55: _ANY_LINE,  # Brazil
    61: _FIXED,  # Australia
    62: _FIXED,  # Indonesia
    64: _FIXED,  # New Zealand
    351: _FIXED,  # Portugal
    593: _FIXED,  # Ecuador
    976: _FIXED,  # Mongolia
}

#: Brazil's area codes by state (Anatel's national numbering plan) and their zones (tzdata, file southamerica).
#: Libphonenumber gives Belém the time of Manaus, and Recife that of Noronha. 81 is Pernambuco's coast with Noronha, 97
#: the western Amazonas.
_BRAZIL: Mapping[str, str] = {
    "America/Araguaina": "63",
    "America/Bahia": "71 73 74 75 77",
    "America/Belem": "91 94 96",
    "America/Boa_Vista": "95",
    "America/Campo_Grande": "67",
    "America/Cuiaba": "65 66",
    "America/Eirunepe America/Manaus": "97",
    "America/Fortaleza": "83 84 85 86 88 89 98 99",
    "America/Maceio": "79 82",
    "America/Manaus": "92",
    "America/Noronha America/Recife": "81",
    "America/Porto_Velho": "69",
    "America/Recife": "87",
    "America/Rio_Branco": "68",
    "America/Santarem": "93",
    "America/Sao_Paulo": "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 "
    "51 53 54 55 61 62 64",
}

#: Where libphonenumber is wrong or too narrow: the longest prefix -> zones.
_PREFIXES: Mapping[str, str] = {
    # Australia (tzdata, file australasia): 7 is Queensland, with border towns that keep Sydney's time, which is what
    # libphonenumber assumes; 8 is the west, South Australia and the Northern Territory, which differ in summer
    "617": "Australia/Brisbane Australia/Sydney",
    "618": "Australia/Adelaide Australia/Broken_Hill Australia/Darwin Australia/Eucla Australia/Perth",
    # Lord Howe Island's exchanges, and those that it shares (libphonenumber's names of places)
    **{f"612{exchange}": "Australia/Lord_Howe Australia/Sydney"
       for exchange in (55475, 55620, 55623, 55684, 55720, 5576, 5577, 5578, 5579)},
    # the Chatham Islands' exchanges, and Ashburton's, of which libphonenumber has all in the Chathams
    **{f"643{exchange}": "Pacific/Auckland Pacific/Chatham"
       for exchange in (30, 2613, 2719, 3950, 4238, 4246, 5513, 5667, 6509, 6627, 6688, 7460, 9085, 9757, 9854)},
    **{f"55{area}": zones for zones, areas in _BRAZIL.items() for area in areas.split()},
    # Mexico (tzdata, file northamerica): Chihuahua left Mazatlan's time in October 2022; at the border it keeps that of
    # the United States (657 was laid over 656), as Coahuila, Nuevo León and Tamaulipas do there
    **{f"52{area}": "America/Chihuahua America/Mazatlan"
       for area in (614, 621, 625, 627, 628, 629, 635, 639, 648, 649, 652, 659)},
    **{f"52{area}": "America/Chihuahua America/Ciudad_Juarez" for area in (636, 656, 657)},
    **{f"52{area}": "America/Matamoros America/Mexico_City" for area in (862, 868, 873, 891, 897)},
    "52997": "America/Cancun America/Merida",  # Yucatán's south, with José María Morelos in Quintana Roo
    # Russia (tzdata, file europe): Kaliningrad keeps no summer time as Bucharest does, Saratov left Moscow's time in
    # 2016, Yakutia has three
    "740": "Europe/Kaliningrad",
    "7845": "Europe/Saratov",
    "7411": "Asia/Khandyga Asia/Srednekolymsk Asia/Ust-Nera Asia/Vladivostok Asia/Yakutsk",
}  # fmt: skip

#: Prefixes, whatever the line, where people keep a time that zone.tab has under another country.
_OVER_THE_BORDER: Mapping[str, str] = {
    # Northern Cyprus has Turkey's code: its area, and the ranges of its operators' mobiles
    **{f"90{prefix}": "Asia/Famagusta Europe/Istanbul" for prefix in (392, 5338, 5428, 5488)},
    "99544": "Asia/Tbilisi Europe/Moscow",  # Abkhazia
}

_PREFIX_LENGTHS = sorted({len(prefix) for prefix in _PREFIXES}, reverse=True)

#: Area codes of North America that libphonenumber has wrong or too narrow
#: (zone.tab's comments say which zone is where).
_AREA_CODES: Mapping[str, str] = {
    # British Columbia
    "250": "America/Creston America/Dawson_Creek America/Edmonton America/Fort_Nelson America/Vancouver",
    "306": "America/Edmonton America/Regina America/Swift_Current",  # Saskatchewan, with Lloydminster
    "402": "America/Chicago America/Denver",  # eastern Nebraska, with Cody, Nenzel and Kilgore
    "418": "America/Blanc-Sablon America/Halifax America/Toronto",  # eastern Quebec
    # the three territories
    "867": "America/Atikokan America/Cambridge_Bay America/Dawson America/Edmonton America/Inuvik America/Iqaluit "
    "America/Rankin_Inlet America/Resolute America/Whitehorse",
    "907": "America/Adak America/Anchorage America/Juneau",  # Alaska; nobody there has Honolulu's time
}
#: Area codes that were laid over another, and lie wherever that one does (NANPA's list of overlays); libphonenumber
#: knows most of them by their larger half alone.
_OVERLAYS: Mapping[str, str] = {
    "236": "250", "257": "250", "672": "250", "778": "250",  # British Columbia
    "364": "270",  # Kentucky
    "273": "418", "367": "418", "581": "418",  # Quebec
    "448": "850", "689": "407",  # Florida
    "458": "541",  # Oregon
    "531": "402",  # Nebraska
    "474": "306", "639": "306",  # Saskatchewan
    "879": "709",  # Newfoundland and Labrador
    "930": "812",  # Indiana
    "986": "208",  # Idaho
}  # fmt: skip


def time_zones(number: PhoneNumber) -> tuple[str, ...]:
    """Every zone that a valid number may lie in, sorted; empty where nothing is known, as of a satellite's."""
    kind, code = number_type(number), int(number.country_code or 0)
    if code == 1:
        return _of_area_code(format_number(number, PhoneNumberFormat.E164)[2:5] if kind in _ANY_LINE else "")
    digits = format_number(number, PhoneNumberFormat.E164)[1:]
    if there := next((zones for prefix, zones in _OVER_THE_BORDER.items() if digits.startswith(prefix)), None):
        return tuple(there.split())
    regions = _regions(number, code)
    if kind in _BELIEVED.get(code, ()) and (zones := _of_prefix(number, regions)):
        return zones
    return _of_countries(regions) or _known(time_zones_for_geographical_number(number))


@cache
def _of_area_code(area_code: str) -> tuple[str, ...]:
    """All zones that any of its exchanges is in; of North America, for one that lies nowhere, such as 800."""
    parent = _OVERLAYS.get(area_code, area_code)
    if own := _AREA_CODES.get(parent):
        return tuple(own.split())
    prefix = f"1{parent}"
    by_exchange = [zones for start, zones in TIMEZONE_DATA.items() if parent and start.startswith(prefix)]
    return _known(zone for zones in by_exchange or [TIMEZONE_DATA["1"]] for zone in zones)


def _of_prefix(number: PhoneNumber, regions: tuple[str, ...]) -> tuple[str, ...]:
    """What the first digits tell; nothing, where libphonenumber has another country's zone stand for the right one."""
    digits = format_number(number, PhoneNumberFormat.E164)[1:]
    own = next((_PREFIXES[digits[:end]] for end in _PREFIX_LENGTHS if digits[:end] in _PREFIXES), None)
    zones = _known(own.split() if own else time_zones_for_geographical_number(number))
    return zones if set(zones) <= set(_of_countries(regions)) else ()


def _regions(number: PhoneNumber, code: int) -> tuple[str, ...]:
    """The countries in which it is a valid number: several may share a code."""
    sharing: tuple[str, ...] = COUNTRY_CODE_TO_REGION_CODE[code]
    if len(sharing) == 1:
        return sharing
    return tuple(region for region in sharing if is_valid_number_for_region(number, region)) or sharing


@cache
def _of_countries(regions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({zone for region in regions for zone in _countries().get(region, ())}))


@cache
def _countries() -> Mapping[str, set[str]]:
    """ISO 3166 code -> zones."""
    found: dict[str, set[str]] = {}
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    for country, _, zone, *_ in (line.split("\t") for line in lines if not line.startswith("#")):
        found.setdefault(country, set()).add(zone)
    return found


def _known(zones: Iterable[str]) -> tuple[str, ...]:
    """By the names that tzdata uses now, sorted, each once."""
    used = {zone for zones in _countries().values() for zone in zones}
    names = {zone if zone in used else other_names().get(zone, zone) for zone in zones}
    return tuple(sorted(names - {UNKNOWN_TIMEZONE}))
