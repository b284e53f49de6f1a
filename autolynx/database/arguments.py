"""What goes into a call and what comes out, alike on every transport.

Everything is checked here, before anything is sent: what Postgres or JSON cannot carry is refused with a
sentence, never replaced in silence.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from autolynx.errors import InvalidInput

_NAME = re.compile(r"[a-z][a-z0-9_]{0,61}")
_LARGEST_EXACT_DIGITS = 15  # decimal digits that a JSON number keeps through an IEEE double
_NONE_TYPE = type(None)

# Made once: json.dumps and json.loads make a new one at each call with options.
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_READER = json.JSONDecoder(parse_float=Decimal)


def checked_name(name: str) -> str:
    """Return the name of a function or parameter, if it is one; ValueError otherwise."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a SQL function or parameter")
    return name


def encode(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a call's arguments into named JSON values: `id=UUID(...)` becomes `{"p_id": "..."}`.

    Raises InvalidInput for a value that cannot be stored, TypeError for a type that has no place in a call.
    """
    return {f"p_{checked_name(name)}": _argument(name, value) for name, value in arguments.items()}


def as_text(value: Any) -> str | None:
    """Write an encoded value the way Postgres reads it, whatever the type of the parameter."""
    if value is None or isinstance(value, str):
        return value
    return _WRITER.encode(value)


def decode(text: str | bytes) -> Any:
    """Parse an answer; a number with a decimal point becomes a Decimal."""
    return _READER.decode(text if isinstance(text, str) else text.decode())


def _argument(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):  # as text it reaches a numeric parameter with every digit
        return str(_finite(name, value))
    return _plain(name, value)


def _plain(name: str, value: Any) -> Any:
    """A value as JSON takes it. Every message passes here, text by text: what there is most of comes first."""
    kind = type(value)
    if kind is str:
        return value if _is_simple(value) else _storable(name, value)
    if kind is dict:
        return {
            key if type(key) is str and _is_simple(key) else _storable(name, key): _plain(name, item)
            for key, item in value.items()
        }
    if kind is list:
        return [_plain(name, item) for item in value]
    if kind is int or kind is bool or kind is _NONE_TYPE:
        return value
    return _plain_of_other(name, value)


def _is_simple(text: str) -> bool:
    return text.isascii() and "\x00" not in text


def _plain_of_other(name: str, value: Any) -> Any:
    """What is of a less common type, or of one derived from a common one."""
    if isinstance(value, str):
        return _storable(name, str.__str__(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(_finite(name, value))
    if isinstance(value, Decimal):
        return _json_number(name, value)
    if isinstance(value, Mapping):
        return {_storable(name, key): _plain(name, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(name, item) for item in value]
    return _written_out(name, value)


def _written_out(name: str, value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise TypeError(f"{name} is a time without a zone")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{name} is of the type {type(value).__name__}, which no SQL function takes")


def _storable(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} has a key that is no text")
    if "\x00" in text:
        raise InvalidInput(f"{name} holds a NUL character, which cannot be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"{name} holds half a character (a lone surrogate), which cannot be stored.") from None
    return text


def _finite(name: str, number: float | Decimal) -> float | Decimal:
    if not math.isfinite(number):
        raise InvalidInput(f"{name} is {number}, which is no amount.")
    return number


def _json_number(name: str, number: Decimal) -> int | float:
    """A Decimal inside a list or dict travels as a JSON number, if that can hold it exactly."""
    _finite(name, number)
    if number == number.to_integral_value() and abs(number) < 10**_LARGEST_EXACT_DIGITS:
        return int(number)
    written = float(number)
    if Decimal(repr(written)) != number:
        raise InvalidInput(f"{name} holds {number}, which has too many digits.")
    return written
