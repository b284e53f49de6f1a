"""Doing something that nobody can interrupt, on a thread of its own that one can stop waiting for.

Looking up a host's name is such a thing: with the network gone it lasts as long as the resolver likes (half a
minute is usual), whatever time-outs the connection itself was given.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def begin(make: Callable[[], T]) -> Future[T]:
    """Make something on a thread of its own; the process does not wait for it at its end."""
    future: Future[T] = Future()
    threading.Thread(target=_fulfil, args=(future, make), daemon=True, name="connect").start()
    return future


def abandon(future: Future[T], discard: Callable[[T], object]) -> None:
    """Wait no longer: what was made, or still comes, is discarded."""

    def done(late: Future[T]) -> None:
        if late.exception() is None:
            discard(late.result())

    future.add_done_callback(done)


def within(seconds: float, make: Callable[[], T], discard: Callable[[T], object]) -> T:
    """Make something, or raise TimeoutError after so many seconds and discard it should it still come."""
    future = begin(make)
    try:
        return future.result(seconds)
    except BaseException:
        abandon(future, discard)
        raise


def _fulfil(future: Future[T], make: Callable[[], T]) -> None:
    try:
        future.set_result(make())
    except BaseException as error:
        future.set_exception(error)
