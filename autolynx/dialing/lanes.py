"""Where the requests of a scheduler go on beside each other: one lane for each kind, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from enum import StrEnum
from typing import Protocol

from autolynx.vapi.connection import CONNECTIONS


class Lane(StrEnum):
    """What goes on in it; SIZES says how many at once."""

    DIAL = "dial"
    HANG_UP = "hang_up"
    LOOK = "look"  # for dials in doubt, in the provider's list
    CHECK = "check"  # on calls that have been silent


SIZES = {Lane.DIAL: 50, Lane.HANG_UP: CONNECTIONS, Lane.LOOK: 3, Lane.CHECK: 8}


class Lanes(Protocol):
    """Runs functions of no argument that raise nothing."""

    def start(self, lane: Lane, work: Callable[[], None]) -> None:
        """Run it beside the others; the caller has looked at `free`."""
        ...

    def free(self, lane: Lane) -> int:
        """How many more may be started now."""
        ...

    def finish(self, timeout_seconds: float | None = None) -> None:
        """Wait until all that was started is done."""
        ...

    def close(self) -> None:
        """Start nothing more."""
        ...


class ThreadLanes:
    """Each lane a pool of threads. Used by one thread."""

    def __init__(self) -> None:
        self._pools = {lane: ThreadPoolExecutor(size, thread_name_prefix=lane) for lane, size in SIZES.items()}
        self._under_way: dict[Lane, set[Future[None]]] = {lane: set() for lane in Lane}

    def start(self, lane: Lane, work: Callable[[], None]) -> None:
        """See `Lanes.start`."""
        self._under_way[lane].add(self._pools[lane].submit(work))

    def free(self, lane: Lane) -> int:
        """See `Lanes.free`."""
        self._under_way[lane] = {future for future in self._under_way[lane] if not future.done()}
        return SIZES[lane] - len(self._under_way[lane])

    def finish(self, timeout_seconds: float | None = None) -> None:
        """See `Lanes.finish`."""
        wait([future for futures in self._under_way.values() for future in futures], timeout_seconds)

    def close(self) -> None:
        """See `Lanes.close`."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
