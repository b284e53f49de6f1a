"""A scheduler says that it is alive, and with which limits it was started; nothing is claimed before it has."""

from __future__ import annotations

import os

from autolynx.database import Database
from autolynx.settings import Settings
from autolynx.waiting.clock import Clock

#: how many signs of life may be due when a claim begins: one lasts 12 seconds at most, and until it is over
#: less than three must have been missed (`internal.is_alive`)
_FRESH = 1.5


class SignsOfLife:
    """One scheduler's. The database holds the strictest limits of those that it takes for alive, so who has not told
    its own, or not for long, may claim nothing by the others'."""

    def __init__(
        self, database: Database, settings: Settings, worker: str, clock: Clock, *, every_seconds: float
    ) -> None:
        self._database = database
        self._settings = settings
        self._worker = worker
        self._clock = clock
        self._every_seconds = every_seconds
        self._told_at: float | None = None

    def tell(self) -> None:
        """Give one. Raises Unavailable."""
        asked_at = self._clock.elapsed()
        say_alive(self._database, self._settings, self._worker, every_seconds=self._every_seconds)
        self._told_at = asked_at

    def tell_if_unheard(self) -> None:
        """Give one where the database may not count us as alive while a claim lasts: at first, and after a pause.

        Raises Unavailable.
        """
        if self._told_at is None or self._clock.elapsed() >= self._told_at + _FRESH * self._every_seconds:
            self.tell()


def say_alive(database: Database, settings: Settings, worker: str, *, every_seconds: float) -> None:
    """Say that a scheduler is alive, and with which limits it was started. Raises Unavailable."""
    limits = {
        "organization_cap": settings.organization_concurrency_cap,
        "dials_per_minute": settings.dials_per_minute,
        "dial_visibility_seconds": settings.dial_visibility_seconds,
    }
    details = {"pid": os.getpid(), "beats_every_seconds": every_seconds, "limits": limits}
    database.call("beat", process=worker, kind="scheduler", details=details)
