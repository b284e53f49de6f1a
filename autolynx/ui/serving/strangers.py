"""Who shows no session that we know takes turns, so that those who are in notice nothing of a crowd at the door.

A request costs the server about a millisecond of its one event loop, even one that is refused at once; two hundred
strangers who ask again as soon as they are answered would have all of it. So each source has a pace, and all of them
together; what comes faster waits for its turn, which costs nothing.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from autolynx.errors import AutoLynxError

SOURCE_RATE, SOURCE_BURST = 40.0, 80  # requests a second of one source; so many at once first
ALL_RATE, ALL_BURST = 120.0, 240
LONGEST_WAIT_SECONDS = 20.0
#: What is turned away waits, too: else turning away would be what keeps the server busy.
TURNED_AWAY_AFTER_SECONDS = 5.0
_MOST_SOURCES = 10_000  # kept at once, of those that nothing needs to be known of any more


class TooCrowded(AutoLynxError):
    """Too many requests come from where you are. Try again in a minute."""

    code = "too_crowded"


@dataclass(slots=True)
class Pace:
    """So many a second, after so many at once."""

    rate: float
    burst: int
    _full_at: float = field(default=0.0, init=False)  # when all that has been let in will have used up its time

    def turn(self, now: float) -> float:
        """Take the next turn; how many seconds from now it is."""
        self._full_at = max(self._full_at, now) + 1 / self.rate
        return self.wait(now)

    def wait(self, now: float) -> float:
        """How long the last turn that was taken is away."""
        return max(0.0, self._full_at - now - self.burst / self.rate)

    def is_idle(self, now: float) -> bool:
        """True when forgetting it changes nothing."""
        return self._full_at <= now


class Strangers:
    """For the server's event loop alone."""

    def __init__(self) -> None:
        self._all = Pace(ALL_RATE, ALL_BURST)
        self._sources: dict[str, Pace] = {}

    async def take_turn(self, source: str) -> None:
        """Wait for the turn of one request from there. Raises TooCrowded where it would be too long."""
        for pace in (self.pace(source, time.monotonic()), self._all):  # who waits for its own, is in nobody's way
            now = time.monotonic()
            if pace.wait(now) >= LONGEST_WAIT_SECONDS:
                await asyncio.sleep(TURNED_AWAY_AFTER_SECONDS)
                raise TooCrowded
            if seconds := pace.turn(now):
                await asyncio.sleep(seconds)

    def pace(self, source: str, now: float) -> Pace:
        """That of one source."""
        pace = self._sources.get(source)
        if pace is None:
            if len(self._sources) >= _MOST_SOURCES:
                self._sources = {name: one for name, one in self._sources.items() if not one.is_idle(now)}
            pace = self._sources[source] = Pace(SOURCE_RATE, SOURCE_BURST)
        return pace
