"""The one number that a cell can mean: the only reading of its digits that its form allows, or none."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import accumulate

from phonenumbers import SUPPORTED_REGIONS, country_code_for_region, national_significant_number

from autolynx.contacts.phone_groups import check_groups, own_groups
from autolynx.contacts.phone_readings import (
    AMERICA,
    Reading,
    international,
    is_number,
    metadata_of,
    national,
    one_of,
    tried,
)
from autolynx.contacts.phone_text import LIKE_A_DECIMAL, PhoneProblem, Written
from autolynx.regions import in_country

_NO_COUNTRY_CODE = (
    "has no country code: write + and the country code first, such as +14155550123, "
    "or say which country the list is from"
)
#: `001` (KR, SG, TH), `009` (NG), `0011` (AU), `0021` (BR): `00` and digits that somebody dials before a country code.
_MAY_BE_A_PREFIX = re.compile(r"00\d{1,3}")
#: Whose ways of writing are looked for in a list of another country.
_FAMILIAR = (
    "US", "BR", "MX", "IN", "CN", "RU", "JP", "DE", "GB", "FR", "IT", "ES",
    "AR", "AT", "AU", "BE", "CH", "KR", "NG", "NL", "SE", "TR", "ZA",
)  # fmt: skip
#: `987 654 3210`: ten digits are grouped so everywhere, and tell of nobody but America, where all are.
_FAMILIAR_AS_334 = ("US",)
_PAIRS = [2] * 5  # France's
#: How people write numbers that libphonenumber groups otherwise, by country code: what their first group begins with,
#: and how many digits it has. `210 321 2345` in Athens; `(044) 234 56 78` in Kyiv, and so in every city of Ukraine.
_WRITTEN_OTHERWISE = {30: ("21", 3), 380: ("", 2)}


def read_written(written: Written, region: str | None) -> Reading:
    """Find the number that is meant. Raises PhoneProblem where none is valid, or more than one could be."""
    if written.label:
        return _also(read_written(replace(written, label=None), region), f'without "{written.label}"')
    if written.decimals:
        return _without_decimals(written, region)
    if written.has_plus:
        reading = international(written.digits)
    elif region is None:
        reading = _dialed_from_anywhere(written)
    else:
        reading = _nationally(written, region)
    check_groups(written, reading)
    return reading


def _without_decimals(written: Written, region: str | None) -> Reading:
    """`4155550123.0`: what a spreadsheet makes of a number. Certain only if its zero can be no digit of one."""
    reading = read_written(replace(written, decimals=""), region)
    if is_number(reading.country_code, national_significant_number(reading.number) + written.decimals):
        raise PhoneProblem(LIKE_A_DECIMAL)
    return _also(reading, f'without the ".{written.decimals}" that a spreadsheet added')


def _also(reading: Reading, repair: str) -> Reading:
    return replace(reading, repair="; ".join(filter(None, (reading.repair, repair))))


def _dialed_from_anywhere(written: Written) -> Reading:
    """`00` is the international prefix that the ITU recommends (E.123, E.164); others are some countries' own."""
    if not written.digits.startswith("00"):
        raise PhoneProblem(_NO_COUNTRY_CODE)
    reading = _behind_prefix(written, 2, "with + for the 00")
    one_of(reading, *_behind_a_foreign_prefix(written))
    return reading


def _behind_a_foreign_prefix(written: Written) -> list[Reading | PhoneProblem]:
    """What it is if its first group is the prefix that another country dials; those with a code of two digits are not.

    `0013 46 8 31 92 54` is in Texas by 00, and in Stockholm behind 0013; `0055 48 …` is Brazil's.
    """
    first = written.groups[0].digits
    if not _MAY_BE_A_PREFIX.fullmatch(first) or (len(first) > 3 and first[2:] in _country_codes()):
        return []
    return [tried(international, written.digits, len(first))]


def _behind_prefix(written: Written, end: int, repair: str | None = None) -> Reading:
    """The number behind an international prefix, where the digits' grouping does not say otherwise."""
    reading = international(written.digits, end, repair)
    first = written.groups[0].digits
    is_told = end in accumulate(len(group.digits) for group in written.groups)
    if not is_told and not first[end:].startswith(str(reading.country_code)):
        raise PhoneProblem("begins with an international prefix that is not certain: write + instead")
    return reading


