"""Making one connection to PostgreSQL, with a limit to every wait on it.

A server that vanishes answers nothing and resets nothing. Three kinds of limits make that a matter of seconds:
the kernel's (nobody acknowledges what was sent), the server's own (a statement or a lock takes too long), and the
client's deadline, the only one that helps when the far kernel still acknowledges but nobody answers, as with a
stopped process or a pooler that hangs.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import psycopg
import structlog
from psycopg import waiting
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import set_json_loads

from autolynx.database.arguments import decode
from autolynx.errors import Unavailable
from autolynx.waiting.patience import within

log = structlog.get_logger()

CONNECT_SECONDS = 5  # for each address of the server
STATEMENT_SECONDS = 10  # so that the server gives up before a caller does (CALL_SECONDS), and says so
LOCK_SECONDS = 5

#: What a server is told to keep to, by the startup parameter `options`.
LIMITS = (
    f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={STATEMENT_SECONDS}s"
)

#: How a connection finds out that nobody is there any more; libpq's own defaults take two hours.
PATIENT = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
QUICK = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,  # milliseconds without an acknowledgement
}

# A pooler that cannot keep `options` apart for each of its clients refuses them: pgbouncer before 1.20 all,
# later ones those it does not track (src/client.c), RDS Proxy all. libpq passes on no code of a refused
# connection, so its text is all there is.
_REFUSES_OPTIONS = re.compile(r"unsupported .*startup parameter|command-line options")

# What libpq and psycopg say of a connection that could not be made -> what we say. Only words hang on it.
_REASONS = {
    "connection refused": "the connection was refused.",
    "timeout expired": "it does not answer.",
    "failed to resolve host": "its host is unknown, or no name server answers.",
    "authentication failed": "it does not accept this user and password.",
    "does not exist": "it has no such database or user.",
    "too many": "it has no free connection.",
    "connection slots": "it has no free connection.",
}

T = TypeVar("T")


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose waits for the server all end at `deadline`, a time of `time.monotonic`."""

    deadline: float | None = None
    _on_loop: LoopSide | None = None

    async def on_loop(self) -> LoopSide:
        """The same connection, for an event loop; never used from both sides at once."""
        if self._on_loop is None:
            side = LoopSide(self.pgconn)
            side.whole = self
            side.prepare_threshold = None
            await side.set_autocommit(True)
            side.add_notify_handler(_ignore)  # each side has handlers of its own
            set_json_loads(decode, side)
            self._on_loop = side
        return self._on_loop

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait as psycopg does for everything it sends or expects, but not past the deadline.

        Past it psycopg raises an OperationalError, and the connection is in no state to be used again.
        """
        if self.deadline is not None and timeout is None:
            timeout = max(0.0, self.deadline - time.monotonic())
        return super().wait(gen, interval, timeout)

    @property
    def is_overdue(self) -> bool:
        """True when the deadline has passed."""
        return self.deadline is not None and time.monotonic() >= self.deadline


class LoopSide(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection as an event loop uses it; its waits end at the connection's deadline, too."""

    whole: Connection

    async def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """See `Connection.wait`; there is no interrupt to be looked for every now and then.

        Who is cancelled leaves at once, and the connection is of no more use: psycopg would ask the server to cancel,
        and wait for 10 s for one that has vanished.
        """
        if self.whole.deadline is not None and timeout is None:
            timeout = max(0.0, self.whole.deadline - time.monotonic())
        try:
            return await waiting.wait_async(gen, self.pgconn.socket, (timeout or 0) + interval, timeout)
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise


def open_connection(dsn: str, *, limits: str = "", network: Mapping[str, int] = PATIENT) -> Connection:
    """Connect in autocommit, or raise Unavailable. Fit for transaction-mode poolers.

    `limits`: options for the server, before the address's own, which therefore win; without any a statement may
    take as long as it likes, as a migration must.
    """
    try:
        parameters = make_conninfo(
            dsn,
            connect_timeout=CONNECT_SECONDS,
            application_name="autolynx",
            options=_options(dsn, limits),
            **network,
        )
        connection = Connection.connect(parameters, autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise _unreachable(error) from error
    set_json_loads(decode, connection)
    return connection


def place(dsn: str) -> str:
    """Where an address leads, `host:port/database`, without the user and the password."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.Error:
        return "an address that cannot be read"
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}".rstrip("/")


class Connector:
    """The way to one server; finds out at the first connection whether it takes our limits."""

    def __init__(self, dsn: Callable[[], str]) -> None:
        self.dsn = dsn
        self._limits = LIMITS

    def open_until(self, deadline: float, dsn: str) -> Connection:
        """Connect by a time of `time.monotonic`, or raise Unavailable."""
        left = max(0.0, deadline - time.monotonic())
        try:
            connection = within(left, lambda: self.open(dsn), Connection.close)
        except TimeoutError as error:
            raise Unavailable("The database cannot be reached: it does not answer.") from error
        # Behind a pooler a call may meet what somebody else listens for; psycopg would keep it for ever.
        connection.add_notify_handler(_ignore)
        return connection

    def open(self, dsn: str, network: Mapping[str, int] = QUICK) -> Connection:
        """Connect, or raise Unavailable; takes CONNECT_SECONDS an address, and what a name server takes."""
        limits = self._limits
        try:
            return open_connection(dsn, limits=limits, network=network)
        except Unavailable as error:
            if not limits or not _REFUSES_OPTIONS.search(str(error.details)):
                raise
        log.debug("database_takes_no_limits", reason="a pooler refuses the startup parameter options")
        self._limits = ""
        return open_connection(dsn, network=network)


def _options(dsn: str, limits: str) -> str | None:
    """Ours, then the address's or PGOPTIONS': of two values for one setting the server takes the last."""
    if not limits:
        return None
    own = conninfo_to_dict(dsn).get("options") or os.environ.get("PGOPTIONS", "")
    return f"{limits} {own}".strip()


def _unreachable(error: psycopg.Error) -> Unavailable:
    """Say why in our words; libpq's own name host and port (but never the password)."""
    details = str(error).strip() or type(error).__name__
    reason = next((ours for theirs, ours in _REASONS.items() if theirs in details.lower()), None)
    return Unavailable(f"The database cannot be reached: {reason}" if reason else None, details=details)


def _ignore(_notification: psycopg.Notify) -> None:
    pass
