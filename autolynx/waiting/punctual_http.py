"""HTTP requests that are over by a deadline, whatever the other side does.

httpx knows time-outs for one step each - one look-up and address, one read, one write - so a server that sends a
byte now and then keeps a caller for ever. Here every step gets what is left of the whole. A request runs on its
caller's thread from the first byte to the last (httpx 0.28, httpcore 1.0), so the deadline belongs to the thread.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from autolynx.waiting.patience import within

_PIECE_BYTES = 16_384  # a socket that takes anything at all takes this in a step or two

_clock = threading.local()


@contextmanager
def over_within(seconds: float) -> Iterator[None]:
    """Let this thread's requests on a punctual client fail with httpx.TimeoutException once the time is over."""
    outer = getattr(_clock, "deadline", None)  # a dial asks the database for leave in the midst of its request
    _clock.deadline = time.monotonic() + seconds
    try:
        yield
    finally:
        _clock.deadline = outer


def make_punctual(client: httpx.Client) -> httpx.Client:
    """Bound what this client does inside `over_within`.

    httpx offers no way to give httpcore a network of one's own and to keep the proxies of the environment, so
    the attributes are private ones of the two pinned versions; tests/database/test_vanished.py notices.
    """
    transports: list[Any] = [client._transport, *client._mounts.values()]
    for transport in transports:
        if transport is not None:
            transport._pool._network_backend = _Network()
    return client


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    deadline: float | None = getattr(_clock, "deadline", None)
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("The time for this request is over.")
    return left if timeout is None else min(timeout, left)


class _Network(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)

        def connect() -> httpcore.NetworkStream:
            return self._plain.connect_tcp(host, port, left, local_address, socket_options)

        if left is None:  # but a later request may use the same connection
            return _Stream(connect())
        try:
            return _Stream(within(left, connect, httpcore.NetworkStream.close))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no connection in time") from error


class _Stream(httpcore.NetworkStream):
    def __init__(self, plain: httpcore.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE_BYTES):
            piece = buffer[start : start + _PIECE_BYTES]
            self._plain.write(piece, _left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)  # Python's handshake keeps one deadline for all its steps
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
