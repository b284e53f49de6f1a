"""A TCP relay that can go silent: `Relay(port)` forwards to a port of this machine.

Frozen it keeps every connection and accepts new ones, and passes nothing on, as a stopped process or a hanging
pooler does: the kernel acknowledges, nobody answers. What was sent meanwhile is delivered after the thaw, even when
its sender has long given up.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Relay:
    """Forwards while it is entered, from `port` on 127.0.0.1."""

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._is_flowing = threading.Event()
        self._is_flowing.set()
        self._trickle_seconds = 0.0
        self._is_over = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]

    def url(self, url: str) -> str:
        """The same address, through this relay."""
        parts = urlsplit(url)
        user = f"{parts.username}@" if parts.username else ""
        return parts._replace(netloc=f"{user}127.0.0.1:{self.port}").geturl()

    def freeze(self) -> None:
        """Pass nothing on from now on."""
        self._is_flowing.clear()

    def thaw(self) -> None:
        """Pass on again, first what has come meanwhile."""
        self._is_flowing.set()

    def trickle(self, seconds: float) -> None:
        """Pass on a byte at a time to whoever connected to us, with such a pause between two."""
        self._trickle_seconds = seconds

    def drop(self) -> None:
        """Reset every connection there is; new ones are accepted."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self.thaw()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # ends the wait in accept
        self._listener.close()
        self.drop()

    def _accept(self) -> None:
        while not self._is_over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._is_flowing.wait()
        try:
            server = socket.create_connection(self._target)
        except OSError:
            client.close()
            return
        with self._lock:
            if self._is_over.is_set():
                client.close()
                server.close()
                return
            self._sockets |= {client, server}
        for source, sink, is_answer in ((client, server, False), (server, client, True)):
            threading.Thread(target=self._forward, args=(source, sink, is_answer), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while received := source.recv(65536):
                self._pass_on(received, sink, is_answer)
        self._is_flowing.wait()
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._sockets -= {source, sink}
        source.close()

    def _pass_on(self, received: bytes, sink: socket.socket, is_answer: bool) -> None:
        self._is_flowing.wait()
        if not (is_answer and self._trickle_seconds):
            sink.sendall(received)
            return
        for byte in received:
            if self._is_over.wait(self._trickle_seconds):
                return
            sink.sendall(bytes([byte]))
