"""The transport for a laptop: a PostgreSQL of our own under AUTOLYNX_HOME.

All local processes share one server, and it runs exactly while somebody uses it. Everybody who does holds a
shared lock on `postgres.use`; the kernel gives it back however a process ends, so nobody is counted who is
dead. The last to leave stops the server. Starting and stopping take turns under `postgres.lock`.
"""

from __future__ import annotations

import atexit
import fcntl
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

import structlog

from autolynx.database.embedded import home as home_folder
from autolynx.database.embedded.cluster import Cluster
from autolynx.database.port import CONNECTIONS, Kind
from autolynx.database.postgres import PostgresDatabase
from autolynx.errors import Unavailable

log = structlog.get_logger()

#: for a process of ours that starts or stops the server; PostgreSQL itself gives up after a minute
_TURN_SECONDS = 90.0
_held: dict[Path, Use] = {}


def start(home: Path) -> str:
    """Start the server, or join the running one, and use it until `stop` or this process's end.

    Returns its address. For the supervisor, before it starts the processes that need the database.
    """
    use = _held.setdefault(home.resolve(), Use(home))
    return use.uri()


def stop(home: Path) -> None:
    """Stop the server whoever else uses it. For the supervisor, after its processes have ended."""
    cluster = Cluster(home)
    if cluster.is_made:
        with _turn(cluster.home):
            cluster.stop()
    use = _held.pop(cluster.home, None)
    if use:
        use.end()


def running_uri(home: Path) -> str | None:
    """The address of the server if it runs; it is neither started nor kept running."""
    return Cluster(home).running_uri()


class Use:
    """One user's hold on the server."""

    def __init__(self, home: Path) -> None:
        self._cluster = Cluster(home)
        self._lock = threading.Lock()
        self._hold: IO[str] | None = None

    def uri(self) -> str:
        """The server's address; started if it does not run, even after somebody killed it."""
        with self._lock:
            running = self._cluster.running_uri() if self._hold else None
            if running:
                return running
            home_folder.prepare(self._cluster.home)
            with _turn(self._cluster.home):
                uri = self._cluster.start()
                if self._hold is None:
                    self._hold = _hold(self._cluster.home / "postgres.use")
                    atexit.register(self.end)
            return uri

    def end(self) -> None:
        """Leave, and stop the server if nobody else uses it. Safe to repeat."""
        with self._lock:
            if self._hold is None:
                return
            try:
                if self._cluster.home.exists():  # somebody may have removed it
                    with _turn(self._cluster.home):
                        if _nobody_else(self._hold):
                            self._cluster.stop()
            except Unavailable as error:
                log.warning("database_left_running", reason=str(error))
            self._hold.close()
            self._hold = None
            atexit.unregister(self.end)


class EmbeddedDatabase(PostgresDatabase):
    """Calls SQL functions on the embedded server; see `port.Database` for the contract."""

    kind: Kind = "embedded"

    def __init__(self, home: Path, connections: int = CONNECTIONS) -> None:
        self._use = Use(home)
        super().__init__(self._use.uri, connections)

    def close(self) -> None:
        """See `port.Database.close`. The last to close stops the server."""
        super().close()
        self._use.end()


def _turn(home: Path) -> AbstractContextManager[None]:
    return home_folder.locked(home / "postgres.lock", patience_seconds=_TURN_SECONDS)


def _hold(path: Path) -> IO[str]:
    file = home_folder.open_file(path)
    try:
        home_folder.take(file, path, fcntl.LOCK_SH, patience_seconds=0)
    except Unavailable:
        file.close()
        raise
    return file


def _nobody_else(hold: IO[str]) -> bool:
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
