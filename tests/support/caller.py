"""One connection that speaks HTTP by hand, as who means harm does."""

from __future__ import annotations

import socket
from contextlib import suppress

import httpx

from rig.waiting import eventually

HANG = 30  # seconds
MESSAGES = "/webhooks/vapi"


class Caller:
    """One connection that speaks HTTP by hand."""

    def __init__(self, web: httpx.Client, *, reads_little: bool = False) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(HANG)
        if reads_little:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((web.base_url.host, web.base_url.port))

    def send(self, text: str | bytes) -> None:
        self.socket.sendall(text.encode() if isinstance(text, str) else text)

    def ask(self, headers: dict[str, str], method: str = "POST", path: str = MESSAGES) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in headers.items())]
        self.send("\r\n".join(lines) + "\r\n\r\n")

    def head(self) -> bytes:
        """Of the answer, when it comes."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.socket.recv(1000)
            assert piece, "the connection was closed without an answer"
            head += piece
        return head

    def status(self) -> int:
        """Of the answer, when it comes."""
        return int(self.head().split(b" ", 2)[1])

    @property
    def is_cut(self) -> bool:
        """Read what there is; True when the other side has ended the connection."""
        self.socket.setblocking(False)
        try:
            with suppress(BlockingIOError):
                while self.socket.recv(65536):
                    pass
                return True
        except ConnectionError:
            return True
        finally:
            self.socket.settimeout(HANG)
        return False

    def trickles_until_cut(self, byte: bytes) -> None:
        """Send a byte now and then, as who wants to keep a connection does."""

        def send_one() -> bool:
            with suppress(ConnectionError):
                self.send(byte)
            return self.is_cut

        eventually(send_one, HANG)

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
