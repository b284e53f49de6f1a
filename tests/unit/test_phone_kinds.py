"""Numbers that are nobody's line, cost extra or call for help are not called; each tells its country."""

from __future__ import annotations

import re

import pytest

from autolynx.contacts.phones import read_phone
from autolynx.errors import InvalidInput


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
