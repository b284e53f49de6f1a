"""Wall-clock times as the wire shows them, the provider's own clock, and identifiers that sort by time."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable
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


class Clock:
    """The provider's own clock, which a knob sets ahead of the real one or behind it.

    Inside the simulator every time is real; this is asked when one is shown. A moment is shown by what the
    clock said at that moment, so turning the knob leaves the past as it was.
    """

    def __init__(self, turns: Iterable[Iterable[int]] = ()) -> None:
        self._turns = [(since, ahead) for since, ahead in turns]  # real milliseconds, oldest first

    def turn(self, seconds: float) -> bool:
        """Run so many seconds ahead from now on, or behind when below 0; tell whether that is new."""
        ahead = round(seconds * 1000)
        if ahead == (self._turns[-1][1] if self._turns else 0):
            return False
        self._turns.append((now_ms(), ahead))
        return True

    def as_json(self) -> list[tuple[int, int]]:
        """Return what the constructor takes."""
        return list(self._turns)

    def forget(self) -> None:
        """Run with the real clock, and have always done so."""
        self._turns.clear()

    def now_ms(self) -> int:
        """Return what the clock says."""
        return self.shown_ms(now_ms())

    def shown_ms(self, real_ms: int) -> int:
        """Return what the clock said at a moment."""
        return real_ms + next((ahead for since, ahead in reversed(self._turns) if real_ms >= since), 0)

    def real_ms(self, shown_ms: float) -> float:
        """Return when the clock, as it runs now, says this."""
        return shown_ms - (self._turns[-1][1] if self._turns else 0)

    def iso(self, real_ms: int) -> str:
        """Return a moment as the wire shows it."""
        return iso(self.shown_ms(real_ms))
