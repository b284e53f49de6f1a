"""The HTTP server in front of both applications: how long a connection may keep us waiting.

uvicorn 0.54 (h11_impl.py) was read: it closes a connection that is idle after an answer, but waits for ever for the
rest of a request's head, for the rest of a body that nobody reads, and for a client that does not read its answer.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: What the other side owes us -> how long we wait before the connection is cut.
PATIENCE_SECONDS = {
    "a request": 10.0,  # whole, from the connection's beginning, or from the answer before
    "the rest of a request": 10.0,  # that has been answered; it is thrown away
    "to read": 60.0,
}
#: With more, each new one takes the place of the one that has kept us waiting longest. A process has often 1024 files.
MOST_CONNECTIONS = 512


class Protocol(H11Protocol):
    """HTTP/1.1 whose every wait for the other side ends; how long the application takes is its own affair."""

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self._awaited: str | None = None
        self._awaited_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_unread = False
        self._is_live = False  # a WebSocket's protocol has it: it looks after itself

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
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Look what is still to come: the next request, or the rest of this one."""
        super().on_response_complete()
        self._watch()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over, and wait for nothing on it any more."""
        self._is_live = True
        self._await(None)
        super().handle_websocket_upgrade(event)

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
        if self.conn.their_state is h11.IDLE:
            return "a request"
        is_answered = self.cycle is not None and self.cycle.response_complete
        return "the rest of a request" if is_answered and self.conn.their_state is h11.SEND_BODY else None

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


#: How uvicorn is to serve the application.
OPTIONS: dict[str, Any] = {"http": Protocol, "ws": "none", "log_config": None, "access_log": False}
