"""The HTTP server in front of both applications: how long a connection may keep us waiting, and how much it may fill.

uvicorn 0.54 (httptools_impl.py) was read: it closes a connection that is idle after an answer, but waits for ever for
the rest of a request's head, for the rest of a body that nobody reads, and for a client that does not read its answer.
Of a head, or of requests sent ahead, it holds whatever comes; a body's trailers become headers of its request.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: What the other side owes us -> how long we wait before the connection is cut.
PATIENCE_SECONDS = {
    "a request": 10.0,  # whole, from the connection's beginning, or from the answer before
    "the rest of a request": 10.0,  # that has been answered; it is thrown away
    "to read": 60.0,
}
#: With more, each new one takes the place of the one that has kept us waiting longest. A process has often 1024 files.
MOST_CONNECTIONS = 512
#: of a head that is not complete, or of what stands between two pieces of a body
LONGEST_HEAD_BYTES = 16 * 1024
#: requests that wait for the answer to the one before them
MOST_AHEAD = 8


class NoRequest(Exception):
    """What comes is no request that we take; it is answered with 400."""


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 whose every wait for the other side ends; how long the application takes is its own affair."""

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self._awaited: str | None = None
        self._awaited_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_unread = False
        self._is_live = False  # a WebSocket's protocol has it: it looks after itself
        self._is_in_body = False  # the head has come, the end has not
        self._bytes_since_event = 0  # of a request
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._make_room()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._await(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and look what is still to come."""
        self._bytes_since_event += len(data)
        super().data_received(data)
        if self._bytes_since_event > LONGEST_HEAD_BYTES and not (self._is_live or self.transport.is_closing()):
            self.send_400_response("Invalid HTTP request received.")
        self._watch()

    def on_message_begin(self) -> None:
        """Another request begins."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Keep a piece of its address."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep it, but for what a body's trailer says."""
        self._count_head(len(name) + len(value))
        if not self._is_in_body:
            super().on_header(name, value.rstrip(b" \t"))

    def _count_head(self, count: int) -> None:
        """A head, trailers included, is bounded though it comes in one piece."""
        self._head_bytes += count
        if self._head_bytes > LONGEST_HEAD_BYTES:
            raise NoRequest

    def on_headers_complete(self) -> None:
        """Hand the request to the application; a host is named once, and hardly anything is sent ahead."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1") or len(self.pipeline) >= MOST_AHEAD:
            raise NoRequest
        self._bytes_since_event, self._is_in_body = 0, True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a piece, not much while its request waits for the answer to another one."""
        self._bytes_since_event = 0
        super().on_body(body)
        if self.pipeline and len(self.cycle.body) > HIGH_WATER_LIMIT:
            raise NoRequest

    def on_message_complete(self) -> None:
        """The request has come whole."""
        self._bytes_since_event, self._is_in_body = 0, False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Look what is still to come: the next request, or the rest of this one."""
        super().on_response_complete()
        self._watch()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, and wait for nothing on it any more."""
        self._is_live = True
        self._await(None)
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """The other side reads more slowly than the answer comes, or not at all."""
        super().pause_writing()
        self._is_unread = True
        self._watch()

    def resume_writing(self) -> None:
        """It has read on."""
        super().resume_writing()
        self._is_unread = False
        self._watch()

    def _watch(self) -> None:
        awaited = None if self._is_live or self.transport.is_closing() else self._owed()
        if awaited != self._awaited:
            self._await(awaited)

    def _owed(self) -> str | None:
        if self._is_unread:
            return "to read"
        is_answered = self.cycle is None or self.cycle.response_complete
        if not is_answered:
            return None
        return "the rest of a request" if self._is_in_body else "a request"

    def _await(self, awaited: str | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._awaited, self._awaited_since = awaited, self.loop.time()
        if awaited is not None:
            self._timer = self.loop.call_later(PATIENCE_SECONDS[awaited], self.transport.abort)

    def _make_room(self) -> None:
        if len(self.connections) <= MOST_CONNECTIONS:
            return
        others = (each for each in self.connections if isinstance(each, Protocol) and each is not self)
        waiting = [each for each in others if each._awaited and not each.transport.is_closing()]
        if waiting:
            min(waiting, key=lambda each: each._awaited_since).transport.abort()


#: How uvicorn is to serve the application: with uvloop, where there is one (not on Windows).
OPTIONS: dict[str, Any] = {"loop": "auto", "http": Protocol, "ws": "none", "log_config": None, "access_log": False}
