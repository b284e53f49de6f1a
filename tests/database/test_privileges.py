"""Closed by default, on a plain server, on an old Supabase project and on a new one: read from the catalogue.

The owner of a project is no superuser there; older projects grant everything in `public` to the API's roles,
newer ones nothing at all.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import psycopg
import pytest

from autolynx.database import migrate
from tests.support.run import VERSIONS, a_server

OWNER = "project_owner"
MAKE_OWNER = f"""
do $$ begin
    create role {OWNER} login createrole createdb bypassrls;
exception when duplicate_object or unique_violation then null;
end $$
"""
OLD_PROJECT = """
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
"""
NEW_PROJECT = "grant usage on schema public to anon, authenticated, service_role"
FUNCTIONS = """
    select p.oid, p.oid::regprocedure::text as signature, p.proname,
           p.pronamespace::regnamespace::text as schema
    from pg_proc p where p.pronamespace::regnamespace::text in ('public', 'internal')
"""
RELATIONS = """
    select c.oid, c.oid::regclass::text as name from pg_class c
    where c.relnamespace::regnamespace::text in ('public', 'internal') and c.relkind in ({})
"""
TABLES = "'r', 'p', 'v'"
SEQUENCES = "'S'"
APPEND_ONLY = ["call_events", "stray_events", "audit_log"]


KINDS = itertools.product(["plain server", "old project", "new project"], VERSIONS)


@pytest.fixture(scope="module", params=KINDS, ids=" on ".join)
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of each kind; what the tests here change in it is in nobody's way."""
    kind, version = request.param
    server = a_server(version)
    if kind == "plain server":
        with server.database() as url:
            yield url
        return
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute(MAKE_OWNER)
    with server.database(template="template1", owner=OWNER) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(OLD_PROJECT if kind == "old project" else NEW_PROJECT)
        migrate.migrate(url)
        yield url


@pytest.fixture
def place(address: str) -> Iterator[psycopg.Connection]:
    """That database as its owner sees it."""
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def rows(connection: psycopg.Connection, query: str, *values: object) -> list[tuple]:
    return connection.execute(query, values or None).fetchall()


def test_it_protects_every_table_by_row_level_security_without_a_policy(place: psycopg.Connection):
    open_tables = rows(place, RELATIONS.format("'r', 'p'") + " and not c.relrowsecurity")
    policies = rows(place, "select * from pg_policies where schemaname in ('public', 'internal')")

    assert open_tables == []
    assert policies == []


def test_it_looks_at_tables_through_a_view_with_the_rights_of_who_asks(place: psycopg.Connection):
    careless = RELATIONS.format("'v'") + " and not coalesce(c.reloptions, '{}') @> array['security_invoker=true']"

    assert rows(place, careless) == []


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_it_lets_nobody_from_outside_run_a_function(place: psycopg.Connection, role: str):
    found = rows(place, f"select * from ({FUNCTIONS}) f where has_function_privilege(%s, f.oid, 'execute')", role)

    assert found == []


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_it_lets_nobody_from_outside_touch_a_table_or_sequence(place: psycopg.Connection, role: str):
    table = "select, insert, update, delete, truncate, references, trigger"
    tables = f"select * from ({RELATIONS.format(TABLES)}) r"
    sequences = f"with r as materialized ({RELATIONS.format(SEQUENCES)}) select * from r"
    columns = "has_any_column_privilege(%s, r.oid, 'select, insert, update, references')"

    assert rows(place, f"{tables} where has_table_privilege(%s, r.oid, '{table}') or {columns}", role, role) == []
    assert rows(place, f"{sequences} where has_sequence_privilege(%s, r.oid, 'usage, select, update')", role) == []
    assert rows(place, "select has_schema_privilege(%s, 'internal', 'usage, create')", role) == [(False,)]


def test_it_answers_42501_when_the_public_role_really_calls(place: psycopg.Connection):
    calls = null_calls(place)
    as_role(place, "anon")

    assert {name: refusal_of(place, call) for name, call in calls.items()} == dict.fromkeys(calls, "42501")


def test_it_lets_the_service_run_every_public_function(place: psycopg.Connection):
    denied = f"""
        select * from ({FUNCTIONS}) f
        where f.schema = 'public' and not has_function_privilege('service_role', f.oid, 'execute')
    """
    assert rows(place, denied) == []
    assert rows(place, "select has_schema_privilege('service_role', 'internal', 'usage')") == [(True,)]


def test_it_never_stops_the_service_half_way_for_lack_of_a_privilege(place: psycopg.Connection):
    """Every call with nothing but defaults gets somewhere, or is refused for another reason."""
    calls = null_calls(place)
    as_role(place, "service_role")

    assert [name for name, call in calls.items() if refusal_of(place, call) == "42501"] == []


