"""Numbers that nobody should have called for them: they cost extra, or reach nobody whose hours are known."""

from __future__ import annotations

from phonenumbers import (
    PhoneNumber,
    PhoneNumberType,
    is_emergency_number,
    is_valid_short_number_for_region,
    length_of_geographical_area_code,
    national_significant_number,
    number_type,
    region_code_for_number,
)

from autolynx.contacts.phone_text import PhoneProblem

_REFUSED = {
    PhoneNumberType.PREMIUM_RATE: "is a premium-rate number: each call is charged extra",
    PhoneNumberType.SHARED_COST: "is a shared-cost number: each call is charged extra",
    PhoneNumberType.PERSONAL_NUMBER: "is a personal number: each call is charged extra, and may ring anywhere",
    PhoneNumberType.PAGER: "is a pager's: nobody can be talked to there",
    PhoneNumberType.VOICEMAIL: "is a voicemail box's: nobody can be talked to there",
}
#: Countries whose company-wide numbers cost what any other does, by their numbering plans: 03 in Britain and its
#: islands (Ofcom), 058 in Switzerland (BAKOM), 010 in Sweden (PTS), 05 in Austria (RTR), 0806-0809 in France (ARCEP).
_AT_ORDINARY_RATES = ("GB", "GG", "IM", "JE", "CH", "SE", "AT", "FR")
#: Short numbers that libphonenumber does not know: ambulances in Germany.
_MORE_SHORT_NUMBERS = {"DE": ("19222",)}
_NOWHERE = "001"  # libphonenumber's region of +800, +870, +882 and other codes of no country


def check_kind(number: PhoneNumber) -> str:
    """Return the country of a number that may be called. Raises PhoneProblem for any other."""
    region = region_code_for_number(number)
    if region is None or region == _NOWHERE:
        raise PhoneProblem("belongs to no country: it costs extra, and nobody knows its calling hours")
    kind = number_type(number)
    if problem := _REFUSED.get(kind):
        raise PhoneProblem(problem)
    if kind == PhoneNumberType.UAN and region not in _AT_ORDINARY_RATES:
        raise PhoneProblem("is a company-wide number at a price of its own: ask for an ordinary one")
    if number.country_code == 1 and _is_american_service(str(number.national_number)):
        raise PhoneProblem("is an information service: each call is charged extra")
    if _is_short_number_with_area(number, region):
        raise PhoneProblem("is a short or emergency number with an area code before it")
    return region


def _is_short_number_with_area(number: PhoneNumber, region: str) -> bool:
    """`+49 30 112` rings at Berlin's fire brigade; libphonenumber takes it for a line.

    Of short numbers that are no emergency service's, those that nobody's line has: longer ones but for 11… may be both.
    """
    area = length_of_geographical_area_code(number)
    local = national_significant_number(number)[area:] if area else ""
    if is_emergency_number(local, region) or local in _MORE_SHORT_NUMBERS.get(region, ()):
        return True
    is_nobodys_line = local.startswith("11") or (local.startswith("1") and len(local) <= 4)
    short = PhoneNumber(country_code=number.country_code, national_number=int(local or 0))
    return is_nobodys_line and is_valid_short_number_for_region(short, region)


def _is_american_service(national: str) -> bool:
    """976 behind any area code is premium-rate, 555-1212 directory assistance; libphonenumber takes both for lines."""
    return national[3:6] == "976" or national[3:] == "5551212"
