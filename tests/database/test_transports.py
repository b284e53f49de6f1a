"""One contract, every transport: embedded, postgres, that through pgbouncer, Supabase through the real supabase-py."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from autolynx.database import Database, connect, embedded, migrate
from autolynx.database.costs import WithoutCosts
from autolynx.errors import AutoLynxError, Busy, Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from autolynx.settings import Settings
from rig.postgrest_server import ANON_KEY, PUBLISHABLE_KEY, SECRET_KEY, SERVICE_KEY, PostgrestServer
from rig.waiting import eventually
from tests.support.pgbouncer import pgbouncer
from tests.support.run import VERSIONS, a_server, temporary_folder
from tests.support.signals import survives_signals
from tests.support.transports import FUNCTIONS, Place, Transport, supabase

NESTED = {"a": [1, Decimal("2.5"), None, True, {"ü": "☎"}]}


class Mood(StrEnum):
    GOOD = "good"


def is_answered(database: Database) -> bool:
    with suppress(Unavailable):
        database.call("test_nothing")
        return True
    return False


@pytest.fixture(scope="session")
def embedded_home() -> Iterator[Path]:
    """A server of the worker's own: starting one takes a second."""
    with temporary_folder() as home:
        migrate.migrate(embedded.start(home))
        yield home
        embedded.stop(home)


OVER_SQL = ["embedded", *itertools.product(["postgres"], VERSIONS)]
OVER_POOLER = [*itertools.product(["pgbouncer"], VERSIONS)]
OVER_HTTP = [*itertools.product(["supabase"], VERSIONS)]
# PostgREST cannot notify, and through a pooler in transaction mode nothing that was notified arrives.
listening = pytest.mark.parametrize("place", OVER_SQL, ids=str, indirect=True)
telling = pytest.mark.parametrize("place", [*OVER_SQL, *OVER_HTTP], ids=str, indirect=True)
deaf = pytest.mark.parametrize("place", [*OVER_POOLER, *OVER_HTTP], ids=str, indirect=True)


