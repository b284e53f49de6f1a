"""One line in the log a second, however often something happens: a flood shall be seen, and not fill the disk."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import structlog

log = structlog.get_logger(__name__)

_SECONDS_BETWEEN = 1.0


class Tally:
    """Counts an event that strangers cause, and logs how often it happened since the last line.

    For the server's event loop alone: it has no lock.
    """

    def __init__(self, event: str) -> None:
        self._event = event
        self._since: Counter[str] = Counter()
        self._details: dict[str, str] = {}
        self._told_at = -_SECONDS_BETWEEN
        self._telling: asyncio.TimerHandle | None = None

    def count(self, source: str, **details: str) -> None:
        """Count one, caused from there."""
        self._since[source] += 1
        self._details = details
        if self._telling is not None:
            return
        wait = self._told_at + _SECONDS_BETWEEN - time.monotonic()
        if wait <= 0:
            self._tell()
        else:
            self._telling = asyncio.get_running_loop().call_later(wait, self._tell)

    def _tell(self) -> None:
        most, _ = self._since.most_common(1)[0]
        log.warning(self._event, count=self._since.total(), sources=len(self._since), source=most, **self._details)
        self._since.clear()
        self._told_at, self._telling = time.monotonic(), None
