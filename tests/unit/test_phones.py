"""Phone numbers: which one is meant, and why one is not called."""

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


# Whose phone


@pytest.mark.parametrize(
    ("region", "written"),
    [
        (None, "+49 30 23125004.0"),
        (None, "+49 30 23125004.00"),
        (None, "+49 30 23125004,0"),
        (None, "+493023125004.0"),
        (None, "+493023125004.000"),
        (None, "+493023125004.123"),
        (None, "+49 30 23125004.000"),
        (None, "+43 1 5123456.000"),
        (None, "+43 1 5123.456"),
        (None, "436641234567.000"),
        (None, "+49 30 23125004 (123)"),
        (None, "+49 30 231 25004 (123)"),
        (None, "+43 1 5123456 (123)"),
        (None, "+43 1 512345 (67890)"),
        (None, "+49 30 23125004 123"),
        (None, "+49 30 23125004 1234"),
        (None, "+49 30 23125004/5"),
        (None, "+49 30 23125004/55"),
        (None, "+49 30 23125004/23125005"),
        (None, "+49 30 23125004/005"),
        (None, "+49 30 23125004-5"),
        (None, "+49 30 23125004/0"),
        (None, "+49 30 23125004 0"),
        (None, "+49 30-0-23125004"),
        (None, "+49 170 1234567-0"),  # no mobile has a switchboard
        (None, "+358 9 123456-0"),
        (None, "+352 26 72 72/5"),
        (None, "+352 26 72 72.5"),
        (None, "+352 26 72 72-5"),
        (None, "+49 30 23125004 5"),
        (None, "+49 30 23125004 12"),
        (None, "+49 30 5 23125004"),
        (None, "5 +49 30 23125004"),
        (None, "+49 30 23125004 x"),
        (None, "+49 30 23125004 +49 30 23125005"),
        (None, "+49 30 23125004\n5"),
        (None, "+49 30 23125004\u20285"),
        (None, "+49 30 23125004²"),
        (None, "+49 30 23125004 or 5"),
        (None, "++49 30 23125004"),
        (None, "+0049 30 23125004"),
        (None, "+43 43 1 234567"),
        ("DE", "030 23125004.0"),
        ("DE", "03023125004.000"),
        ("AT", "436641234567.000"),
        ("DE", "3023125004.0"),
        ("DE", "030 1234 030 1235"),
        ("DE", "5) 030 23125004"),
        ("DE", "-030 23125004"),
        ("IT", "0 312 345 6789"),
        ("LU", "5 27 12 34 56"),
        (None, "+62 812-345-678 00"),
        (None, "+352 27 12 34 56.00"),
        ("US", "415555012.0"),
        ("US", "4155550.000"),
        ("US", "(415) 555-0123.0"),
    ],
)
def test_it_calls_nobody_when_a_digit_may_be_none_of_the_number(region: str | None, written: str):
    with pytest.raises(InvalidInput):
        read_phone(written, region)


