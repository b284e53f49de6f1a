"""How many silent calls the provider may be asked about: it counts what we ask it."""

from __future__ import annotations

from autolynx.waiting.clock import Clock

CHECKS_A_SECOND = 5.0
MOST_CHECKS_SAVED_UP = 10.0


class Allowance:
    """Grows with time, up to a most. Used by one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = MOST_CHECKS_SAVED_UP
        self._counted_at = clock.elapsed()

    def left(self) -> int:
        """How many checks may be begun now."""
        now = self._clock.elapsed()
        saved_up = self._left + (now - self._counted_at) * CHECKS_A_SECOND
        self._left, self._counted_at = min(saved_up, MOST_CHECKS_SAVED_UP), now
        return int(self._left)

    def use_one(self) -> None:
        """Begin one of them."""
        self._left -= 1
