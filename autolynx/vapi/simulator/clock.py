"""Wall-clock times as the wire shows them, and identifiers that sort by time."""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime


def now_ms() -> int:
    """Return the wall clock in epoch milliseconds."""
    return int(time.time() * 1000)


def iso(ms: int) -> str:
    """Return epoch milliseconds as `2026-03-26T15:43:16.000Z`."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def parse_iso_ms(text: str) -> float:
    """Return ISO 8601 text as epoch milliseconds (with fraction); a time without zone is UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() * 1000


def utc_day(ms: int) -> str:
    """Return the UTC date of epoch milliseconds."""
    return iso(ms)[:10]


def uuid7(ms: int) -> str:
    """Return a version 7 UUID: it begins with the time, so identifiers sort by creation."""
    random = int.from_bytes(os.urandom(10), "big")
    value = (ms & (1 << 48) - 1) << 80 | random
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return str(uuid.UUID(int=value))
