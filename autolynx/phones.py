"""A phone number as people write it -> E.164, its extension and its time zones."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    parse,
)

from autolynx.errors import InvalidInput
from autolynx.time_zones import time_zones

E164_PATTERN = r"^\+[1-9][0-9]{1,14}$"

_MAX_LENGTH = 60  # characters; no number is written longer, and patterns stay fast
_E164 = re.compile(E164_PATTERN)
_EXTENSION = re.compile(r"[\s,;]*(?:extension|extn|ext|xtn|x|#)[\s.:=#]*([0-9]{1,10})$", re.IGNORECASE)
_INTERNATIONAL_PREFIX = re.compile(r"^[\s(]*00")
_SCIENTIFIC = re.compile(r"^\+?\d+([.,]\d+)?e\+?\d+$", re.IGNORECASE)
_SAVED_AS_DECIMAL = re.compile(r"^(\+?\d{7,15})[.,]0$")

_WRONG_LENGTH = {
    ValidationResult.TOO_SHORT: "is too short",
    ValidationResult.TOO_LONG: "is too long",
    ValidationResult.INVALID_LENGTH: "has the wrong number of digits for its country",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code",
    ValidationResult.INVALID_COUNTRY_CODE: "begins with a country code that does not exist",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be dialed."""

    e164: str
    extension: str | None
    #: every zone that the number may lie in, by the IANA's names; empty where nothing is known of it
    time_zones: tuple[str, ...]


def read_phone(text: str, default_region: str | None) -> Phone:
    """Read a number in international form, or in the national form of `default_region` (ISO 3166, "US").

    Valid means what libphonenumber's metadata calls valid: the range is assigned in that country, not that
    somebody answers. The American fictitious numbers 555-0100 to 555-0199 are valid by that measure in every
    area code. InvalidInput's message is one sentence that says why a number cannot be dialed.
    """
    shown = _visible(text)
    if not shown:
        raise InvalidInput("The phone number is missing.")
    if len(shown) > _MAX_LENGTH:
        raise _refusal(shown, "is too long")
    if _SCIENTIFIC.match(shown):
        raise _refusal(shown, "lost digits in a spreadsheet: format the column as text and export it again")
    number, extension = _without_extension(_SAVED_AS_DECIMAL.sub(r"\1", shown))
    if any(character.isalpha() for character in number):
        raise _refusal(shown, "contains letters")
    parsed = _parsed(_INTERNATIONAL_PREFIX.sub("+", number), default_region, shown)
    return Phone(_e164(parsed, shown), extension or parsed.extension or None, time_zones(parsed))


def _visible(text: str) -> str:
    """Drop what cannot be seen, and the marks with which spreadsheets keep a number from being a number."""
    seen = text if text.isascii() and text.isprintable() else _plain(text)
    return re.sub("^tel:", "", seen.strip().strip("='\"`"), flags=re.IGNORECASE).strip()


def _plain(text: str) -> str:
    """Spell every script's digits, spaces and dashes in ASCII; drop control and zero-width characters."""
    return "".join(_plain_character(character) for character in text)


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    replaced = {"Cc": "", "Cf": "", "Zs": " ", "Pd": "-"}.get(category, character)
    return str(unicodedata.decimal(character)) if category == "Nd" else replaced


def _without_extension(text: str) -> tuple[str, str | None]:
    found = _EXTENSION.search(text)
    if found is None:
        return text, None
    return text[: found.start()], found[1]


def _parsed(number: str, default_region: str | None, shown: str) -> PhoneNumber:
    try:
        parsed = parse(number, default_region)
    except NumberParseException as error:
        raise _refusal(shown, _parse_problem(error)) from error
    problem = _WRONG_LENGTH.get(is_possible_number_with_reason(parsed))
    if problem:
        raise _refusal(shown, problem)
    if not is_valid_number(parsed):
        raise _refusal(shown, "belongs to no range that is in use")
    return parsed


def _parse_problem(error: NumberParseException) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return "has no known country code: write + and the country code first, such as +14155550123"
    if error.error_type == NumberParseException.TOO_LONG:
        return "is too long"
    if error.error_type in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
        return "is too short"
    return "is not one phone number"


def _e164(parsed: PhoneNumber, shown: str) -> str:
    e164 = format_number(parsed, PhoneNumberFormat.E164)
    if not _E164.match(e164):
        raise _refusal(shown, "is too long")
    return e164


def _refusal(shown: str, problem: str) -> InvalidInput:
    return InvalidInput(f'The phone number "{shown[:40]}" {problem}.')
