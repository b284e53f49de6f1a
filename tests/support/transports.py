"""What the transports' contract is tried with: functions that echo and refuse, and a database behind each transport."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from autolynx.database import Database, connect, embedded, migrate
from autolynx.settings import Settings
from rig.postgrest_server import SERVICE_KEY, PostgrestServer
from rig.waiting import eventually
from tests.support.on_loop import OnLoop
from tests.support.pgbouncer import pgbouncer
from tests.support.run import VERSIONS, a_server, temporary_folder

FUNCTIONS = """
create or replace function public.test_echo(
    p_value jsonb default null, p_text text default null, p_count int default null,
    p_large bigint default null, p_amount numeric default null, p_ratio float8 default null,
    p_flag boolean default null, p_at timestamptz default null, p_id uuid default null
) returns jsonb language sql volatile as $$
    select jsonb_build_object(
        'value', p_value, 'text', p_text, 'count', p_count, 'large', p_large, 'amount', p_amount,
        'ratio', p_ratio, 'flag', p_flag, 'at', extract(epoch from p_at), 'id', p_id)
$$;
create or replace function public.test_refuse(p_code text, p_detail text default '', p_hint text default '')
returns jsonb language plpgsql as $$
begin
    raise exception 'The line is busy.' using errcode = p_code, detail = p_detail, hint = p_hint;
end
$$;
create or replace function public.test_rows(p_count int) returns jsonb language sql volatile as $$
    select jsonb_agg(jsonb_build_object('n', n, 'half', n / 2.0)) from generate_series(1, p_count) n
$$;
create or replace function public.test_nothing() returns jsonb language sql volatile as 'select null::jsonb';
create or replace function public.test_session() returns jsonb language sql volatile as
    'select to_jsonb(pg_backend_pid())';
create or replace function public.test_slow() returns jsonb language sql volatile as
    'select to_jsonb(pg_sleep(30)::text)';
create or replace function public.test_private() returns jsonb language plpgsql as
    $$ begin raise insufficient_privilege; end $$;
create or replace function public.test_notify(p_times int) returns jsonb language plpgsql as $$
begin
    perform pg_notify('autolynx_work', n::text) from generate_series(1, p_times) n;
    return 'true';
end
$$;
grant execute on all functions in schema public to service_role;
notify pgrst, 'reload schema';
"""


@dataclass
class Place:
    url: str
    settings: Settings
    is_pooled: bool = False
    is_on_loop: bool = False


@dataclass
class Transport:
    name: str
    database: Database
    sql: psycopg.Connection  # the owner's prompt on the same database
    is_pooled: bool = False

    def hang_up(self) -> None:
        """End every other connection to the database, as a restart does."""
        others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        self.sql.execute(f"select pg_terminate_backend(pid) {others}")
        eventually(lambda: self.sql.execute(f"select count(*) {others}").fetchone() == (0,))


def supabase(url: str, key: str) -> Database:
    return connect(Settings(_env_file=None, supabase_url=url, supabase_service_role_key=key))


@pytest.fixture(scope="session")
def embedded_home() -> Iterator[Path]:
    """A server of the worker's own: starting one takes a second."""
    with temporary_folder() as home:
        migrate.migrate(embedded.start(home))
        yield home
        embedded.stop(home)


OVER_SQL = ["embedded", *itertools.product(["postgres", "on a loop"], VERSIONS)]
OVER_POOLER = [*itertools.product(["pgbouncer"], VERSIONS)]
OVER_HTTP = [*itertools.product(["supabase"], VERSIONS)]
# PostgREST cannot notify, and through a pooler in transaction mode nothing that was notified arrives.
listening = pytest.mark.parametrize("place", OVER_SQL, ids=str, indirect=True)
telling = pytest.mark.parametrize("place", [*OVER_SQL, *OVER_HTTP], ids=str, indirect=True)
deaf = pytest.mark.parametrize("place", [*OVER_POOLER, *OVER_HTTP], ids=str, indirect=True)


@pytest.fixture(scope="module", params=[*OVER_SQL, *OVER_POOLER, *OVER_HTTP], ids=str)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A database behind each transport, one for all tests of a module: they only call functions."""
    with ExitStack() as stack:
        if request.param == "embedded":
            home = request.getfixturevalue("embedded_home")
            place = Place(embedded.start(home), Settings(_env_file=None, autolynx_home=home))
        else:
            name, version = request.param
            url = stack.enter_context(a_server(version).database())
            place = Place(url, Settings(_env_file=None, database_url=url), is_on_loop=name == "on a loop")
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
        if not place.is_on_loop:
            yield Transport(place.settings.transport, database, sql, place.is_pooled)
            return
        on_loop = OnLoop(database)
        yield Transport(place.settings.transport, on_loop, sql, place.is_pooled)
        on_loop.end()
