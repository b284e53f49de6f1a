"""Whose phone: nobody is called where a digit, a prefix or a country may be another one's."""

from __future__ import annotations

import pytest

from autolynx.contacts.phones import read_phone
from autolynx.errors import InvalidInput


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


@pytest.mark.parametrize("written", ["040 1234/5678", "030 123456/7", "089 / 123 456 / 78"])
def test_it_makes_no_number_of_two_that_a_slash_parts(written: str):
    with pytest.raises(InvalidInput, match="is not one phone number"):
        read_phone(written, "DE")
