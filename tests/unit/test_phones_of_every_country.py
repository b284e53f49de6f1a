"""The numbers of every country, in every form that it writes them: read as its own and as nobody else's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import (
    SUPPORTED_REGIONS,
    PhoneMetadata,
    PhoneNumberFormat,
    PhoneNumberType,
    country_code_for_region,
    example_number_for_type,
    format_number,
    format_out_of_country_calling_number,
    region_code_for_country_code,
)

from autolynx.contacts.phones import read_phone
from autolynx.errors import InvalidInput

SWITCHBOARDS = [("DE", "{0}-{1}", "0"), ("AT", "{0}-{1}", "0")]
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
FORMS = (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164, PhoneNumberFormat.NATIONAL)


def examples(region: str) -> list[tuple[str, str | None, str]]:
    """Texts, the region to read each with, and the number it is."""
    numbers = [number for kind in KINDS if (number := example_number_for_type(region, kind))]
    return [
        (format_number(number, form), region if form == PhoneNumberFormat.NATIONAL else None, e164)
        for number in numbers
        for form in FORMS
        for e164 in [format_number(number, PhoneNumberFormat.E164)]
    ]


def read_or_none(text: str, region: str | None) -> str | None:
    try:
        return read_phone(text, region).e164
    except InvalidInput:
        return None


@pytest.mark.parametrize("region", sorted(SUPPORTED_REGIONS))
def test_it_reads_what_the_country_writes_and_nobody_else_when_a_digit_is_stray(region: str):
    behind = ("{0} {1}", "{0}.{1}", "{0},{1}", "{0}/{1}", "{0}-{1}", "{0}.{1}0", "{0},{1}0", "{0}/{1}{1}", "{0};{1}")
    several = ("{0}.{1}00", "{0}.{1}{1}{1}", "{0} ({1}{1})", "{0} ({1}{1}{1})", "{0} [{1}{1}{1}{1}]", "({1}{1}{1}) {0}")
    other = ("{1} {0}", "{1}/{0}", "{1}) {0}", "{1}: {0}", "{0}\n{1}", "{0}\t{1}", "{0} x", "{0} *{1}")
    for text, of, e164 in examples(region):
        assert read_or_none(text, of) == e164
        for stray in (*behind, *several, *other):
            for digit in "05":
                switchboard = f"{e164}0" if (region, stray, digit) in SWITCHBOARDS else None
                assert read_or_none(stray.format(text, digit), of) in (None, e164, switchboard), (stray, text)


@pytest.mark.parametrize("region", ["US", "DE", "AU", "JP", "BR", "NG", "KR", "RU", "SG", "HK", "FI", "CN"])
def test_it_reads_an_international_prefix_only_as_the_country_that_dials_it(region: str):
    for abroad in ("US", "DE", "GB", "IN", "NO", "CH", "CN", "ID"):
        number = example_number_for_type(abroad, PhoneNumberType.MOBILE)
        for dialed_from in ("US", "DE", "AU", "JP", "NG", "KR", "RU", "HK"):
            if country_code_for_region(dialed_from) != number.country_code:
                text = format_out_of_country_calling_number(number, dialed_from)
                e164 = format_number(number, PhoneNumberFormat.E164)
                assert read_or_none(text, region) in (None, e164), text
                if dialed_from == region != "HK" and not text.startswith("+"):  # Hong Kong has a 001 as well
                    assert read_or_none(text, region) == e164


@settings(deadline=None)
@given(st.data(), st.sampled_from(sorted(SUPPORTED_REGIONS)))
def test_it_accounts_for_every_digit_when_it_reads_any_text(data: st.DataObject, region: str):
    signs = st.text(st.sampled_from(list("0123456789 -./()+")), max_size=8)
    text = data.draw(signs) + data.draw(st.sampled_from([one for one, _, _ in examples(region)])) + data.draw(signs)
    try:
        phone = read_phone(text, region)
    except InvalidInput:
        return
    digits, own = re.sub(r"\D", "", text), phone.e164.removeprefix(f"+{country_code_for_region(phone.region)}")
    if phone.repair is None or "for the" in phone.repair:  # prefixes, and then all of the number
        assert digits.endswith(own)
        assert re.fullmatch(prefixes(region, phone.region), digits.removesuffix(own))


def prefixes(dialed_from: str, called: str) -> str:
    """A pattern of what may stand before a number's own digits: each prefix once."""
    abroad = PhoneMetadata.metadata_for_region(dialed_from).international_prefix
    main = PhoneMetadata.metadata_for_region(region_code_for_country_code(country_code_for_region(called)))
    own = {"BY": "80|0|8", "LT": "8|0"}.get(main.id, main.national_prefix or "")
    return f"(?:(?:00|{abroad})?{country_code_for_region(called)})?(?:{own})?"