@pytest.fixture(scope="module", params=[*OVER_SQL, *OVER_POOLER, *OVER_HTTP], ids=str)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A database behind each transport, one for all tests here: they only call functions."""
    with ExitStack() as stack:
        if request.param == "embedded":
            home = request.getfixturevalue("embedded_home")
            place = Place(embedded.start(home), Settings(_env_file=None, autolynx_home=home))
        else:
            name, version = request.param
            url = stack.enter_context(a_server(version).database())
            place = Place(url, Settings(_env_file=None, database_url=url))
            if name == "pgbouncer":
                pooler = stack.enter_context(pgbouncer(a_server(version)))
                place = Place(url, Settings(_env_file=None, database_url=pooler.url(url)), is_pooled=True)
            if name == "supabase":
                project = stack.enter_context(PostgrestServer(url))
                place.settings = Settings(
                    _env_file=None, supabase_url=project.url, supabase_service_role_key=SERVICE_KEY
                )
        with psycopg.connect(place.url, autocommit=True) as sql:
            sql.execute(FUNCTIONS)
        yield place


@pytest.fixture
def transport(place: Place) -> Iterator[Transport]:
    with psycopg.connect(place.url, autocommit=True) as sql, connect(place.settings) as database:
        yield Transport(place.settings.transport, database, sql, place.is_pooled)


def test_it_chooses_the_transport_when_connecting(transport: Transport):
    assert transport.database.kind == transport.name


@pytest.mark.parametrize(
    ("parameter", "given", "expected"),
    [
        ("text", "Łódź 🎈 'quoted' \"twice\" \\ %s {}", "Łódź 🎈 'quoted' \"twice\" \\ %s {}"),
        ("text", "", ""),
        ("text", None, None),
        ("text", Mood.GOOD, "good"),
        ("count", -7, -7),
        ("large", 2**62, 2**62),
        ("amount", Decimal("12345678901234567890.0001"), Decimal("12345678901234567890.0001")),
        ("amount", 3, 3),
        ("amount", 0.25, Decimal("0.25")),
        ("ratio", 0.1, Decimal("0.1")),
        ("ratio", Decimal("2.5"), Decimal("2.5")),
        ("flag", True, True),
        ("flag", False, False),
        ("at", datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), Decimal("1767323045.678901")),
        ("id", UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff"), "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("value", NESTED, NESTED),
        ("value", [], []),
        ("value", {}, {}),
        ("value", {"cost": Decimal("0.1"), "whole": Decimal("5")}, {"cost": Decimal("0.1"), "whole": 5}),
        ("value", [UUID(int=1)], ["00000000-0000-0000-0000-000000000001"]),
        ("value", [datetime(2026, 1, 2, tzinfo=UTC)], ["2026-01-02T00:00:00+00:00"]),
        ("value", None, None),
    ],
)
def test_it_brings_a_value_there_and_back(transport: Transport, parameter: str, given: Any, expected: Any):
    answer = transport.database.call("test_echo", **{parameter: given})

    assert answer[parameter] == expected
    assert type(answer[parameter]) is type(expected)


def test_it_uses_the_default_when_an_argument_is_left_out(transport: Transport):
    assert set(transport.database.call("test_echo").values()) == {None}


def test_it_answers_none_when_the_function_does(transport: Transport):
    assert transport.database.call("test_nothing") is None


def test_it_cuts_nothing_off_when_the_answer_is_long(transport: Transport):
    rows = transport.database.call("test_rows", count=5000)

    assert len(rows) == 5000
    assert rows[-1] == {"n": 5000, "half": Decimal("2500.0000000000000000")}


def test_it_takes_a_long_list_when_a_campaign_is_large(transport: Transport):
    contacts = [{"name": f"Contact {n}", "phone": f"+1415555{n:04}"} for n in range(10_000)]

    assert transport.database.call("test_echo", value=contacts)["value"] == contacts


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"text": "a\x00b"}, "NUL"),
        ({"value": {"a": ["\x00"]}}, "NUL"),
        ({"value": {"\x00": 1}}, "NUL"),
        ({"text": "\ud800"}, "surrogate"),
        ({"value": ["\udfff"]}, "surrogate"),
        ({"ratio": float("nan")}, "nan"),
        ({"value": {"a": float("inf")}}, "inf"),
        ({"amount": Decimal("NaN")}, "NaN"),
        ({"value": [Decimal("1.23456789012345678901")]}, "digits"),
        ({"id": "no uuid"}, "no uuid"),
        ({"count": "seven"}, "seven"),
        ({"count": 2**40}, "out of range"),
    ],
)
def test_it_refuses_a_value_when_it_cannot_be_stored(transport: Transport, arguments: Any, sentence: str):
    with pytest.raises(InvalidInput, match=sentence):
        transport.database.call("test_echo", **arguments)


@pytest.mark.parametrize(
    ("function", "arguments", "error"),
    [
        ("test_echo", {"at": datetime(2026, 1, 2)}, TypeError),
        ("test_echo", {"text": Path("/")}, TypeError),
        ("test_echo", {"value": {1: 2}}, TypeError),
        ("test_echo", {"text) --": 1}, ValueError),
        ("test_echo(); drop table calls", {}, ValueError),
    ],
)
def test_it_sends_nothing_when_the_program_is_wrong(
    transport: Transport, function: str, arguments: Any, error: type[Exception]
):
    with pytest.raises(error):
        transport.database.call(function, **arguments)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("LX001", NotFound),
        ("LX099", NotFound),
        ("LX101", Conflict),
        ("LX201", InvalidInput),
        ("22003", InvalidInput),
        ("22P02", InvalidInput),
        ("23502", InvalidInput),
        ("23503", Conflict),
        ("23505", Conflict),
        ("23514", InvalidInput),
        ("40001", Busy),
        ("40P01", Busy),
        ("42501", Forbidden),
        ("53300", Unavailable),
        ("55P03", Busy),
        ("57014", Unavailable),
        ("57P01", Unavailable),
        ("08006", Unavailable),
        ("42883", Unavailable),
        ("P0001", AutoLynxError),
        ("XX000", AutoLynxError),
    ],
)
def test_it_raises_the_right_error_when_a_function_refuses(transport: Transport, code: str, error: type[AutoLynxError]):
    with pytest.raises(AutoLynxError) as caught:
        transport.database.call("test_refuse", code=code)

    assert type(caught.value) is error
    assert caught.value.message


def test_it_carries_the_functions_own_words_when_it_refuses(transport: Transport):
    with pytest.raises(Conflict) as caught:
        transport.database.call("test_refuse", code="LX105", detail='{"cap": 8, "lines": ["a"]}', hint="Try later.")

    assert caught.value.message == "The line is busy."
    assert caught.value.details == {"cap": 8, "lines": ["a"]}
    assert caught.value.hint == "Try later."
    assert caught.value.__cause__ is not None


def test_it_keeps_the_detail_as_text_when_it_is_no_json(transport: Transport):
    with pytest.raises(NotFound) as caught:
        transport.database.call("test_refuse", code="LX001", detail="{not json")

    assert caught.value.details == "{not json"


def test_it_changes_nothing_when_a_function_refuses(transport: Transport):
    with pytest.raises(Conflict):
        transport.database.call("test_refuse", code="LX105")

    assert transport.database.call("test_echo", text="still here")["text"] == "still here"


@pytest.mark.parametrize(("function", "arguments"), [("no_such_function", {}), ("test_echo", {"unheard_of": 1})])
def test_it_says_migrate_when_a_function_is_unknown(transport: Transport, function: str, arguments: Any):
    with pytest.raises(Unavailable, match="python -m autolynx migrate"):
        transport.database.call(function, **arguments)


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


def test_it_answers_false_when_there_is_no_work(transport: Transport):
    assert transport.database.wait_for_work(0.05) is False


def test_it_returns_from_waiting_when_woken(transport: Transport):
    waking = threading.Timer(0.1, transport.database.wake)
    waking.start()
    begun = time.monotonic()

    assert transport.database.wait_for_work(20) is False
    assert time.monotonic() - begun < 15
    waking.join()


def test_it_can_be_woken_by_a_signal_at_any_moment(transport: Transport):
    assert survives_signals(lambda: transport.database.wait_for_work(0.2), transport.database.wake)
    assert survives_signals(transport.database.wake, transport.database.wake)


def test_it_returns_from_waiting_when_closed(transport: Transport):
    closing = threading.Timer(0.1, transport.database.close)
    closing.start()

    assert transport.database.wait_for_work(20) is False
    closing.join()


def test_it_can_be_closed_twice_and_then_refuses(transport: Transport):
    transport.database.call("test_nothing")
    transport.database.close()
    transport.database.close()

    with pytest.raises(Unavailable):
        transport.database.call("test_nothing")


@listening
def test_it_answers_true_once_when_notified_several_times(transport: Transport):
    transport.database.wait_for_work(0)
    transport.database.call("test_notify", times=5)

    assert transport.database.wait_for_work(20) is True
    assert transport.database.wait_for_work(0.05) is False


@listening
def test_it_hears_the_next_notification_when_it_was_woken(transport: Transport):
    transport.database.wait_for_work(0)
    transport.database.wake()
    assert transport.database.wait_for_work(20) is False

    transport.sql.execute("notify autolynx_work")

    assert transport.database.wait_for_work(20) is True


@listening
def test_it_listens_again_when_its_connection_was_lost(transport: Transport):
    transport.database.wait_for_work(0)
    transport.hang_up()

    assert transport.database.wait_for_work(20) is True  # something may have been missed
    transport.sql.execute("notify autolynx_work")
    assert transport.database.wait_for_work(20) is True
    assert transport.database.wait_for_work(0.05) is False


@telling
def test_it_can_listen_exactly_when_a_notification_ends_its_wait(transport: Transport):
    transport.database.wait_for_work(0)
    transport.sql.execute("notify autolynx_work")

    assert transport.database.wait_for_work(20) is transport.database.can_listen


@telling
def test_it_can_listen_as_well_when_it_tells_nobody_of_costs(transport: Transport):
    assert WithoutCosts(transport.database).can_listen is transport.database.can_listen


@deaf
def test_it_answers_false_when_nothing_that_is_notified_arrives(transport: Transport):
    transport.database.wait_for_work(0)
    for _ in range(20):
        transport.database.call("test_notify", times=5)

    assert transport.database.wait_for_work(0.5) is False
    assert transport.database.call("test_echo", count=1)["count"] == 1


@pytest.fixture
def project(database_url: str) -> Iterator[PostgrestServer]:
    with psycopg.connect(database_url, autocommit=True) as sql, PostgrestServer(database_url) as project:
        sql.execute(FUNCTIONS)
        yield project


@pytest.mark.parametrize("key", [SERVICE_KEY, SECRET_KEY], ids=["jwt", "opaque"])
def test_it_works_with_either_kind_of_key(project: PostgrestServer, key: str):
    with supabase(project.url, key) as database:
        assert database.call("test_echo", text="hello")["text"] == "hello"

    sent = project.requests[-1]
    assert sent["apikey"] == key
    assert sent.get("authorization") == (f"Bearer {key}" if key == SERVICE_KEY else None)


@pytest.mark.parametrize("key", ["sb_secret_wrong", "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"])
def test_it_names_the_variable_when_the_key_is_wrong(project: PostgrestServer, key: str):
    with (
        supabase(project.url, key) as database,
        pytest.raises(Unavailable, match="SUPABASE_SERVICE_ROLE_KEY"),
    ):
        database.call("test_echo")


@pytest.mark.parametrize("key", [ANON_KEY, PUBLISHABLE_KEY], ids=["jwt", "opaque"])
def test_it_names_the_variable_when_the_key_is_a_public_one(
    project: PostgrestServer, connection: psycopg.Connection, key: str
):
    connection.execute("revoke execute on function public.test_nothing from public")

    with supabase(project.url, key) as database, pytest.raises(Forbidden, match="SUPABASE_SERVICE_ROLE_KEY"):
        database.call("test_nothing")


def test_it_names_the_variable_when_nothing_is_at_the_address(project: PostgrestServer):
    with (
        supabase(f"{project.url}/elsewhere", SERVICE_KEY) as database,
        pytest.raises(Unavailable, match="SUPABASE_URL"),
    ):
        database.call("test_echo")


def test_it_is_unavailable_when_nobody_listens_at_the_address():
    with supabase("http://127.0.0.1:9", SERVICE_KEY) as database, pytest.raises(Unavailable):
        database.call("test_echo")


def test_it_tells_the_reason_at_once_when_the_database_refuses_connections():
    settings = Settings(_env_file=None, database_url="postgresql://me:very-secret@127.0.0.1:9/x")
    with connect(settings) as database, pytest.raises(Unavailable, match="refused") as caught:
        database.call("test_echo")

    assert "very-secret" not in str(caught.value)


def test_it_does_not_know_a_new_function_until_the_schema_is_reloaded(
    project: PostgrestServer, connection: psycopg.Connection
):
    with supabase(project.url, SERVICE_KEY) as database:
        database.call("test_echo")
        connection.execute(
            "create function public.test_new() returns jsonb language sql volatile as 'select to_jsonb(1)'"
        )
        with pytest.raises(Unavailable):
            database.call("test_new")
        connection.execute("notify pgrst, 'reload schema'")

        assert database.call("test_new") == 1
