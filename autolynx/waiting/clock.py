"""Time and chance as the dialing code sees them: one object, so that a simulation can pass its own."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import Protocol

#: Runs on while the machine sleeps, unlike `time.monotonic`: CLOCK_BOOTTIME on Linux, CLOCK_MONOTONIC on macOS.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """What time it is, how much has passed, and how to let some pass."""

    def now(self) -> datetime:
        """The wall clock of this machine, in UTC. It may be wrong, and may jump."""
        ...

    def elapsed(self) -> float:
        """Seconds since some moment; they also pass while the machine sleeps, and never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let this thread wait."""
        ...

    def spread(self, seconds: float) -> float:
        """Make a pause up to a fifth longer or shorter, so that many who wait do not come back at once."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """See `Clock.elapsed`."""
        return time.clock_gettime(_STEADY)

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        time.sleep(seconds)

    def spread(self, seconds: float) -> float:
        """See `Clock.spread`."""
        return seconds * random.uniform(0.8, 1.2)


SYSTEM_CLOCK = SystemClock()
