"""Wait on a condition, never for a length of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

HANG_SECONDS = 90

T = TypeVar("T")


def in_time(look: Callable[[], T], seconds: float) -> T:
    """Look until there is something to see or the time is over; return what was seen last.

    It looks again after a twentieth of the time that it has waited: soon where little is waited for, and seldom
    enough not to take the processor from what it waits for. What `look` raises ends the wait.
    """
    began = time.monotonic()
    while not (found := look()):
        waited = time.monotonic() - began
        if waited > seconds:
            break
        time.sleep(min(max(waited / 20, 0.005), 0.1))
    return found


def eventually(
    look: Callable[[], T], what: str | Callable[[], str] = "what was expected", seconds: float = HANG_SECONDS
) -> T:
    """Look until there is something to see, and return it; the limit is for hangs only.

    `what` is for the failure's message; as a function it is asked only then, and may tell how things stand. Let
    `look` raise when it can come true no more.
    """
    found = in_time(look, seconds)
    if not found:
        raise AssertionError(f"waited {seconds} s in vain for: {what if isinstance(what, str) else what()}")
    return found
