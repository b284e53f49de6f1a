"""Field types for what comes over the wire: a value of the wrong kind becomes nothing, the rest stays.

Shapes from VapiAI/docs OpenAPI, 2026-08-18, and from captured payloads, which differ from it in places.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import BeforeValidator

from autolynx.http import json_text
from autolynx.http.loopback import is_loopback

_CENT_OF_A_CENT = Decimal("0.0001")
_MOST_USD = Decimal(1_000_000)  # one call; the column holds six digits before the point
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11  # as seconds this is the year 5138, as milliseconds 1973
_LONGEST_LINK = 4096
_VERDICTS = {"true": True, "pass": True, "yes": True, "false": False, "fail": False, "no": False}
_ROLES = {"bot": "assistant"}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_json(response: httpx.Response) -> Any:
    """An answer's JSON; a number that nothing here can hold is its text. Raises ValueError for what is no JSON."""
    return json_text.read(response.content)


def text(value: object) -> str | None:
    """A text that is not empty, as the database can store it, else None."""
    return storable(value) if isinstance(value, str) and value else None


def storable(value: str) -> str:
    """The same text with NUL and lone surrogates, which PostgreSQL refuses, replaced by U+FFFD."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)


def number(value: object) -> float | None:
    """A finite number from 0 up, also when written as text, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def money(value: object) -> Decimal | None:
    """USD, rounded half-even to 4 places; negative, not a number, or absent is None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        found = Decimal(str(value))
        if not found.is_finite() or not 0 <= found < _MOST_USD - 1:
            return None
        return abs(found.quantize(_CENT_OF_A_CENT, rounding=ROUND_HALF_EVEN))
    except (InvalidOperation, ValueError):
        return None


def moment(value: object) -> datetime | None:
    """An aware UTC time from ISO 8601 (no zone means UTC) or epoch milliseconds or seconds, else None."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, str) and not value.strip().isdigit():
            found = datetime.fromisoformat(value.strip())
        elif isinstance(value, int | float | str | Decimal):
            found = _from_epoch(float(value))
        else:
            return None
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if _EARLIEST <= found < _LATEST else None


def _from_epoch(value: float) -> datetime:
    return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS_FROM else value, UTC)


def http_date(value: str) -> datetime | None:
    """The UTC time of a header that is an HTTP date (RFC 9110), None for what no calendar has."""
    try:
        found = parsedate_to_datetime(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def verdict(value: object) -> bool | None:
    """A success evaluation: true/pass/yes and false/fail/no in any case; a score or a word is None."""
    if isinstance(value, bool):
        return value
    return _VERDICTS.get(value.strip().lower()) if isinstance(value, str) else None


def safe_link(url: object, *, allow_http_loopback: bool) -> str | None:
    """The link if it may be stored, shown and fetched: https with a host and no password in it, else None.

    `allow_http_loopback`: also http on this machine, where the simulator lives.
    """
    if not isinstance(url, str) or len(url) > _LONGEST_LINK or "\\" in url:
        return None
    if any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.username is not None or parts.password is not None:
        return None
    is_local = allow_http_loopback and parts.scheme == "http" and is_loopback(host)
    return url if parts.scheme == "https" or is_local else None


def conversation(messages: Iterable[Any] | None) -> list[dict[str, Any]]:
    """The turns of a call: `[{"role", "message", "seconds_from_start"}]`; a `bot` is `assistant`.

    Items without words (tool calls) are left out; `seconds_from_start` is None when nobody said.
    """
    items = [item for item in messages or () if isinstance(item, dict)]
    first = next((at for item in items if (at := moment(item.get("time")))), None)
    turns = []
    for item in items:
        said = text(item.get("message")) or text(item.get("content"))
        role = text(item.get("role"))
        if said and role:
            turns.append({"role": _ROLES.get(role, role), "message": said, "seconds_from_start": _seconds(item, first)})
    return turns


def _seconds(item: dict[str, Any], first: datetime | None) -> float | None:
    said = number(item.get("secondsFromStart"))
    at = moment(item.get("time"))
    if said is None and at is not None and first is not None:
        said = max((at - first).total_seconds(), 0.0)
    return None if said is None else round(said, 3)


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _flag(value: object) -> bool:
    return value is True


def _count(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and 1 <= found <= 1_000_000 else None


Text = Annotated[str | None, BeforeValidator(text)]
Identity = Annotated[str, BeforeValidator(text)]  # what it names is no such thing without
Number = Annotated[float | None, BeforeValidator(number)]
Money = Annotated[Decimal | None, BeforeValidator(money)]
Moment = Annotated[datetime | None, BeforeValidator(moment)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Count = Annotated[int | None, BeforeValidator(_count)]
Objects = Annotated[list[dict[str, Any]], BeforeValidator(_objects)]
Anything = Annotated[dict[str, Any], BeforeValidator(_object)]
#: put before a model: `Annotated[Analysis, OrEmpty]` is an empty Analysis when the wire has nonsense
OrEmpty = BeforeValidator(_object)