def test_it_gives_the_service_no_more_on_tables_than_it_needs(place: psycopg.Connection):
    tables = f"select r.* from ({RELATIONS.format(TABLES)}) r"
    truncatable = rows(place, f"{tables} where has_table_privilege('service_role', r.oid, 'truncate, trigger')")
    changeable = """
        select relname from pg_class where relname = any (%s)
        and (has_table_privilege('service_role', oid, 'update, delete')
             or has_any_column_privilege('service_role', oid, 'update'))
    """
    assert truncatable == []
    assert rows(place, changeable, APPEND_ONLY) == []


@pytest.mark.parametrize("role", [None, "service_role"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_it_never_changes_what_was_recorded(connection: psycopg.Connection, table: str, role: str | None):
    connection.execute("set session_replication_role = replica")  # no foreign keys while one row is put in
    connection.execute("insert into call_events (call_id, status, payload, type, dedup_key) "
                       "values (gen_random_uuid(), 'QUEUED', '{}', 'x', 'x')")  # fmt: skip
    connection.execute("insert into stray_events (payload, reason, dedup_key) values ('{}', 'x', 'x')")
    connection.execute("insert into audit_log (actor, action, subject_type) values ('x', 'x', 'x')")
    connection.execute("reset session_replication_role")
    if role:
        as_role(connection, role)

    for statement in (
        f"update public.{table} set created_at = now()",
        f"delete from public.{table}",
        f"truncate public.{table} cascade",
    ):
        assert refusal_of(connection, statement) in ("LX150", "42501"), statement
    assert rows(connection, f"select count(*) from public.{table}") == [(1,)]


def test_it_names_every_object_in_full_and_runs_as_the_caller(place: psycopg.Connection):
    careless = f"""
        select f.* from ({FUNCTIONS}) f join pg_proc p using (oid)
        where not coalesce(p.proconfig, '{{}}') @> array['search_path=""'] or p.prosecdef
    """
    assert rows(place, careless) == []


def test_it_offers_functions_that_both_transports_can_call(place: psycopg.Connection):
    """One jsonb out, named p_ parameters in, no arrays, no overloads (the contract of database/port.py)."""
    odd = f"""
        select f.* from ({FUNCTIONS}) f join pg_proc p using (oid)
        where f.schema = 'public' and (
            p.prorettype <> 'jsonb'::regtype or p.proretset
            or exists (select from unnest(p.proargnames) n where n not like 'p\\_%')
            or exists (select from unnest(p.proargtypes) a join pg_type t on t.oid = a
                       where t.typcategory in ('A', 'C', 'P')))
    """
    overloads = f"select proname from ({FUNCTIONS}) f group by schema, proname having count(*) > 1"

    assert rows(place, odd) == []
    assert rows(place, overloads) == []


def test_it_writes_nothing_in_a_function_that_postgrest_runs_read_only(place: psycopg.Connection):
    bodies = rows(place, "select proname, prosrc from pg_proc where provolatile <> 'v' and "
                         "pronamespace::regnamespace::text in ('public', 'internal')")  # fmt: skip
    writes = re.compile(r"\b(insert into|update \w|delete from|for update|nextval|pg_notify|advisory)", re.IGNORECASE)

    assert [name for name, body in bodies if writes.search(body)] == []


def test_it_never_updates_or_deletes_without_where_as_the_api_forbids_that(place: psycopg.Connection):
    """Supabase loads pg-safeupdate for API connections."""
    bodies = rows(place, "select proname, prosrc from pg_proc where "
                         "pronamespace::regnamespace::text in ('public', 'internal')")  # fmt: skip
    statement = re.compile(
        r"(?<!for )(?<!do )\bupdate\s+[\w.]+\s+(?:as\s+\w+\s+)?(?:\w+\s+)?set\b|\bdelete\s+from\b",
        re.IGNORECASE,
    )
    careless = [
        (name, part.strip())
        for name, body in bodies
        for part in re.sub(r"--[^\n]*", "", body).split(";")
        if len(statement.findall(part)) > len(re.findall(r"\bwhere\b", part, re.IGNORECASE))
    ]

    assert careless == []


def as_role(connection: psycopg.Connection, role: str) -> None:
    """Become a role as PostgREST does; the owner of a project is a member of the API's roles there."""
    user = connection.info.user
    if user != "postgres":
        with psycopg.connect(connection.info.dsn, user="postgres", autocommit=True) as admin:
            admin.execute(f"grant {role} to {user}")
    connection.execute(f"set role {role}")


def null_calls(connection: psycopg.Connection) -> dict[str, str]:
    """A call of each public function, null for every parameter that has no default."""
    query = """
        select p.proname, string_agg(format('%I => null::%s', n.name, format_type(n.type, null)), ', ')
               filter (where n.name is not null)
        from pg_proc p
        left join lateral (
            select name, type
            from unnest(p.proargnames, p.proargtypes::oid[]) with ordinality a (name, type, position)
            where position <= p.pronargs - p.pronargdefaults
        ) n on true
        where p.pronamespace = 'public'::regnamespace
        group by p.oid, p.proname
    """
    return {name: f"select public.{name}({arguments or ''})" for name, arguments in rows(connection, query)}


def refusal_of(connection: psycopg.Connection, statement: str) -> str | None:
    try:
        connection.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate
    return None
