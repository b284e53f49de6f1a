"""A check that is asked by many and may hang."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

Check = dict[str, Any]

PATIENCE_SECONDS = 3.0


class Probe:
    """Runs a check on a thread of its own, one at a time, and keeps its answer for a while.

    However many ask and however long the check hangs, an answer comes within `patience_seconds`, and who waits for it
    holds no thread. A check raises nothing.
    """

    def __init__(
        self, check: Callable[[], Check], *, fresh_seconds: float, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._check = check
        self._fresh_seconds = fresh_seconds
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._latest: Future[Check] | None = None
        self._answered_at = float("-inf")

    async def answer(self) -> Check | None:
        """What the check found, or None when it does not come to an end."""
        latest = asyncio.wrap_future(self._begun())
        done, _ = await asyncio.wait({latest}, timeout=self._patience_seconds)
        return latest.result() if done else None

    def _begun(self) -> Future[Check]:
        """Start the check unless it runs, or its answer is still fresh."""
        with self._lock:
            is_fresh = time.monotonic() - self._answered_at < self._fresh_seconds
            if self._latest is not None and (is_fresh or not self._latest.done()):
                return self._latest
            self._latest = Future()
            threading.Thread(target=self._run, args=(self._latest,), daemon=True, name="probe").start()
            return self._latest

    def _run(self, latest: Future[Check]) -> None:
        answer = self._check()
        with self._lock:
            self._answered_at = time.monotonic()
        latest.set_result(answer)
