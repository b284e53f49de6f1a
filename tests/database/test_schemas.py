"""`supabase/schemas/` says what the database is, the migrations make it so: both come to the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from autolynx.database import catalogue, drafting, migrate, schemas
from rig.servers import Server

TEXTS = {path.relative_to(migrate.FOLDER / "schemas").as_posix(): path.read_text() for path in schemas.files()}
#: of each kind of thing one change that nobody would see in a list of names
CHANGES = (
    "alter type public.call_status add value 'PARKED'",
    "alter type public.call_status rename value 'TIMEOUT' to 'LOST'",
    "alter table public.calls alter phone drop not null",
    "alter table public.calls alter attempt set default 2",
    "alter table public.campaigns alter name type varchar(200)",
    "alter table public.calls add column more text",
    "alter table public.calls drop constraint positive_cost",
    "alter table public.calls disable row level security",
    "alter table public.contacts disable trigger user",
    "create policy anybody on public.calls for select using (true)",
    "grant select on public.calls to anon",
    "grant update (phone) on public.calls to authenticated",
    "revoke insert on public.audit_log from service_role",
    "comment on table public.calls is 'calls'",
    "comment on function internal.is_active is 'active'",
    "drop index public.idx_calls_active; create index idx_calls_active on public.calls (campaign_id)",
    "alter view internal.active_calls set (security_invoker = false)",
    "create or replace view internal.active_calls with (security_invoker = true) as select * from public.calls",
    "grant delete on internal.active_calls to service_role",
    "drop trigger audit_log_is_append_only on public.audit_log",
    "alter sequence public.campaign_turns cache 20",
    "revoke usage on sequence public.campaign_turns from service_role",
    "alter function internal.is_active volatile",
    "alter function public.beat security definer",
    "alter function public.beat set lock_timeout = '6s'",
    "grant execute on function public.beat to anon",
    "revoke execute on function public.beat from service_role",
    "drop function public.beat",
    "create or replace function internal.counted(p_number bigint, p_singular text) returns text "
    "language sql immutable set search_path = '' as 'select p_singular'",
    "grant usage on schema internal to anon",
)


@pytest.fixture
def declared(server: Server) -> Iterator[str]:
    """A database as the schemas say it is."""
    with server.database(template="template1") as url:
        schemas.build(url)
        yield url


def rows(url: str) -> dict[str, int]:
    """How many rows each table has."""
    with psycopg.connect(url) as connection:
        names = [name for kind, name in catalogue.read(url) if kind == "table"]
        return {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in names}


def test_it_is_the_same_by_the_schemas_and_by_the_migrations(server: Server, declared: str) -> None:
    with server.database(template="template1") as migrated:
        migrate.migrate(migrated)
        made, said = catalogue.read(migrated), catalogue.read(declared)

        assert {key: (made.get(key), said.get(key)) for key in made.keys() | said.keys()
                if made.get(key) != said.get(key)} == {}  # fmt: skip
        assert rows(migrated) == rows(declared)
        assert len(made) > 500


@pytest.mark.parametrize("change", CHANGES)
def test_it_sees_every_kind_of_difference(server: Server, database_url: str, change: str) -> None:
    before = catalogue.read(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(change)

    assert catalogue.read(database_url) != before


def test_it_lists_every_schema_file_once() -> None:
    there = set((migrate.FOLDER / "schemas").rglob("*.sql"))

    assert set(schemas.files()) == there
    assert len(schemas.files()) == len(there)


def test_it_says_each_function_once() -> None:
    written = re.findall(r"^create (?:or replace )?function ([\w.]+)", "".join(TEXTS.values()), re.MULTILINE)

    assert sorted(written) == sorted(schemas.functions())
    assert len(set(written)) == len(written)


def test_it_keeps_files_and_functions_short() -> None:
    assert {name: text.count("\n") for name, text in TEXTS.items() if text.count("\n") > 300} == {}
    lengths = {name: text[text.index("create function") :].count("\n") for name, text in schemas.functions().items()}
    assert {name: length for name, length in lengths.items() if length > 60} == {}


def test_it_says_once_which_calls_are_active() -> None:
    """Beside the constraint and the partial indexes, which have to say it themselves."""
    active = re.compile(r"\('QUEUED', 'RINGING', 'IN_PROGRESS'\)")
    found = {name: len(active.findall(text)) for name, text in TEXTS.items() if active.search(text)}

    assert found == {"tables/calls.sql": 7, "calls.sql": 2}


def test_it_says_once_each_number_of_a_lock() -> None:
    numbers = re.findall(r"\b50621704\d*", "".join(TEXTS.values()))

    assert len(numbers) == len(set(numbers)) == 4
    assert all("advisory" not in text or name == "locks.sql" for name, text in TEXTS.items())


def test_it_repeats_no_signature_in_a_grant() -> None:
    grants = re.compile(r"^(?:revoke|grant|drop)[^;]* on function [^;]*\(", re.MULTILINE | re.IGNORECASE)
    rollbacks = [path.read_text() for path in (migrate.FOLDER / "rollbacks").glob("*.sql")]

    assert [grants.findall(text) for text in [*TEXTS.values(), *rollbacks] if grants.search(text)] == []


def test_it_leaves_no_migration_half_drafted() -> None:
    drafts = [*(migrate.FOLDER / "migrations").glob("*.sql"), *(migrate.FOLDER / "rollbacks").glob("*.sql")]

    assert [path.name for path in drafts if drafting.BY_HAND in path.read_text()] == []


def test_it_means_the_same_by_the_view_the_function_and_the_constraint(connection: psycopg.Connection) -> None:
    query = """
        select s, internal.is_active(s), internal.status_rank(s) < 3,
               (select pg_get_constraintdef(oid) from pg_constraint where conname = 'ended_iff_over')
                   like '%%''' || s || '''%%',
               pg_get_viewdef('internal.active_calls'::regclass) like '%%''' || s || '''%%'
        from unnest(enum_range(null::public.call_status)) s
    """
    said = {status: set(answers) for status, *answers in connection.execute(query)}

    assert said == {status: {status in ("QUEUED", "RINGING", "IN_PROGRESS")} for status in said}
