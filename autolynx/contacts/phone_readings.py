"""Digits -> the number they are in one numbering plan, every digit accounted for.

libphonenumber reads leniently: it drops what stands before and behind a number, guesses at a missing country code, and
finds a number in whatever digits there are. Where numbers have no fixed length, as in Germany, one stray digit then
makes a stranger's phone ring. Here every digit has its place - prefix, country code, number - or it is no reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
    ValidationResult,
    country_code_for_region,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    is_valid_short_number,
    national_significant_number,
    number_type,
    parse,
    region_code_for_country_code,
)

from autolynx.contacts.phone_text import PhoneProblem

AMERICA = 1  # +1, whose numbers are written with and without the national prefix

#: As WhatsApp still writes it. From 2019-08-03 on all numbers there have ten digits and no prefix (IFT).
_OLD_MEXICAN_MOBILE = re.compile(r"521\d{10}")
_LONGEST = 15  # digits of an E.164 number (ITU-T E.164, 6.1)
_WRONG_LENGTH = {
    ValidationResult.TOO_SHORT: "is too short",
    ValidationResult.TOO_LONG: "is too long",
    ValidationResult.INVALID_LENGTH: "has the wrong number of digits for its country",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code",
    ValidationResult.INVALID_COUNTRY_CODE: "begins with a country code that does not exist",
}
_NO_PART = "has digits that are no part of a number in its country"
#: National prefixes that are dialed beside the one that libphonenumber names as the country's.
_OLD_PREFIXES = {"BY": ("80", "0"), "LT": ("8",)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A valid number, and how many digits stand before its own."""

    number: PhoneNumber
    #: country code and prefixes
    before: int
    #: what was done that is more than reading
    repair: str | None = None
    #: where its country code begins; None: it is written without
    code_at: int | None = None

    @property
    def e164(self) -> str:
        """Such as +14155550123."""
        return _e164(self.number)

    @property
    def country_code(self) -> int:
        """Such as 1."""
        return self.number.country_code or 0

    @property
    def first_length(self) -> int:
        """How many digits of it its country writes in front: its area code's, as a rule."""
        shown = format_number(self.number, PhoneNumberFormat.INTERNATIONAL).split(" ", 1)[1]
        return len(re.findall(r"\d+", shown)[0])

    @property
    def groups_at_home(self) -> list[int]:
        """How many digits its country puts together, its national prefix included."""
        shown = format_number(self.number, PhoneNumberFormat.NATIONAL)
        return [len(digits) for digits in re.findall(r"\d+", shown)]

    @property
    def printed(self) -> tuple[str, str]:
        """As its country prints it for others and at home."""
        forms = (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
        abroad, at_home = (format_number(self.number, form) for form in forms)
        return abroad, at_home

    @property
    def is_mobile(self) -> bool:
        """Whether it is a mobile and can be nothing else."""
        return number_type(self.number) == PhoneNumberType.MOBILE

    @property
    def has_one_length(self) -> bool:
        """Whether one digit more or less makes no number, so that nothing shorter or longer can have been meant."""
        own = national_significant_number(self.number)
        others = [own[:-1], *(f"{own}{digit}" for digit in range(10))]
        return not any(is_number(self.country_code, other) for other in others)

    def goes_without_prefix(self, region: str) -> bool:
        """Whether the region's numbers of this kind are usually written without a national prefix."""
        if self.country_code == AMERICA or not metadata_of(region).national_prefix:
            return True
        own = national_significant_number(self.number)
        matches = PhoneNumberMatcher(own, region, Leniency.VALID)
        return any(match.raw_string == own and _e164(match.number) == self.e164 for match in matches)


def international(digits: str, before: int = 0, repair: str | None = None) -> Reading:
    """Read a number with its country code first, behind an international prefix of `before` digits.

    Raises PhoneProblem.
    """
    wanted = digits[before:]
    if wanted.startswith("0"):
        raise PhoneProblem("has a 0 where its country code begins")
    if _OLD_MEXICAN_MOBILE.fullmatch(wanted):
        dropped = "without the 1 that Mexico dropped in 2019"
        return Reading(_valid(f"+52{wanted[3:]}"), before + 3, _joined(repair, dropped), code_at=before)
    number = _valid(f"+{wanted}")
    code = len(str(number.country_code))
    prefix, odd = _prefix(wanted[code:], number)
    if prefix and number.country_code == AMERICA:  # `0011 354 611 9520`: nobody writes +1 1, but Australia dials 0011
        raise PhoneProblem(_NO_PART)
    return Reading(number, before + code + len(prefix), _joined(repair, odd), code_at=before)


def national(digits: str, region: str) -> Reading:
    """Read a number in the national form of a region's numbering plan. Raises PhoneProblem."""
    number = _valid(f"+{country_code_for_region(region)}{digits}")
    prefix, odd = _prefix(digits, number)
    return Reading(number, len(prefix), odd)


def tried(read: Callable[..., Reading], *arguments: object) -> Reading | PhoneProblem:
    """A reading, or why it is none."""
    try:
        return read(*arguments)
    except PhoneProblem as problem:
        return problem


def one_of(*found: Reading | PhoneProblem) -> Reading | PhoneProblem:
    """The only number among these, else the first problem. Raises PhoneProblem where there are two."""
    readings = [one for one in found if isinstance(one, Reading)]
    numbers = sorted({one.e164 for one in readings})
    if len(numbers) > 1:
        raise PhoneProblem(f"can be read as {' and as '.join(numbers)}: write + and the country code first")
    return readings[0] if readings else found[0]


def is_number(country_code: int, digits: str) -> bool:
    """Whether these digits behind a country code are a valid number."""
    try:
        return bool(is_valid_number(parse(f"+{country_code}{digits}", None)))
    except NumberParseException:
        return False


def metadata_of(region: str) -> PhoneMetadata:
    """What libphonenumber knows of a country."""
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise LookupError(f"no metadata for {region!r}")
    return metadata


def _valid(text: str) -> PhoneNumber:
    try:
        number = parse(text, None)
    except NumberParseException as error:
        raise PhoneProblem(_parse_problem(error)) from error
    if not is_valid_number(number):
        wrong = _WRONG_LENGTH.get(is_possible_number_with_reason(number), "belongs to no range that is in use")
        raise PhoneProblem("is a short or emergency number" if is_valid_short_number(number) else wrong)
    if len(_e164(number)) > _LONGEST + 1:
        raise PhoneProblem("is too long")
    return number


def _parse_problem(error: NumberParseException) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return _WRONG_LENGTH[ValidationResult.INVALID_COUNTRY_CODE]
    if error.error_type == NumberParseException.TOO_LONG:
        return "is too long"
    if error.error_type in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
        return "is too short"
    return "is not one phone number"


def _prefix(digits: str, number: PhoneNumber) -> tuple[str, str | None]:
    """What stands before the number's own digits, and the repair if that is more than a national prefix.

    Raises PhoneProblem where digits were dropped that are none: a carrier's code, or whatever they were.
    """
    own = national_significant_number(number)
    if digits.endswith(own):
        prefix = digits[: len(digits) - len(own)]
        if not prefix or prefix in _prefixes(number):
            return prefix, None
    mobile = _argentine_mobile(digits, own, number)
    if mobile is not None:
        return mobile, "with the 9 that stands for Argentina's 15"
    raise PhoneProblem(_NO_PART)


def _prefixes(number: PhoneNumber) -> tuple[str, ...]:
    region = region_code_for_country_code(number.country_code or 0)
    metadata = PhoneMetadata.metadata_for_region(region)  # None for the codes that are no country's
    own = metadata.national_prefix if metadata else None
    return (*((own,) if own else ()), *_OLD_PREFIXES.get(region, ()))


def _argentine_mobile(digits: str, own: str, number: PhoneNumber) -> str | None:
    """The prefix of `0 11 15 2345-6789`, which is +54 9 11 2345-6789 from abroad; None for any other number."""
    prefix = "0" if digits.startswith("0") else ""
    rest = digits[len(prefix) :]
    is_mobile = number.country_code == 54 and own.startswith("9") and len(rest) == len(own) + 1
    forms = (rest[:area] + rest[area + 2 :] for area in (2, 3, 4) if rest[area : area + 2] == "15")
    return prefix if is_mobile and own[1:] in forms else None


def _joined(*repairs: str | None) -> str | None:
    return "; ".join(filter(None, repairs)) or None


def _e164(number: PhoneNumber) -> str:
    return str(format_number(number, PhoneNumberFormat.E164))
