"""Ports on this machine."""

from __future__ import annotations

import contextlib
import http.client
import secrets
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

_PORTS = range(16_000, 32_000)


def free_port() -> int:
    """A port that nobody has, and that no connection is given while its server is down: those come from 32768 on."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port that is taken and at which nobody listens, as long as it is needed: a free one may be given away."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def answers(url: str) -> bool:
    """Whether somebody serves that address; cheap enough to be asked a hundred times a second."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=2)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
