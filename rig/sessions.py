"""Database sessions that a test holds open, so that two transactions meet at the very place it wants them to."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Any, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads

from autolynx.database import Database, connect
from autolynx.database.arguments import as_text, decode, encode
from autolynx.settings import Settings
from rig.waiting import eventually

AS_SERVICE = "-c role=service_role -c deadlock_timeout=50ms"  # a circle is noticed soon


class Session:
    """One client with the service's rights, and its transaction. Errors are psycopg's, with their SQLSTATE."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, options=AS_SERVICE, prepare_threshold=None)
        set_json_loads(decode, self._connection)
        self.pid = self._connection.info.backend_pid

    def begin(self) -> None:
        """Begin the transaction for real: with a first statement, so that the server knows of it."""
        self._connection.execute("select 1")

    def call(self, function: str, /, **arguments: Any) -> Any:
        """Call `public.<function>` as the port does, but within this transaction."""
        values = {name: as_text(value) for name, value in encode(arguments).items()}
        pairs = [sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values]
        named = sql.SQL(", ").join(pairs)
        row = self._connection.execute(
            sql.SQL("select public.{}({})").format(sql.Identifier(function), named), values
        ).fetchone()
        return row[0] if row else None

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Any statement; its rows."""
        cursor = self._connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []

    def commit(self) -> None:
        """End the transaction; one that failed is rolled back by that."""
        self._connection.commit()

    def rollback(self) -> None:
        """Give the transaction up."""
        self._connection.rollback()

    def keeps_waiting(self, other: Session, until: Future[Any]) -> bool:
        """Wait until the other session is seen to wait for this one (True), or has done without (False)."""
        waits: list[bool] = []

        def is_settled() -> bool:
            if not until.done():
                waits[:] = self.execute("select %s = any (pg_blocking_pids(%s))", self.pid, other.pid)[0]
            return until.done() or waits == [True]

        eventually(is_settled, "the second session to end or to wait for the first")
        return waits == [True]

    def is_lost(self) -> bool:
        """Whether the server has ended this session, as far as can be seen from here."""
        if self._connection.closed:
            return True
        said, _, _ = select.select([self._connection], [], [], 0)  # it listens to nothing: only its end can be said
        return bool(said)

    def close(self) -> None:
        """End it; a transaction that is open is given up."""
        self._connection.close()

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Beside:
    """A session beside a port, for plain statements: begun by the first of them, and kept for the others."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session: Session | None = None
        self._lock = threading.Lock()

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement, committed; its rows."""
        with self._lock:
            if self._session is not None and self._session.is_lost():
                self.close()
            self._session = self._session or Session(self.address)
            try:
                rows = self._session.execute(statement, *values)
                self._session.commit()
            except BaseException:
                self.close()
                raise
        return rows

    def close(self) -> None:
        """End the session, if there is one."""
        if self._session is not None:
            self._session.close()
            self._session = None


_BESIDE: WeakKeyDictionary[Database, Beside] = WeakKeyDictionary()


_LIMITED = """
select oid::regprocedure::text from pg_proc
where pronamespace = 'public'::regnamespace and exists (select from unnest(proconfig) s where s like 'lock_timeout=%')
"""


def let_wait(address: str) -> None:
    """Let every function wait for a lock as long as it is kept: the test says when that ends, on a slow machine too."""
    with psycopg.connect(address, autocommit=True) as owner:
        for (function,) in owner.execute(_LIMITED).fetchall():
            owner.execute(f"alter function {function} reset lock_timeout")  # type: ignore[arg-type]


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The port, over the postgres transport, with the rights it has on Supabase: the service role's."""
    as_service = f"{url}?options=-c%20role%3Dservice_role"
    with connect(Settings(_env_file=None, database_url=as_service)) as database, closing(Beside(url)) as beside:
        _BESIDE[database] = beside
        yield database


def address_of(database: Database) -> str:
    """Where a database is that was opened here, for sessions beside it."""
    return _BESIDE[database].address


def beside(database: Database) -> Beside:
    """The session for plain statements beside a database that was opened here."""
    return _BESIDE[database]


def attempt(step: Callable[[], Any]) -> Any:
    """What a step answers, or its error: the refusals are what a race is read by."""
    try:
        return step()
    except Exception as error:
        return error
