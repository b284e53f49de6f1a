"""What may go into a call, and how it is written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autolynx.database.arguments import as_text, checked_name, decode, encode
from autolynx.errors import InvalidInput


class Level(IntEnum):
    HIGH = 3


def test_it_names_the_parameters():
    assert encode({"id": UUID(int=0), "now": datetime(2026, 1, 2, tzinfo=UTC), "day": date(2026, 1, 2)}) == {
        "p_id": "00000000-0000-0000-0000-000000000000",
        "p_now": "2026-01-02T00:00:00+00:00",
        "p_day": "2026-01-02",
    }


@pytest.mark.parametrize("name", ["", "A", "a-b", "1a", "a b", "ä", "a" * 63, "a;b", 'a"b'])
def test_it_takes_no_name_that_would_need_quoting(name: str):
    with pytest.raises(ValueError, match="no name"):
        checked_name(name)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("x", "x"),
        (True, "true"),
        (-3, "-3"),
        (Level.HIGH, "3"),
        (1e-7, "1e-07"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1E+3"),
        ({"a": Decimal("1.5"), "b": [None, "ü"]}, '{"a":1.5,"b":[null,"ü"]}'),
        ((1, 2), "[1,2]"),
    ],
)
def test_it_writes_values_as_postgres_reads_them(value: object, text: str | None):
    assert as_text(encode({"value": value})["p_value"]) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_it_keeps_a_decimal_inside_a_list_exact_or_refuses_it(number: Decimal):
    try:
        written = as_text(encode({"value": [number]})["p_value"])
    except InvalidInput:
        return

    assert Decimal(decode(written or "")[0]) == number


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
    )
)
def test_it_brings_any_json_there_and_back_or_refuses_it(value: object):
    try:
        encoded = encode({"value": {"it": value}})["p_value"]
    except InvalidInput:
        return

    assert decode(as_text(encoded) or "") == {"it": value}


def test_it_reads_money_as_decimals():
    assert decode('{"cost": 0.1, "calls": 3}') == {"cost": Decimal("0.1"), "calls": 3}