@pytest.mark.parametrize(
    ("region", "written"),
    [
        ("US", "(21) 2345-6789"),  # Rio de Janeiro
        ("US", "21 23456789"),
        ("US", "41 55 555 01 23"),  # Switzerland, without its +
        ("US", "131 2345 6789"),  # a Chinese mobile
        ("US", "49 30 23125004"),
        ("BR", "(415) 555-0123"),
        ("IN", "(919) 555-0123"),
        ("IN", "919 555 0123"),
        ("MX", "818 345 6789"),  # Monterrey, or Los Angeles
        ("AU", "04 12 34 56 78"),  # a mobile, or Marseille
        ("BE", "04 91 12 34 56"),
        ("FR", "0676 146945"),  # mobiles of France, and of Austria or Switzerland
        ("FR", "077 313 20 29"),
        ("IN", "07586 254068"),  # a British mobile's five digits and six
        ("AU", "079 508 09 99"),
        ("DE", "083 177 9882"),  # South Africa
        ("NL", "0533-31-5011"),  # Japan
        ("CN", "1 312 555 0123"),
        ("DE", "(021) 2345-6789"),
        ("DE", "04 91 12 34 56"),  # Marseille
        ("DE", "1 415 555 0123"),
        ("DE", "23125004"),  # of Berlin, without its area code; it would ring in Dortmund
        ("DE", "30 23125004"),
        ("DE", "009 49 30 23125004"),
        ("US", "009 1 415 555 0123"),  # Nigeria's international prefix; it would ring in India
        (None, "009 1 415 555 0123"),
        ("NG", "00914155550123"),  # India by 00, San Francisco by 009
        ("BR", "009 91 81234 56789"),
        ("DE", "0011 44 20 7946 0123"),  # Australia's
        (None, "0011 44 20 7946 0123"),
        ("DE", "0010 49 30 23125004"),
        ("DE", "011 44 20 7946 0123"),
        (None, "001 47 22 12 34 56"),  # Oslo by Korea's 001, North Carolina by 00
        ("KR", "001 47 22 12 34 56"),
        *[
            (region, written)
            for region in (None, "US", "GB", "DE")
            for written in (
                "0011 354 611 9520",  # Australia dials 0011: Iceland, Norway, Peru
                "0011 47 23 88 31 91",
                "0011 51 68 752174",
                "00114723883191",
                "0013 46 8 31 92 54",  # Stockholm behind 0013, Texas by 00
                "+1 1 354 611 9520",
                "00 1 1 354 611 9520",
            )
        ],
        *[(region, "001 47 23 88 31 91") for region in (None, "DE", "BR", "AU", "CO", "HK")],  # Oslo
        ("BR", "0 21 11 91234-5678"),  # a carrier's code
        ("BR", "(021) 9923-4567 89"),
        (None, "+55 21 11 91234-5678"),
        ("MX", "1 55 1234 5678"),
        ("AR", "15 2345 6789"),  # a mobile without its area code
        ("CN", "17909 131 2345 6789"),
        ("GB", "1 415 555 0123"),
        ("GB", "746 819 2230"),  # Mexico, or a lost 0
        (None, "+8 (495) 123-45-67"),  # Moscow; Vietnam by its digits
        (None, "+8 495 123 45 67"),
        (None, "+8 (482) 212-34-56"),
        (None, "00 8 (495) 123-45-67"),
        ("US", "011 8 (495) 123-45-67"),
        ("VN", "8 (495) 123-45-67"),
        (None, "+(495) 123-45-67"),
        (None, "+35 98765-4321"),  # Brazil's area 35, with a plus; Bulgaria's 359
    ],
)
def test_it_calls_nobody_when_another_country_may_be_meant(region: str | None, written: str):
    with pytest.raises(InvalidInput):
        read_phone(written, region)


@pytest.mark.parametrize(
    ("region", "written", "e164", "repair"),
    [
        ("US", "4155550123.0", "+14155550123", 'without the ".0"'),
        ("US", "4155550123,00", "+14155550123", 'without the ".00"'),
        (None, "+14155550123.0", "+14155550123", 'without the ".0"'),
        (None, "0049 30 23125004", "+493023125004", "with + for the 00"),
        ("US", "00493023125004", "+493023125004", "with + for the 00"),
        ("US", "011 44 20 7946 0123", "+442079460123", "with + for the 011"),
        ("AU", "0011 44 20 7946 0123", "+442079460123", "with + for the 0011"),
        ("AU", "0011 354 611 9520", "+3546119520", "with + for the 0011"),
        ("US", "01144 20 7946 0123", "+442079460123", "with + for the 011"),
        (None, "0055 48 91234 5678", "+5548912345678", "with + for the 00"),
        (None, "001 415 555 0123", "+14155550123", "with + for the 00"),
        ("RU", "8 10 49 30 23125004", "+493023125004", "with + for the 810"),
        ("NG", "009 49 30 23125004", "+493023125004", "with + for the 009"),
        ("JP", "010 49 30 23125004", "+493023125004", "with + for the 010"),
        ("GB", "44 20 7946 0123", "+442079460123", "with the + that was missing"),
        ("GB", "2079460123", "+442079460123", "with the leading 0 that was missing"),
        ("FR", "6 12 34 56 78", "+33612345678", "with the leading 0 that was missing"),
        ("AR", "011 15 2345-6789", "+5491123456789", "with the 9 that stands for Argentina's 15"),
        (None, "0054 11 15 2345 6789", "+5491123456789", "for the 00; with the 9 that"),
        *[
            (None, form, "+525512345678", "without the 1 that Mexico dropped in 2019")
            for form in ("+52 1 55 1234 5678", "+5215512345678", "+521 55 1234 5678", "0052 1 55 1234 5678")
        ],
        (None, "+54 11 15 2345 6789", "+5491123456789", "with the 9 that stands for Argentina's 15"),
    ],
)
def test_it_repairs_a_number_and_says_so_when_there_is_one_way(
    region: str | None, written: str, e164: str, repair: str
):
    phone = read_phone(written, region)

    assert phone.e164 == e164
    assert phone.repair is not None
    assert repair in phone.repair


