"""JSON of strangers: any depth, any number, and nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from autolynx.http.json_text import MOST_DIGITS, MOST_LEVELS, OutOfBounds, bounded, levels, read, read_strictly, written

DEPTHS = [MOST_LEVELS - 1, MOST_LEVELS, MOST_LEVELS + 1, 480, 700, 5_000, 200_000]
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


def nested(depth: int, inside: str = '{"k": [1, 2.5, "\\u0000", null, true], "l": []}') -> str:
    """Objects and lists in turn, so many around the inside."""
    opening = ['{"a": ' if n % 2 else "[7, " for n in range(depth)]
    closing = ["}" if n % 2 else "]" for n in range(depth)]
    return "".join(opening) + inside + "".join(reversed(closing))


def whole(value: Any) -> str:
    """What was read, with the texts of what lay deeper put back into place."""
    text = written(value)
    deep = [found for found in texts(value) if found[:1] in "[{" and found[1:]]
    for found in deep:
        text = text.replace(json.dumps(found), found)
    return text


def texts(value: Any) -> list[str]:
    left, found = [value], []
    while left:
        item = left.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict | list):
            left += item.values() if isinstance(item, dict) else item
    return found


@pytest.mark.parametrize("depth", DEPTHS)
def test_it_loses_nothing_when_it_is_nested_too_deep(depth: int) -> None:
    body = nested(depth)

    found = bounded(read(body.encode()))

    assert levels(found) <= MOST_LEVELS
    assert whole(found).replace(" ", "") == body.replace(" ", "")


@settings(max_examples=40)
@given(VALUES)
def test_it_reads_and_writes_what_json_does(value: Any) -> None:
    text = json.dumps(value)

    assert read(text) == json.loads(text)
    assert json.loads(written(value)) == json.loads(text)


@settings(max_examples=40)
@given(VALUES)
def test_it_reads_far_down_what_json_reads_at_the_top(value: Any) -> None:
    found = read(f'{{"far": {"[" * 2_000}{json.dumps(value)}{"]" * 2_000}, "near": {json.dumps(value)}}}')

    assert found["near"] == json.loads(json.dumps(value))
    (deep,) = [text for text in texts(found["far"]) if text.startswith("[[[")]
    inside = deep[2_000 - MOST_LEVELS + 1 : len(deep) - (2_000 - MOST_LEVELS + 1)]
    assert json.loads(inside) == json.loads(json.dumps(value))


@pytest.mark.parametrize("number", ["9" * 5_000, "-" + "9" * 200_000, "1e999999", "-1e400", "NaN", "-Infinity"])
@pytest.mark.parametrize("depth", [1, 2_000])
def test_it_keeps_a_number_that_nothing_can_hold_as_it_was_written(number: str, depth: int) -> None:
    found = bounded(read(f'{{"n": {number}, "deep": {"[" * depth}{number}{"]" * depth}}}'))

    assert found["n"] == number
    assert number in written(found["deep"])


@pytest.mark.parametrize("body", ["[" * 200_000, '{"a":' * 200_000, "{", "", "[" * 5_000 + "]" * 4_999 + "}", "\ud800"])
def test_it_raises_when_it_is_no_json(body: str) -> None:
    for reading in (read, read_strictly):
        with pytest.raises(ValueError, match=r"JSON|Expecting|decode|surrogate"):
            reading(body.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (nested(MOST_LEVELS - 1), "nested deeper than 200 levels"),
        (nested(200_000), "nested deeper than 200 levels"),
        ("[" + "9" * (MOST_DIGITS + 1) + "]", "a number of 401 digits; accepted are at most 400"),
        ("[" + "9" * 200_000 + "]", "a number of 200000 digits"),
        ("[1e999999]", "the number 1e999999, which is too large"),
        ("[NaN]", "holds NaN"),
        ("[-Infinity]", "holds -Infinity"),
    ],
)
def test_it_says_what_cannot_be_stored_when_it_reads_strictly(body: str, sentence: str) -> None:
    with pytest.raises(OutOfBounds) as caught:
        read_strictly(body)

    assert sentence in caught.value.message


def test_it_takes_what_is_just_within_the_bounds() -> None:
    body = nested(MOST_LEVELS - 2)

    assert read_strictly(body) == json.loads(body)
    assert read_strictly("9" * MOST_DIGITS) == int("9" * MOST_DIGITS)
