"""Phone numbers as people write them: which one is read, and why one cannot be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autolynx.contacts.phones import read_phone
from autolynx.errors import InvalidInput
from tests.support.lists import E164


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+14155550123", "+14155550123"),
        ("(415) 555-0123", "+14155550123"),
        ("415.555.0123", "+14155550123"),
        ("1 415 555 0123", "+14155550123"),
        ("4155550123.0", "+14155550123"),
        ("tel:+1-415-555-0123", "+14155550123"),
        ("TEL: 415 555 0123", "+14155550123"),
        ("'+14155550123", "+14155550123"),
        ('="4155550123"', "+14155550123"),
        ("=+14155550123", "+14155550123"),
        ("+1 415\u00a0555\u2009\u20110123", "+14155550123"),
        ("\u202a+1\u200b4155550123\u202c\ufeff", "+14155550123"),
        ("４１５－５５５－０１２３", "+14155550123"),
        ("＋1 415 555 0123", "+14155550123"),
        ("٤١٥٥٥٥٠١٢٣", "+14155550123"),
        ("0044 20 7946 0123", "+442079460123"),
        ("(0044) 20 7946 0123", "+442079460123"),
        ("٠٠٤٤ 20 7946 0123", "+442079460123"),
        ("011 44 20 7946 0123", "+442079460123"),
        ("+44 (0)20 7946 0123", "+442079460123"),
    ],
)
def test_it_reads_a_number_when_it_is_written_as_people_write(written: str, e164: str):
    assert read_phone(written, "US").e164 == e164


@pytest.mark.parametrize(
    "written",
    [
        "415-555-0123 ext. 45",
        "415-555-0123x45",
        "+1 415 555 0123 #45",
        "415 555 0123, extension: 45",
        "415-555-0123;ext=45",
    ],
)
def test_it_keeps_the_extension_when_a_number_has_one(written: str):
    phone = read_phone(written, "US")

    assert (phone.e164, phone.extension) == ("+14155550123", "45")


@pytest.mark.parametrize(
    ("label", "told"),
    [
        *[(f"{label} ", label) for label in ("tel.", "Tel:", "Tel.:", "Phone:", "MOBILE:", "mob.", "cell:", "Fon:")],
        *[(f"{label} ", label) for label in ("Telefon:", "m:", "T.", "p:")],
        ("Mobile : ", "Mobile :"),
        ("m:", "m:"),
    ],
)
def test_it_drops_a_label_and_says_so(label: str, told: str):
    phone = read_phone(f"{label}415 555 0123 ext. 4", "US")

    assert (phone.e164, phone.extension, phone.repair) == ("+14155550123", "4", f'without "{told}"')


@pytest.mark.parametrize(
    "written",
    ["Fax: 415 555 0123", "tel 415 555 0123", "415 555 0123 (cell)", "Tel: m: 415 555 0123", "tel. 415 555 0123 x"],
)
def test_it_drops_no_other_word(written: str):
    with pytest.raises(InvalidInput):
        read_phone(written, "US")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "is missing"),
        ("\u200b", "is missing"),
        ("4.15555E+09", "lost digits in a spreadsheet"),
        ("4,15555E+09", "lost digits in a spreadsheet"),
        ("4E9", "lost digits in a spreadsheet"),
        ("415-555-01", "is too short"),
        ("415-555-01234", "is too long"),
        ("1" * 61, "is too long"),
        ("415 555 0123 415 555 0124", "is too long"),
        ("555-0123", "lacks its area code"),
        ("1-800-FLOWERS", "contains letters"),
        ("415-555-01xx", "contains letters"),
        ("ask for Tom", "contains letters"),
        ("=HYPERLINK(1)", "contains letters"),
        ("+1 415 555 0123, +1 415 555 0124", "is not one phone number"),
        ("--", "is not one phone number"),
        ("+999 555 0123 45", "country code"),
        ("+1 000 555 0123", "belongs to no range"),
    ],
)
def test_it_says_why_when_a_number_cannot_be_dialed(written: str, problem: str):
    with pytest.raises(InvalidInput, match=re.escape(problem)):
        read_phone(written, "US")


@pytest.mark.parametrize(
    "written", ["(415) 555-0123", "(21) 2345-6789", "030 23125004", "011 44 20 7946 0123", "1 415 555 0123", "112"]
)
def test_it_reads_no_number_without_a_country_code_when_there_is_no_region(written: str):
    with pytest.raises(InvalidInput, match=r"country code first, such as .*say which country the list is from"):
        read_phone(written)
    assert read_phone("+1 415 555 0123").e164 == "+14155550123"
    assert read_phone("0044 20 7946 0123").e164 == "+442079460123"


@pytest.mark.parametrize(
    ("region", "written", "e164"),
    [
        ("GB", "020 7946 0123", "+442079460123"),
        ("GB", "0207 946 0123", "+442079460123"),
        ("DE", "030/23125004", "+493023125004"),
        ("DE", "030 23125-004", "+493023125004"),
        ("DE", "030 23 12 50 04", "+493023125004"),
        ("IT", "06 1234567", "+39061234567"),
        ("ES", "91 123 45 67", "+34911234567"),
        ("BR", "(21) 2345-6789", "+552123456789"),
        ("BR", "(11) 9 1234-5678", "+5511912345678"),
        ("IN", "98765 43210", "+919876543210"),
        ("RU", "8 (495) 123-45-67", "+74951234567"),
        ("HU", "06 1 234 5678", "+3612345678"),
        ("BY", "80 29 123-45-67", "+375291234567"),
        ("SO", "7 1123456", "+25271123456"),
        ("JP", "03-1234-5678", "+81312345678"),
        *[("DE", f"015{digit} 12345678", f"+4915{digit}12345678") for digit in "12579"],
        ("DE", "0151 1234 5678", "+4915112345678"),
        ("DE", "0151 / 12345678", "+4915112345678"),
        ("GR", "210 219 2056", "+302102192056"),
        ("GR", "210 3212345", "+302103212345"),
        ("UA", "(044) 892 48 06", "+380448924806"),
        ("UA", "032 235-67-89", "+380322356789"),
        ("GB", "0791 234 5678", "+447912345678"),
        ("GB", "0771 234 5678", "+447712345678"),
        ("GB", "0781 234 5678", "+447812345678"),
        ("AU", "04 1234 5678", "+61412345678"),
        ("IN", "987 654 3210", "+919876543210"),
        ("IN", "0987 654 3210", "+919876543210"),
        ("MX", "555 123 4567", "+525551234567"),
        ("DE", "030 2312500-0", "+493023125000"),
        ("DE", "+49-30-2312500-0", "+493023125000"),
        ("DE", "030 / 231 25 00 - 0", "+493023125000"),
        ("AT", "01 5123456-0", "+43151234560"),
        ("LU", "26 72 72 5", "+3522672725"),
        ("LU", "+352 26 72 72 5", "+3522672725"),
    ],
)
def test_it_reads_the_national_form_of_the_region_it_is_given(region: str, written: str, e164: str):
    phone = read_phone(written, region)

    assert (phone.e164, phone.region, phone.repair) == (e164, region, None)


def test_it_accepts_every_fictitious_american_number_when_the_area_code_is_real():
    numbers = [f"+1{area}55501{last:02d}" for area in (212, 312, 415, 617, 808) for last in range(100)]

    assert [read_phone(number).e164 for number in numbers] == numbers


@settings(deadline=None)  # the first number of a country loads its metadata
@given(st.text(max_size=80))
def test_it_reads_or_refuses_a_number_when_given_any_text(text: str):
    try:
        phone = read_phone(text, "US")
    except InvalidInput:
        return
    assert E164.fullmatch(phone.e164)
    assert read_phone(phone.e164, None).e164 == phone.e164
