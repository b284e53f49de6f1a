"""Posting over HTTP/1.1 with connections kept open.

A general client's pool costs milliseconds a request when hundreds are open at once (measured with httpx:
25 ms of CPU a call); the simulator must not be what a benchmark measures.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import h11

_MOST_AT_ONCE = 300
_READ_BYTES = 65536

Origin = tuple[str, str, int]


class PostError(Exception):
    """There was no answer."""


@dataclass
class Connection:
    """One open connection to a server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    state: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))

    async def exchange(self, target: str, headers: list[tuple[str, str]], body: bytes) -> int:
        """Send one request and return the status of its answer, whose body is read and dropped."""
        request = h11.Request(method="POST", target=target, headers=headers)
        parts = (request, h11.Data(data=body), h11.EndOfMessage())
        self.writer.write(b"".join(self.state.send(part) or b"" for part in parts))
        await self.writer.drain()
        status = 0
        while True:
            event = self.state.next_event()
            if event is h11.NEED_DATA:
                self.state.receive_data(await self.reader.read(_READ_BYTES))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.EndOfMessage):
                return status
            elif isinstance(event, h11.ConnectionClosed):
                raise h11.RemoteProtocolError("closed without an answer")

    def can_go_on(self) -> bool:
        """Tell whether another request may follow on this connection, and make ready for it."""
        both_done = self.state.our_state is h11.DONE and self.state.their_state is h11.DONE
        if not both_done or self.reader.at_eof() or self.writer.is_closing():
            return False
        self.state.start_next_cycle()
        return True

    def close(self) -> None:
        """Close it."""
        with contextlib.suppress(Exception):
            self.writer.close()


class Poster:
    """Posts bodies to any address."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Connection]] = {}
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)

    async def post(
        self, url: str, headers: Mapping[str, str], body: Callable[[], bytes], timeout_seconds: float
    ) -> int:
        """Return the status of the answer; PostError when there was none in time.

        The body is made only when its turn has come, as it may be megabytes.
        """
        try:
            async with self._room, asyncio.timeout(timeout_seconds):
                return await self._post(urlsplit(url), headers, body())
        except (OSError, ValueError, TimeoutError, h11.ProtocolError) as error:
            raise PostError(str(error)) from error

    def close(self) -> None:
        """Close every idle connection."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    async def _post(self, url: SplitResult, headers: Mapping[str, str], body: bytes) -> int:
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError("no address to post to")
        origin = (url.scheme, url.hostname, url.port or (443 if url.scheme == "https" else 80))
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        fields = [
            ("Host", url.netloc.rpartition("@")[2]),
            ("Content-Length", str(len(body))),
            *headers.items(),
        ]
        connection = self._kept(origin)
        if connection is not None:
            # A server may close a kept connection at the moment we use it; that is worth one fresh try.
            with contextlib.suppress(OSError, h11.ProtocolError):
                return await self._exchanged(origin, connection, target, fields, body)
        return await self._exchanged(origin, await _opened(origin), target, fields, body)

    async def _exchanged(
        self, origin: Origin, connection: Connection, target: str, fields: list[tuple[str, str]], body: bytes
    ) -> int:
        try:
            status = await connection.exchange(target, fields, body)
        except BaseException:
            connection.close()
            raise
        if connection.can_go_on():
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.close()
        return status

    def _kept(self, origin: Origin) -> Connection | None:
        connections = self._idle.get(origin, [])
        while connections:
            connection = connections.pop()
            if not connection.reader.at_eof() and not connection.writer.is_closing():
                return connection
            connection.close()
        return None


async def _opened(origin: Origin) -> Connection:
    scheme, host, port = origin
    context = ssl.create_default_context() if scheme == "https" else None
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    return Connection(reader, writer)
