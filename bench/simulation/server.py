"""A PostgreSQL server for stories alone: nothing reaches the disk, and the way to it is a Unix socket."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from bench.postgres import running_server
from bench.simulation.database import Ground
from rig.servers import FAST, Server

SETTINGS = FAST | {"autovacuum": "off", "max_connections": "20"}


@dataclass(frozen=True)
class StoryServer:
    """Any process may open a ground on it."""

    server: Server
    socket: str

    @contextlib.contextmanager
    def ground(self) -> Iterator[Ground]:
        """A database of its own."""
        with self.server.database() as url:
            ground = Ground(url, self.socket)
            try:
                yield ground
            finally:
                ground.close()


@contextlib.contextmanager
def story_server() -> Iterator[StoryServer]:
    """Start it, and stop it in the end."""
    with tempfile.TemporaryDirectory(prefix="autolynx-socket-") as socket:
        os.chmod(socket, 0o777)  # the server runs as somebody who may nothing else
        with running_server(SETTINGS | {"unix_socket_directories": socket}) as server:
            yield StoryServer(server, socket)
