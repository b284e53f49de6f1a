"""A database that vanishes: no reset, no answer. Every call ends in time, and the next one works when it is back.

The limits in seconds here are for hangs; what is promised is CALL_SECONDS.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from autolynx.database import Database, connect
from autolynx.database.connecting import Connector, open_connection
from autolynx.database.connections import Connections
from autolynx.database.postgres import PostgresDatabase
from autolynx.errors import Unavailable
from autolynx.settings import Settings
from rig.postgrest_server import SERVICE_KEY, PostgrestServer
from rig.relay import Relay
from rig.servers import Server
from rig.waiting import eventually
from tests.support.on_loop import OnLoop
from tests.support.run import a_server
from tests.support.transports import FUNCTIONS, supabase

HANG_SECONDS = 15
LISTENER_HANG_SECONDS = 3.5


@pytest.fixture
def server() -> Server:
    """One version is enough: it is the client that does not wait."""
    return a_server("pg18")


@pytest.fixture
def sql(connection: psycopg.Connection) -> psycopg.Connection:
    """The owner's prompt, past the relay, on a database with the functions of the transports' contract."""
    connection.execute(FUNCTIONS)
    connection.execute(
        "create function public.test_setting(p_name text) returns jsonb language sql volatile as "
        "'select to_jsonb(current_setting(p_name))'"
    )
    return connection


@pytest.fixture
def relay(server: Server) -> Iterator[Relay]:
    with Relay(server.port) as relay:
        yield relay


@pytest.fixture(params=["by threads", "on a loop"])
def relayed(
    request: pytest.FixtureRequest, relay: Relay, database_url: str, sql: psycopg.Connection
) -> Iterator[Database]:
    """A database behind the relay."""
    with postgres(relay.url(database_url)) as database:
        if request.param == "by threads":
            yield database
            relay.thaw()
            return
        on_loop = OnLoop(database)
        yield on_loop
        relay.thaw()
        on_loop.end()


def postgres(url: str) -> Database:
    return connect(Settings(_env_file=None, database_url=url))


def outcome(action: Callable[[], Any]) -> Unavailable:
    """What it is refused with, within the limit for hangs."""
    begun = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        action()
    assert time.monotonic() - begun < HANG_SECONDS
    return caught.value


def together(*actions: Callable[[], Any]) -> list[Unavailable]:
    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(outcome, actions))


def assert_shows_no_address(error: Unavailable) -> None:
    """A sentence of ours, without host, port or the driver's words."""
    assert error.message.endswith(".")
    for told in ("127.0.0.1", "localhost", "port", "psycopg", "libpq", "Errno", "timeout expired", "to server"):
        assert told not in error.message


def asleep(sql: psycopg.Connection, count: int) -> Callable[[], bool]:
    found = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    return lambda: sql.execute(found).fetchone() == (count,)


# -- PostgreSQL ------------------------------------------------------------------------------------------


def test_it_ends_every_call_when_the_server_falls_silent(relayed: Database, relay: Relay, sql) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: relayed.call("test_rows", count=2000), range(8)))  # several connections, idle
        begun_before = threads.submit(outcome, lambda: relayed.call("test_slow"))
        eventually(asleep(sql, 1))
        relay.freeze()

        begun_after = [threads.submit(outcome, lambda: relayed.call("test_session")) for _ in range(4)]
        large = threads.submit(outcome, lambda: relayed.call("test_echo", text="x" * 20_000_000))
        errors = [future.result() for future in [begun_before, *begun_after, large]]

    for error in errors:
        assert_shows_no_address(error)
    relay.thaw()
    assert relayed.call("test_echo", count=1)["count"] == 1


def test_it_ends_a_call_when_it_must_connect_to_a_silent_server(relayed: Database, relay: Relay) -> None:
    relay.freeze()

    assert_shows_no_address(outcome(lambda: relayed.call("test_session")))
    relay.thaw()
    assert relayed.call("test_echo", count=1)["count"] == 1


def test_it_ends_a_call_when_the_servers_process_was_stopped(database_url, sql) -> None:
    with postgres(database_url) as database:
        stopped = database.call("test_session")
        os.kill(stopped, signal.SIGSTOP)
        try:
            assert_shows_no_address(outcome(lambda: database.call("test_session")))

            assert database.call("test_session") != stopped
        finally:
            os.kill(stopped, signal.SIGCONT)