def _nationally(written: Written, region: str) -> Reading:
    """Without a plus: a number of the region, or one as it is dialed from there to another country."""
    digits = written.digits
    found = [tried(national, digits, region)]
    if digits.startswith("00"):
        found.insert(0, tried(_behind_prefix, written, 2, "with + for the 00"))
    own = re.match(f"(?:{metadata_of(region).international_prefix})(?=.)", digits)
    if own and own[0] != "00":
        found.append(tried(_behind_prefix, written, own.end(), f"with + for the {own[0]}"))
    reading = one_of(*found)
    if isinstance(reading, Reading):
        one_of(reading, *_behind_a_foreign_prefix(written))
    if isinstance(reading, PhoneProblem):
        return _without_its_plus(digits, region, reading)
    return reading if reading.repair else _certainly_national(written, region, reading)


def _without_its_plus(digits: str, region: str, problem: PhoneProblem) -> Reading:
    """`44 20 7946 0123` in a British list: no number of the country, but one with its own code in front."""
    reading = tried(international, digits, 0, "with the + that was missing")
    if isinstance(reading, PhoneProblem):
        raise problem
    if reading.country_code != country_code_for_region(region):
        raise PhoneProblem(f"{problem}; if {reading.e164} is meant, write its + first")
    return reading


def _certainly_national(written: Written, region: str, reading: Reading) -> Reading:
    """A number of the region, unless its form says that it is another country's."""
    _check_way_of_writing(written, region, reading)
    if _may_lack_its_plus(written, region, reading):
        one_of(reading, tried(international, written.digits))
    if reading.before or reading.goes_without_prefix(region):
        return reading
    one_of(reading, tried(international, written.digits))
    prefix = metadata_of(region).national_prefix
    if not reading.has_one_length:
        raise PhoneProblem(f"lacks its leading {prefix}, or its area code, or a + and its country code")
    return replace(reading, repair=f"with the leading {prefix} that was missing")


def _may_lack_its_plus(written: Written, region: str, reading: Reading) -> bool:
    """`41 55 555 01 23`: it begins with the region's own code, or its first group is the code of a country."""
    first = written.groups[0].digits
    if written.digits.startswith(str(country_code_for_region(region))):
        return reading.country_code != AMERICA
    return first in _country_codes() and len(first) != reading.first_length


def _check_way_of_writing(written: Written, region: str, reading: Reading) -> None:
    """Raise PhoneProblem for `(21) 2345-6789` in an American list: nobody there, but every Brazilian writes so."""
    if len(written.groups) == 1 or _is_grouped_as_at_home(written, reading):
        return
    lengths = [len(group.digits) for group in written.groups]
    tells_little = lengths == [3, 3, 4] and not reading.before and reading.goes_without_prefix(region)
    for other in _FAMILIAR_AS_334 if tells_little else _FAMILIAR:
        if country_code_for_region(other) == reading.country_code:
            continue
        found = tried(national, written.digits, other) if _may_be_of(written.digits, other) else None
        if not isinstance(found, Reading) or found.e164 == reading.e164:
            continue
        if reading.before and reading.is_mobile:
            is_theirs = found.groups_at_home == lengths and (found.is_mobile or lengths == _PAIRS)
        else:
            is_theirs = _is_grouped_as_at_home(written, found) and _has_its_prefix(found, other)
        if is_theirs:
            raise PhoneProblem(f"is written as numbers in {in_country(other)} are: write + and the country code first")


def _has_its_prefix(reading: Reading, region: str) -> bool:
    return reading.before > 0 or reading.goes_without_prefix(region)


def _is_grouped_as_at_home(written: Written, reading: Reading) -> bool:
    groups = own_groups(written, reading)
    first = groups[0].digits
    begins, length = _WRITTEN_OTHERWISE.get(reading.country_code, ("", 0))
    is_own_way = len(first) == length and first.startswith(begins)
    return len(groups) == 1 or len(first) == reading.first_length or is_own_way


def _may_be_of(digits: str, region: str) -> bool:
    """Whether the region has fixed lines or mobiles with these digits: quicker than to read them."""
    own = digits.removeprefix(metadata_of(region).national_prefix or "")
    return any(pattern.fullmatch(own) for pattern in _patterns(region))


@cache
def _patterns(region: str) -> tuple[re.Pattern[str], ...]:
    metadata = metadata_of(region)
    kinds = (metadata.fixed_line, metadata.mobile)
    return tuple(re.compile(kind.national_number_pattern) for kind in kinds if kind and kind.national_number_pattern)


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(str(country_code_for_region(region)) for region in SUPPORTED_REGIONS)
