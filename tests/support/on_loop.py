"""A database as an event loop uses it, for tests that are written for threads."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from autolynx.database import Database

HANG_SECONDS = 45


class OnLoop(Database):
    """Each `call` is a `call_on_loop` on a loop of its own; several threads' calls go on at once there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.kind, self.can_listen = database.kind, database.can_listen
        self.is_at_home_on_loops = database.is_at_home_on_loops
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, function: str, /, **arguments: Any) -> Any:
        called = self._database.call_on_loop(function, **arguments)
        return asyncio.run_coroutine_threadsafe(called, self._loop).result(HANG_SECONDS)

    def wait_for_work(self, timeout_seconds: float) -> bool:
        return self._database.wait_for_work(timeout_seconds)

    def wake(self) -> None:
        self._database.wake()

    def close(self) -> None:
        """Safe to repeat; calls under way end first."""
        self._database.close()

    def end(self) -> None:
        """Close, and end the loop."""
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
