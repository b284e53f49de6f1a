"""One of a set of codes, as anybody may write it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from autolynx.errors import InvalidInput

Code = TypeVar("Code", bound=StrEnum)


def code(codes: type[Code], value: str | None, noun: str) -> Code | None:
    """The code that was given, None for none. Raises InvalidInput saying what was given and what is accepted."""
    if not value:
        return None
    try:
        return codes(value)
    except ValueError as error:
        raise InvalidInput(f'"{value}" is not {noun}; accepted are {", ".join(codes)}.') from error
