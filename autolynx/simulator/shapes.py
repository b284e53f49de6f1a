"""Small rules that say what a JSON value may look like, in the words of NestJS's class-validator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Rule = Callable[[Any, str], Iterator[str]]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def anything(_value: Any, _path: str) -> Iterator[str]:
    """Accept whatever is there."""
    yield from ()


def text(longest: int | None = None, shortest: int = 0) -> Rule:
    """Accept a string within limits."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{path} must be a string"
        elif longest is not None and len(value) > longest:
            yield f"{path} must be shorter than or equal to {longest} characters"
        elif len(value) < shortest:
            yield f"{path} must be longer than or equal to {shortest} characters"

    return check


def number(lowest: float | None = None, highest: float | None = None) -> Rule:
    """Accept a number within limits; true and false are no numbers."""

    def check(value: Any, path: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{path} must be a number conforming to the specified constraints"
        elif lowest is not None and value < lowest:
            yield f"{path} must not be less than {lowest:g}"
        elif highest is not None and value > highest:
            yield f"{path} must not be greater than {highest:g}"

    return check


def flag(value: Any, path: str) -> Iterator[str]:
    """Accept true or false."""
    if not isinstance(value, bool):
        yield f"{path} must be a boolean value"


def identifier(value: Any, path: str) -> Iterator[str]:
    """Accept a UUID."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        yield f"{path} must be a UUID"


def one_of(*choices: str) -> Rule:
    """Accept one of these strings."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in choices:
            yield f"{path} must be one of the following values: {', '.join(choices)}"

    return check


def mapping(value: Any, path: str) -> Iterator[str]:
    """Accept an object of any content."""
    if not isinstance(value, dict):
        yield f"{path} must be an object"


def many(rule: Rule) -> Rule:
    """Accept an array whose items follow the rule."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path} must be an array"
            return
        for index, item in enumerate(value):
            yield from rule(item, f"{path}.{index}")

    return check


def thing(fields: Mapping[str, Rule], required: tuple[str, ...] = ()) -> Rule:
    """Accept an object that has only these fields, and all the required ones."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} must be an object"
            return
        yield from violations(value, fields, required, f"{path}.")

    return check


def violations(
    value: Mapping[str, Any], fields: Mapping[str, Rule], required: tuple[str, ...] = (), prefix: str = ""
) -> Iterator[str]:
    """Yield every violation in an object; a null counts as absent."""
    for key in value:
        if key not in fields:
            yield f"{prefix}property {key} should not exist"
    for key in required:
        if value.get(key) is None:
            yield f"{prefix}{key} should not be null or undefined"
    for key, rule in fields.items():
        if value.get(key) is not None:
            yield from rule(value[key], f"{prefix}{key}")
