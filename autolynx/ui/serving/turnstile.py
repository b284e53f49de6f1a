"""Passwords are checked one at a time, apart from everything else that goes on: a few wait, the others come again."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from autolynx.errors import AutoLynxError

Answer = TypeVar("Answer")

AT_ONCE, MOST_WAITING = 1, 8
_STEPS_BACK = 10  # of the system's 20 to be nice by


class TooBusy(AutoLynxError):
    """Many people are signing in just now. Try again in a few seconds."""

    code = "too_busy"


class Turnstile:
    """Runs what it is given on a thread of its own, so that no look-up of a session ever waits behind a password."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._most = at_once + most_waiting
        self._inside = 0
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="sign-in", initializer=_step_back)

    async def run(self, action: Callable[[], Answer]) -> Answer:
        """What the action answers or raises. Raises TooBusy at once when the queue is full."""
        with self._lock:
            if self._inside >= self._most:
                raise TooBusy
            self._inside += 1
        turn = self._threads.submit(action)
        turn.add_done_callback(self._left)  # not before it is over, also when the visitor has gone
        return await asyncio.wrap_future(turn)

    def _left(self, _turn: Future[Answer]) -> None:
        with self._lock:
            self._inside -= 1


def _step_back() -> None:
    """Let everything else on this machine go first; where a thread cannot, it stays as it is."""
    if sys.platform == "linux":  # elsewhere niceness is the process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _STEPS_BACK)
