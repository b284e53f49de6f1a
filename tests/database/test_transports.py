"""One contract, every transport: embedded, postgres, that through pgbouncer, Supabase through the real supabase-py."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from autolynx.errors import AutoLynxError, Busy, Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from tests.support.transports import Transport

NESTED = {"a": [1, Decimal("2.5"), None, True, {"ü": "☎"}]}


class Mood(StrEnum):
    GOOD = "good"


def test_it_chooses_the_transport_when_connecting(transport: Transport):
    assert transport.database.kind == transport.name


@pytest.mark.parametrize(
    ("parameter", "given", "expected"),
    [
        ("text", "Łódź 🎈 'quoted' \"twice\" \\ %s {}", "Łódź 🎈 'quoted' \"twice\" \\ %s {}"),
        ("text", "", ""),
        ("text", None, None),
        ("text", Mood.GOOD, "good"),
        ("count", -7, -7),
        ("large", 2**62, 2**62),
        ("amount", Decimal("12345678901234567890.0001"), Decimal("12345678901234567890.0001")),
        ("amount", 3, 3),
        ("amount", 0.25, Decimal("0.25")),
        ("ratio", 0.1, Decimal("0.1")),
        ("ratio", Decimal("2.5"), Decimal("2.5")),
        ("flag", True, True),
        ("flag", False, False),
        ("at", datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), Decimal("1767323045.678901")),
        ("id", UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff"), "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("value", NESTED, NESTED),
        ("value", [], []),
        ("value", {}, {}),
        ("value", {"cost": Decimal("0.1"), "whole": Decimal("5")}, {"cost": Decimal("0.1"), "whole": 5}),
        ("value", [UUID(int=1)], ["00000000-0000-0000-0000-000000000001"]),
        ("value", [datetime(2026, 1, 2, tzinfo=UTC)], ["2026-01-02T00:00:00+00:00"]),
        ("value", None, None),
    ],
)
def test_it_brings_a_value_there_and_back(transport: Transport, parameter: str, given: Any, expected: Any):
    answer = transport.database.call("test_echo", **{parameter: given})

    assert answer[parameter] == expected
    assert type(answer[parameter]) is type(expected)


def test_it_uses_the_default_when_an_argument_is_left_out(transport: Transport):
    assert set(transport.database.call("test_echo").values()) == {None}


def test_it_answers_none_when_the_function_does(transport: Transport):
    assert transport.database.call("test_nothing") is None


def test_it_cuts_nothing_off_when_the_answer_is_long(transport: Transport):
    rows = transport.database.call("test_rows", count=5000)

    assert len(rows) == 5000
    assert rows[-1] == {"n": 5000, "half": Decimal("2500.0000000000000000")}


def test_it_takes_a_long_list_when_a_campaign_is_large(transport: Transport):
    contacts = [{"name": f"Contact {n}", "phone": f"+1415555{n:04}"} for n in range(10_000)]

    assert transport.database.call("test_echo", value=contacts)["value"] == contacts


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"text": "a\x00b"}, "NUL"),
        ({"value": {"a": ["\x00"]}}, "NUL"),
        ({"value": {"\x00": 1}}, "NUL"),
        ({"text": "\ud800"}, "surrogate"),
        ({"value": ["\udfff"]}, "surrogate"),
        ({"ratio": float("nan")}, "nan"),
        ({"value": {"a": float("inf")}}, "inf"),
        ({"amount": Decimal("NaN")}, "NaN"),
        ({"value": [Decimal("1.23456789012345678901")]}, "digits"),
        ({"id": "no uuid"}, "no uuid"),
        ({"count": "seven"}, "seven"),
        ({"count": 2**40}, "out of range"),
    ],
)
def test_it_refuses_a_value_when_it_cannot_be_stored(transport: Transport, arguments: Any, sentence: str):
    with pytest.raises(InvalidInput, match=sentence):
        transport.database.call("test_echo", **arguments)


@pytest.mark.parametrize(
    ("function", "arguments", "error"),
    [
        ("test_echo", {"at": datetime(2026, 1, 2)}, TypeError),
        ("test_echo", {"text": Path("/")}, TypeError),
        ("test_echo", {"value": {1: 2}}, TypeError),
        ("test_echo", {"text) --": 1}, ValueError),
        ("test_echo(); drop table calls", {}, ValueError),
    ],
)
def test_it_sends_nothing_when_the_program_is_wrong(
    transport: Transport, function: str, arguments: Any, error: type[Exception]
):
    with pytest.raises(error):
        transport.database.call(function, **arguments)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("LX001", NotFound),
        ("LX099", NotFound),
        ("LX101", Conflict),
        ("LX201", InvalidInput),
        ("22003", InvalidInput),
        ("22P02", InvalidInput),
        ("23502", InvalidInput),
        ("23503", Conflict),
        ("23505", Conflict),
        ("23514", InvalidInput),
        ("40001", Busy),
        ("40P01", Busy),
        ("42501", Forbidden),
        ("53300", Unavailable),
        ("55P03", Busy),
        ("57014", Unavailable),
        ("57P01", Unavailable),
        ("08006", Unavailable),
        ("42883", Unavailable),
        ("P0001", AutoLynxError),
        ("XX000", AutoLynxError),
    ],
)
def test_it_raises_the_right_error_when_a_function_refuses(transport: Transport, code: str, error: type[AutoLynxError]):
    with pytest.raises(AutoLynxError) as caught:
        transport.database.call("test_refuse", code=code)

    assert type(caught.value) is error
    assert caught.value.message


def test_it_carries_the_functions_own_words_when_it_refuses(transport: Transport):
    with pytest.raises(Conflict) as caught:
        transport.database.call("test_refuse", code="LX105", detail='{"cap": 8, "lines": ["a"]}', hint="Try later.")

    assert caught.value.message == "The line is busy."
    assert caught.value.details == {"cap": 8, "lines": ["a"]}
    assert caught.value.hint == "Try later."
    assert caught.value.__cause__ is not None


def test_it_keeps_the_detail_as_text_when_it_is_no_json(transport: Transport):
    with pytest.raises(NotFound) as caught:
        transport.database.call("test_refuse", code="LX001", detail="{not json")

    assert caught.value.details == "{not json"


def test_it_changes_nothing_when_a_function_refuses(transport: Transport):
    with pytest.raises(Conflict):
        transport.database.call("test_refuse", code="LX105")

    assert transport.database.call("test_echo", text="still here")["text"] == "still here"


@pytest.mark.parametrize(("function", "arguments"), [("no_such_function", {}), ("test_echo", {"unheard_of": 1})])
def test_it_says_migrate_when_a_function_is_unknown(transport: Transport, function: str, arguments: Any):
    with pytest.raises(Unavailable, match="python -m autolynx migrate"):
        transport.database.call(function, **arguments)