def test_it_ends_a_call_that_the_server_finds_too_long(database_url, sql) -> None:
    sql.execute("create table public.test_locked ()")
    sql.execute(
        "create function public.test_lock() returns jsonb language plpgsql as "
        "$$ begin lock table public.test_locked; return 'true'; end $$"
    )
    with postgres(database_url) as database, sql.transaction():
        sql.execute("lock table public.test_locked")
        errors = together(lambda: database.call("test_slow"), lambda: database.call("test_lock"))

    assert [error.message for error in errors] == [
        "The database took too long to answer; please try again.",
        "Somebody else is changing this just now; please try again.",
    ]
    assert [error.__cause__.sqlstate for error in errors] == ["57014", "55P03"]


def test_it_tells_the_server_its_limits_and_lets_the_address_overrule_them(database_url, sql) -> None:
    own = f"{database_url}?options=-c%20lock_timeout%3D1s%20-c%20search_path%3Dpublic"
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "search_path")
    with postgres(database_url) as plain, postgres(own) as overruled:
        found = [[database.call("test_setting", name=name) for name in names] for database in (plain, overruled)]

    assert found == [["10s", "5s", "10s", '"$user", public'], ["10s", "1s", "10s", "public"]]


def test_it_sets_no_limit_to_a_migration(database_url) -> None:
    with open_connection(database_url) as connection:
        found = [connection.execute(f"show {name}").fetchone() for name in ("statement_timeout", "lock_timeout")]

    assert found == [("0",), ("0",)]


def test_it_has_the_kernel_notice_that_nobody_acknowledges(database_url) -> None:
    connection = Connector(lambda: database_url).open(database_url)
    with connection, socket.socket(fileno=os.dup(connection.fileno())) as ours:
        patience = {
            option: ours.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        }
        user_timeout = ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert list(patience.values()) == [10, 5, 2]
    assert user_timeout == 10_000


# -- the connections alone, with a shorter time ----------------------------------------------------------


def test_it_never_lends_a_connection_again_whose_time_was_over(relay: Relay, database_url) -> None:
    connections = Connections(Connector(lambda: relay.url(database_url)), limit=16)
    with connections.borrowed() as one, connections.borrowed() as other:
        pass
    relay.freeze()

    with pytest.raises(psycopg.OperationalError), connections.borrowed(timeout_seconds=0.5) as lent:
        lent.execute("select 1")
    relay.thaw()

    assert lent in (one, other)
    assert one.closed
    assert other.closed  # it was idle, and led to the same silence
    with connections.borrowed() as fresh:
        assert fresh.execute("select 1").fetchone() == (1,)
    connections.close()


def test_it_waits_for_a_place_no_longer_than_for_all_else(database_url) -> None:
    connections = Connections(Connector(lambda: database_url), limit=1)
    with connections.borrowed(), pytest.raises(Unavailable, match="busy"), connections.borrowed(0.2):
        pass
    connections.close()


def test_it_is_not_kept_by_a_name_server(monkeypatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: goes_on.wait(60) and [])
    connections = Connections(Connector(lambda: "postgresql://somebody@database.example/x"), limit=16)
    try:
        with pytest.raises(Unavailable, match="does not answer"), connections.borrowed(timeout_seconds=0.3):
            pass
    finally:
        goes_on.set()


def test_it_closes_a_connection_that_comes_too_late(relay: Relay, database_url, sql) -> None:
    relay.freeze()
    with pytest.raises(Unavailable, match="does not answer"):
        Connector(lambda: "").open_until(time.monotonic() + 0.2, relay.url(database_url))
    relay.thaw()

    ours = "select count(*) from pg_stat_activity where application_name = 'autolynx' and datname = current_database()"
    eventually(lambda: sql.execute(ours).fetchone() == (0,))


@pytest.mark.parametrize("function", ["test_session", "test_slow"], ids=["while it connects", "while it waits"])
def test_it_gives_a_place_back_when_who_called_on_a_loop_is_gone(
    relay: Relay, database_url, sql, function: str
) -> None:
    """A call that is cancelled leaves neither a place taken nor a connection that others would meet half used."""

    async def leave(database: PostgresDatabase) -> None:
        if function == "test_session":
            relay.freeze()
        task = asyncio.create_task(database.call_on_loop(function))
        await asyncio.sleep(0.3)
        relay.freeze()
        left_at = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - left_at < HANG_SECONDS / 3  # nobody is asked, who may not answer, to cancel anything
        relay.thaw()
        answers = [await database.call_on_loop("test_echo", count=n) for n in range(3)]
        assert [answer["count"] for answer in answers] == [0, 1, 2]

    with PostgresDatabase(relay.url(database_url), connections=1) as database:
        asyncio.run(leave(database))
        assert database.call("test_echo", count=9)["count"] == 9


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://somebody@127.0.0.1:9/x", "the connection was refused."),
        ("postgresql://somebody@nowhere.invalid/x", "its host is unknown, or no name server answers."),
        ("{server}/no_such_database", "it has no such database or user."),
    ],
)
def test_it_says_why_without_naming_the_address(server: Server, url: str, reason: str) -> None:
    with postgres(url.format(server=server.url("").rstrip("/"))) as database:
        error = outcome(lambda: database.call("test_session"))

    assert error.message == f"The database cannot be reached: {reason}"
    assert error.details
    assert_shows_no_address(error)


