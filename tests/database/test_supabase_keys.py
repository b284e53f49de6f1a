"""The Supabase transport's own: its keys and its address, and functions that PostgREST has not seen yet."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from autolynx.errors import Forbidden, Unavailable
from rig.postgrest_server import ANON_KEY, PUBLISHABLE_KEY, SECRET_KEY, SERVICE_KEY, PostgrestServer
from tests.support.transports import FUNCTIONS, supabase


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