@pytest.mark.parametrize(
    "written", ["+49 (0) 30 23125004", "+49 (0)30 23125004", "+49 030 23125004", "+7 8 495 1234567"]
)
def test_it_drops_the_national_prefix_when_it_follows_the_country_code(written: str):
    assert read_phone(written).e164 in ("+493023125004", "+74951234567")


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+7 (495) 123-45-67", "+74951234567"),
        ("+1 (415) 555-0123", "+14155550123"),
        ("+(49) 30 23125004", "+493023125004"),
        ("(+4930) 23125004", "+493023125004"),
        ("+8495 123 4567", "+84951234567"),
        ("+38 (044) 123-45-67", "+380441234567"),
        ("+3 8 (044) 123-45-67", "+380441234567"),
        ("00 38 044 123 45 67", "+380441234567"),
        ("+9 0532 123 45 67", "+905321234567"),
        ("+2 010 12345678", "+201012345678"),
        ("+4 021 234 5678", "+40212345678"),
    ],
)
def test_it_reads_a_country_code_whose_zero_is_written_with_the_area(written: str, e164: str):
    assert read_phone(written).e164 == e164


def test_it_keeps_the_zero_when_it_is_the_numbers_own():
    assert read_phone("+39 (0)6 1234567").e164 == "+39061234567"


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("+1 900 555 0123", "premium-rate"),
        ("+49 900 1 234567", "premium-rate"),
        ("+44 909 879 0123", "premium-rate"),
        ("+1 212 976 1234", "information service"),
        ("+1 212 555 1212", "information service"),
        ("+49 180 5123456", "shared-cost"),
        ("+61 1300 123 456", "shared-cost"),
        ("+1 500 555 0123", "personal number"),
        ("+44 70 1234 5678", "personal number"),
        ("+81 570 123456", "company-wide"),
        ("+44 76 4012 3456", "pager"),
        ("+800 1234 5678", "belongs to no country"),
        ("+808 1234 5678", "belongs to no country"),
        ("+870 773 111 632", "belongs to no country"),
        ("+881 612 345 678", "belongs to no country"),
        ("+882 34 56789012", "belongs to no country"),
        ("+979 123 456 789", "belongs to no country"),
        ("+49 112", "short or emergency"),
        ("+1 911", "short or emergency"),
        ("+49 30 112", "emergency number with an area code"),
        ("+49 30 110", "emergency number with an area code"),
        ("+49 89 115", "short or emergency"),
        ("+49 30 19222", "emergency number with an area code"),
        ("+49 6421 19222", "emergency number with an area code"),
        ("+49 30 116117", "short or emergency"),
        ("+49 30 11833", "short or emergency"),
        ("+43 1 112", "emergency number with an area code"),
        ("+43 316 144", "emergency number with an area code"),
        ("+82 31 1301", "short or emergency"),
        ("+880 562 999", "emergency number with an area code"),
    ],
)
def test_it_calls_no_number_that_costs_extra_or_is_nobodys(written: str, problem: str):
    with pytest.raises(InvalidInput, match=problem):
        read_phone(written)


@pytest.mark.parametrize(("written", "region"), [("911", "US"), ("112", "DE"), ("999", "GB"), ("110", "DE")])
def test_it_calls_no_emergency_service_when_the_region_has_it(written: str, region: str):
    with pytest.raises(InvalidInput, match="short or emergency"):
        read_phone(written, region)


@pytest.mark.parametrize("written", ["+49 30 112345", "+49 5021 19223", "+358 9 12345", "+49 221 112-345"])
def test_it_calls_a_line_whose_number_begins_as_a_short_one(written: str):
    assert read_phone(written).e164 == "+" + re.sub(r"\D", "", written)


@pytest.mark.parametrize("written", ["+1 800 555 0199", "+44 300 123 4567", "+41 58 123 45 67", "+49 800 1234567"])
def test_it_calls_a_number_that_costs_nothing_extra(written: str):
    assert read_phone(written).e164 == "+" + re.sub(r"\D", "", written)


@pytest.mark.parametrize(
    ("written", "region"), [("+1 416 555 0123", "CA"), ("+44 20 7946 0123", "GB"), ("+7 701 123 4567", "KZ")]
)
def test_it_tells_the_country_of_a_number(written: str, region: str):
    assert read_phone(written).region == region


# Every country

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
