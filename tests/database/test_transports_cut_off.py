"""Every transport when the database goes away, comes back, or is shared by many."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest

from autolynx.database import Database, connect
from autolynx.database.postgres import PostgresDatabase
from autolynx.errors import AutoLynxError, Unavailable
from autolynx.settings import Settings
from rig.postgrest_server import SERVICE_KEY
from rig.waiting import eventually
from tests.support.transports import FUNCTIONS, OVER_HTTP, OVER_POOLER, OVER_SQL, Transport, supabase


def is_answered(database: Database) -> bool:
    with suppress(Unavailable):
        database.call("test_nothing")
        return True
    return False


def test_it_connects_again_unnoticed_when_the_database_was_restarted(transport: Transport):
    transport.database.call("test_session")
    for _ in range(3):
        transport.hang_up()

        assert transport.database.call("test_echo", count=1)["count"] == 1


# An embedded server that is away is started by the call: tests/flows/test_embedded_postgres.py.
@pytest.mark.parametrize("place", [*OVER_SQL[1:], *OVER_POOLER, *OVER_HTTP], ids=str, indirect=True)
def test_it_is_unavailable_while_the_database_is_away_and_recovers(transport: Transport):
    database = transport.sql.execute("select current_database()").fetchone()[0]
    with psycopg.connect(transport.sql.info.dsn, dbname="postgres", autocommit=True) as admin:
        transport.database.call("test_session")
        admin.execute(f"alter database {database} allow_connections false")
        try:
            transport.hang_up()
            for _ in range(2):
                with pytest.raises(Unavailable):
                    transport.database.call("test_echo")
        finally:
            admin.execute(f"alter database {database} allow_connections true")

    if transport.is_pooled:  # pgbouncer itself tries again only after server_login_retry
        eventually(lambda: is_answered(transport.database))
    assert transport.database.call("test_echo", count=1)["count"] == 1


def test_it_is_unavailable_when_the_connection_breaks_in_the_middle(transport: Transport):
    errors: list[BaseException] = []

    def call() -> None:
        try:
            transport.database.call("test_slow")
        except AutoLynxError as error:
            errors.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    asleep = "select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    eventually(lambda: transport.sql.execute(asleep).fetchone() is not None)
    transport.hang_up()
    caller.join(timeout=30)

    assert [type(error) for error in errors] == [Unavailable]
    assert transport.database.call("test_echo", count=1)["count"] == 1


def test_it_serves_many_threads_when_they_share_it(transport: Transport):
    def call(number: int) -> int:
        return transport.database.call("test_echo", count=number, value={"n": number})["value"]["n"]

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(call, range(320))) == list(range(320))


def test_it_is_unavailable_when_nobody_listens_at_the_address():
    with supabase("http://127.0.0.1:9", SERVICE_KEY) as database, pytest.raises(Unavailable):
        database.call("test_echo")


def test_it_tells_the_reason_at_once_when_the_database_refuses_connections():
    settings = Settings(_env_file=None, database_url="postgresql://me:very-secret@127.0.0.1:9/x")
    with connect(settings) as database, pytest.raises(Unavailable, match="refused") as caught:
        database.call("test_echo")

    assert "very-secret" not in str(caught.value)


def test_it_keeps_no_notification_that_comes_with_an_answer(database_url: str) -> None:
    """Behind a pooler a call may meet what somebody else listens for."""
    with psycopg.connect(database_url, autocommit=True) as sql:
        sql.execute(FUNCTIONS)
        sql.execute(
            "create function public.test_listen() returns jsonb language plpgsql as "
            "$$ begin execute 'listen autolynx_work'; return 'true'; end $$"
        )

    async def story(database: PostgresDatabase) -> None:
        await database.call_on_loop("test_listen")
        await database.call_on_loop("test_notify", times=50)
        await database.call_on_loop("test_session")

    with PostgresDatabase(database_url, connections=1) as database:
        asyncio.run(story(database))
        database.call("test_notify", times=50)
        database.call("test_session")
        connection = database._connections.take_idle()
        assert connection is not None
        assert [len(side._notifies_backlog) for side in (connection, connection._on_loop)] == [0, 0]
        database._connections.give_back(connection)
