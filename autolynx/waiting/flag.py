"""A flag that a signal handler may raise.

`threading.Event` takes a lock to be set and to be waited for. A handler runs on the main thread between any two lines:
one that meets that lock there, in a wait or in the handler of another signal, waits for ever. This one has no lock.
"""

from __future__ import annotations

import time

_GLANCE_SECONDS = 0.02


class Flag:
    """Raised by any thread or signal handler; looked at by one that waits."""

    def __init__(self) -> None:
        self._is_raised = False

    @property
    def is_raised(self) -> bool:
        """True from `raise_it` to `lower`."""
        return self._is_raised

    def raise_it(self) -> None:
        """End the present wait, or else the next one."""
        self._is_raised = True

    def lower(self) -> None:
        """Forget that it was raised."""
        self._is_raised = False

    def wait(self, seconds: float) -> bool:
        """Wait until it is raised, or so long; True when it is. Notices within a fiftieth of a second."""
        deadline = time.monotonic() + seconds
        while not self._is_raised and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _GLANCE_SECONDS))
        return self._is_raised
