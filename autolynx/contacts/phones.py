"""A phone number as people write it -> E.164, its extension, its country and its time zones."""

from __future__ import annotations

from dataclasses import dataclass

from phonenumbers import NumberParseException, national_significant_number, parse

from autolynx.contacts.phone_kinds import check_kind
from autolynx.contacts.phone_meaning import read_written
from autolynx.contacts.phone_text import PhoneProblem, visible, written
from autolynx.contacts.time_zones import time_zones
from autolynx.errors import InvalidInput

E164_PATTERN = r"^\+[1-9][0-9]{1,14}$"
_FEWEST_DIGITS = 7  # that tell a number from others without its country code


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be dialed."""

    e164: str
    extension: str | None
    #: every zone that the number may lie in, by the IANA's names; empty where nothing is known of it
    time_zones: tuple[str, ...]
    #: ISO 3166, of the country that the number belongs to
    region: str
    #: what was done to the digits that is more than reading them, such as "with + for the 00"
    repair: str | None


def read_phone(text: str, region: str | None = None) -> Phone:
    """Read a number in international form, or in the national form of `region` (ISO 3166, "US"); None: no guess.

    Valid means what libphonenumber's metadata calls valid: the range is assigned in that country, not that
    somebody answers. The American fictitious numbers 555-0100 to 555-0199 are valid by that measure in every
    area code. InvalidInput's message is one sentence that says why a number cannot be dialed.
    """
    shown = visible(text)
    if not shown:
        raise InvalidInput("The phone number is missing.")
    try:
        found = written(shown)
        reading = read_written(found, region)
        country = check_kind(reading.number)
    except PhoneProblem as problem:
        told = " ".join(shown[:40].split())
        raise InvalidInput(f'The phone number "{told}" {problem}.') from problem
    extension = found.extension or reading.number.extension or None
    return Phone(reading.e164, extension, time_zones(reading.number), country, reading.repair)


def national_digits(e164: str) -> str:
    """The digits by which a number is found, however it is written: those without its country code.

    Where they are too few, or the country code is none, those of the whole number.
    """
    try:
        digits = str(national_significant_number(parse(e164, None)))
    except NumberParseException:
        digits = ""
    return digits if len(digits) >= _FEWEST_DIGITS else e164.removeprefix("+")
