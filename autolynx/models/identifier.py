"""The id of one thing, as anybody may write it."""

from __future__ import annotations

from uuid import UUID

from autolynx.errors import InvalidInput


def identifier(value: str | UUID, noun: str) -> str:
    """A UUID as text. Raises InvalidInput naming what was given."""
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise InvalidInput(f'"{value}" is not the id of {noun}; accepted is a UUID.') from error
