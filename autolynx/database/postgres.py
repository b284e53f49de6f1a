"""The transport for any PostgreSQL: psycopg 3, one statement a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql

from autolynx.database.arguments import as_text, checked_name, encode
from autolynx.database.connecting import Connection, Connector
from autolynx.database.connections import Connections
from autolynx.database.listener import Listener
from autolynx.database.port import CALL_SECONDS, CONNECTIONS, Database, Kind
from autolynx.database.refusals import TOO_SLOW, refusal
from autolynx.errors import AutoLynxError, Unavailable
from autolynx.waiting import patience


class PostgresDatabase(Database):
    """Calls SQL functions over a PostgreSQL connection; see `port.Database` for the contract.

    Works through pgbouncer and Supavisor in transaction mode, except that notifications do not arrive there:
    `wait_for_work` then times out.
    """

    kind: Kind = "postgres"
    can_listen = True
    is_at_home_on_loops = True

    def __init__(self, dsn: str | Callable[[], str], connections: int = CONNECTIONS) -> None:
        connector = Connector((lambda: dsn) if isinstance(dsn, str) else dsn)
        self._connections = Connections(connector, connections)
        self._listener = Listener(connector)

    def call(self, function: str, /, **arguments: Any) -> Any:
        """See `port.Database.call`."""
        asked = query(function, arguments)
        with self._connections.borrowed() as connection:
            return answer(connection, *asked)

    async def call_on_loop(self, function: str, /, **arguments: Any) -> Any:
        """See `port.Database.call_on_loop`. Only where a connection has to be made, a thread makes it."""
        statement, values = query(function, arguments)
        connection = self._connections.take_idle() or await self._taken_on_thread()
        try:
            cursor = await (await connection.on_loop()).execute(statement, values)
            return _only(await cursor.fetchone())
        except psycopg.Error as error:
            raise _raised(error, connection) from error
        finally:
            self._connections.give_back(connection)

    async def _taken_on_thread(self) -> Connection:
        taking = patience.begin(self._connections.take)
        taken = asyncio.wrap_future(taking)
        try:
            return await asyncio.shield(taken)
        except asyncio.CancelledError:
            taken.add_done_callback(lambda late: late.cancelled() or late.exception())
            patience.abandon(taking, self._connections.give_back)
            raise

    def wait_for_work(self, timeout_seconds: float) -> bool:
        """See `port.Database.wait_for_work`."""
        return self._listener.wait(timeout_seconds)

    def wake(self) -> None:
        """See `port.Database.wake`."""
        self._listener.wake()

    def close(self) -> None:
        """See `port.Database.close`."""
        self._listener.close()
        self._connections.close()


def query(function: str, arguments: dict[str, Any]) -> tuple[bytes, dict[str, str | None]]:
    """The statement that calls a function, and its values."""
    values = {name: as_text(value) for name, value in encode(arguments).items()}
    return _statement(checked_name(function), tuple(values)), values


@lru_cache(maxsize=500)
def _statement(function: str, names: tuple[str, ...]) -> bytes:
    """`select public.f(p_a => %(p_a)s)`. Values go as untyped text, so the parameter's own type reads them,
    as it does behind PostgREST: a float for a numeric parameter would otherwise find no function."""
    pairs = [sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in names]
    call = sql.SQL("select public.{}({})").format(sql.Identifier(function), sql.SQL(", ").join(pairs))
    return call.as_bytes()


def answer(connection: Connection, statement: bytes, values: dict[str, str | None]) -> Any:
    """What a query is answered. Raises as `port.Database.call` does."""
    try:
        return _only(connection.execute(statement, values).fetchone())
    except psycopg.Error as error:
        raise _raised(error, connection) from error


def _only(row: tuple[Any, ...] | None) -> Any:
    return row[0] if row else None


def _raised(error: psycopg.Error, connection: Connection) -> AutoLynxError:
    if error.sqlstate:
        diagnosis = error.diag
        return refusal(error.sqlstate, diagnosis.message_primary, diagnosis.message_detail, diagnosis.message_hint)
    if connection.is_overdue:
        return Unavailable(TOO_SLOW, details=f"no answer within {CALL_SECONDS:g} s")
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return Unavailable("The connection to the database was lost; please try again.", details=str(error))
    return AutoLynxError(details=str(error))