# -- waiting for work ------------------------------------------------------------------------------------


def seconds_of(action: Callable[[], Any]) -> float:
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def test_it_waits_for_work_no_longer_than_asked_while_the_server_is_silent(
    relayed: Database, relay: Relay, sql
) -> None:
    relayed.wait_for_work(0)
    relay.freeze()
    assert seconds_of(lambda: relayed.wait_for_work(0.5)) < LISTENER_HANG_SECONDS  # its connection is there
    relay.drop()

    for _ in range(8):  # it is not, and cannot be had
        assert seconds_of(lambda: relayed.wait_for_work(0.5)) < LISTENER_HANG_SECONDS
    relay.thaw()

    eventually(lambda: relayed.wait_for_work(1))  # something may have been missed
    assert relayed.wait_for_work(0.05) is False
    sql.execute("notify autolynx_work")
    assert relayed.wait_for_work(20) is True


def test_it_can_be_woken_and_closed_while_the_server_is_silent(relayed: Database, relay: Relay) -> None:
    relay.freeze()
    with ThreadPoolExecutor(1) as threads:
        for end in (relayed.wake, relayed.close):
            waiting: Future[bool] = threads.submit(relayed.wait_for_work, 60)
            time.sleep(0.3)  # it may wait already; the alarm counts for the next wait, too
            assert seconds_of(end) < LISTENER_HANG_SECONDS
            assert seconds_of(lambda waiting=waiting: waiting.result(30)) < LISTENER_HANG_SECONDS
            assert waiting.result() is False


def test_it_is_not_kept_by_a_name_server_while_it_waits_for_work(monkeypatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: goes_on.wait(60) and [])
    with postgres("postgresql://somebody@database.example/x") as database:
        assert seconds_of(lambda: database.wait_for_work(0.1)) < LISTENER_HANG_SECONDS
        assert seconds_of(lambda: database.wait_for_work(0.1)) < LISTENER_HANG_SECONDS
        goes_on.set()


# -- Supabase --------------------------------------------------------------------------------------------


@pytest.fixture
def project(database_url: str, sql) -> Iterator[PostgrestServer]:
    with PostgrestServer(database_url) as project:
        yield project


def test_it_ends_every_call_when_supabase_falls_silent(project: PostgrestServer, sql) -> None:
    with (
        Relay(project.port) as silent,
        Relay(project.port) as slow,
        supabase(silent.url(project.url), SERVICE_KEY) as database,
        supabase(slow.url(project.url), SERVICE_KEY) as trickling,
        ThreadPoolExecutor(4) as threads,
    ):
        assert database.call("test_echo", count=1)["count"] == 1
        begun_before = threads.submit(outcome, lambda: database.call("test_slow"))
        eventually(asleep(sql, 1))
        silent.freeze()
        slow.trickle(0.5)

        errors = together(
            lambda: database.call("test_session"),
            lambda: database.call("test_echo", text="x" * 20_000_000),
            lambda: trickling.call("test_session"),
        )
        for error in [begun_before.result(), *errors]:
            assert_shows_no_address(error)
        silent.thaw()
        slow.trickle(0)
        assert database.call("test_echo", count=1)["count"] == 1
        assert trickling.call("test_echo", count=1)["count"] == 1


def test_it_is_not_kept_by_supabases_name_server(monkeypatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: goes_on.wait(60) and [])
    with supabase("http://project.example", SERVICE_KEY) as database:
        assert_shows_no_address(outcome(lambda: database.call("test_session")))
        goes_on.set()


def test_it_shows_no_address_when_nobody_listens_at_supabases() -> None:
    with supabase("http://127.0.0.1:9", SERVICE_KEY) as database:
        assert_shows_no_address(outcome(lambda: database.call("test_session")))
