"""Signals that come between any two lines of a function, as a handler of Python's may run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_LOCKED_UP_SECONDS = 20


def survives_signals(step: Callable[[], object], handler: Callable[[], object]) -> bool:
    """Run the step, and the handler at each of its lines, on a thread of its own; False: they wait for each other."""
    lines = 0

    def interrupt(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        handler()
        return interrupt

    def run() -> None:
        sys.settrace(interrupt)
        try:
            step()
        finally:
            sys.settrace(None)

    running = threading.Thread(target=run, daemon=True)
    running.start()
    running.join(_LOCKED_UP_SECONDS)
    assert lines, "nothing was interrupted"
    return not running.is_alive()
