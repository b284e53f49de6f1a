"""The migrations themselves, and the module that applies them and takes them back."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from autolynx.database import migrate
from autolynx.errors import Conflict, Unavailable
from autolynx.settings import Settings
from rig.servers import Server, programs

NAMES = [path.name for path in sorted((migrate.FOLDER / "migrations").iterdir())]


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """An empty database."""
    with server.database(template="template1") as url:
        yield url


def catalogue(server: Server, url: str) -> str:
    """The whole schema as the server's own pg_dump writes it, with owners and privileges.

    A pg_dump of another version shows notes in the catalogue that are the server's private matter.
    """
    command = [
        str(programs(server.version) / "pg_dump"),
        "--schema-only",
        "-N",
        "supabase_migrations",
        "-d",
        url,
    ]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)  # a new secret every time


def versions(count: int | None = None) -> list[str]:
    return [migration.version for migration in migrate.migrations()][:count]


def test_every_file_has_a_version_a_subject_and_a_rollback():
    assert all(re.fullmatch(r"\d{14}_[a-z0-9_]+\.sql", name) for name in NAMES)
    assert len({name[:14] for name in NAMES}) == len(NAMES)
    assert [path.name for path in sorted((migrate.FOLDER / "rollbacks").iterdir())] == NAMES


def test_it_knows_every_file():
    assert [migration.file for migration in migrate.migrations()] == NAMES
    assert migrate.expected_version() == NAMES[-1][:14]


def test_it_comes_back_to_every_step_when_going_up_down_and_up(
    server: Server, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(migrate, "FOLDER", shutil.copytree(migrate.FOLDER, tmp_path / "supabase"))
    for name in NAMES:
        (tmp_path / "supabase" / "migrations" / name).rename(tmp_path / name)
    with psycopg.connect(url) as connection:  # as on Supabase; like the roles, it stays when all is rolled back
        connection.execute("grant usage on schema public to service_role")
    steps = [catalogue(server, url)]
    for name in NAMES:
        (tmp_path / name).rename(tmp_path / "supabase" / "migrations" / name)
        assert migrate.migrate(url) == [name[:14]]
        steps.append(catalogue(server, url))

    for name, before in reversed(list(zip(NAMES, steps, strict=False))):
        assert migrate.rollback(url) == [name[:14]]
        assert catalogue(server, url) == before, f"rollbacks/{name} does not undo its migration"

    assert migrate.migrate(url) == versions()
    assert catalogue(server, url) == steps[-1]


def test_it_applies_what_is_pending_once(url: str):
    assert migrate.pending(url) == versions()
    assert migrate.migrate(url) == versions()
    assert migrate.pending(url) == []
    assert migrate.migrate(url) == []


def test_it_rolls_back_to_a_version_or_to_nothing(url: str):
    migrate.migrate(url)

    assert migrate.rollback(url, to_version=versions()[2]) == versions()[:2:-1]
    assert migrate.pending(url) == versions()[3:]
    assert migrate.rollback(url, to_version="0") == versions(3)[::-1]
    assert migrate.rollback(url) == []


def test_it_applies_each_migration_once_when_eight_migrate_at_once(url: str):
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(migrate.migrate, [url] * 8))

    assert sorted(itertools.chain(*done)) == versions()


def test_it_changes_nothing_when_a_migration_fails(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    migrate.migrate(url)
    monkeypatch.setattr(migrate, "FOLDER", shutil.copytree(migrate.FOLDER, tmp_path / "supabase"))
    broken = "20991231000000_broken.sql"
    (tmp_path / "supabase" / "migrations" / broken).write_text("create table public.half (); select 1 / 0;")

    with pytest.raises(migrate.MigrationFailed, match=f"{broken} failed and changed nothing: division by zero"):
        migrate.migrate(url)

    with psycopg.connect(url) as connection:
        assert connection.execute("select to_regclass('public.half')").fetchone() == (None,)
    assert migrate.pending(url) == ["20991231000000"]


def test_it_refuses_a_database_that_is_newer(url: str):
    migrate.migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("insert into supabase_migrations.schema_migrations values ('20991231000000')")

    for function in (migrate.migrate, migrate.pending):
        with pytest.raises(Conflict, match=r"20991231000000.*update AutoLynx"):
            function(url)


def test_it_refuses_a_database_that_lacks_what_comes_before_the_last(server: Server, url: str):
    migrate.migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("delete from supabase_migrations.schema_migrations where version = %s", [versions()[3]])
    before = everything(server, url)

    for function in (migrate.migrate, migrate.pending):
        with pytest.raises(Conflict, match=f"has version {versions()[-1]} and is said not to have {versions()[3]}"):
            function(url)

    assert everything(server, url) == before


@pytest.mark.parametrize("made", ["table {} (id text)", "view {} as select 1 as nothing"])
def test_it_says_in_a_sentence_that_the_bookkeeping_is_no_bookkeeping(server: Server, url: str, made: str):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema supabase_migrations")
        connection.execute("create " + made.format("supabase_migrations.schema_migrations"))
    before = everything(server, url)

    for function in (migrate.migrate, migrate.pending, migrate.rollback):
        with pytest.raises(Conflict, match=r'cannot be read \(column "version" does not exist'):
            function(url)

    assert everything(server, url) == before


def test_it_says_in_a_sentence_that_it_may_not_read_the_bookkeeping(server: Server, url: str):
    migrate.migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop role if exists nobody_of_ours")
        connection.execute("create role nobody_of_ours login")
    try:
        for function in (migrate.migrate, migrate.pending, migrate.rollback):
            with pytest.raises(Conflict, match=r"cannot be read \(permission denied"):
                function(f"{url}?options=-crole%3Dnobody_of_ours")
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("drop role nobody_of_ours")


def test_it_says_that_a_migration_cannot_be_read(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(migrate, "FOLDER", shutil.copytree(migrate.FOLDER, tmp_path / "supabase"))
    (tmp_path / "supabase" / "migrations" / NAMES[0]).unlink()
    (tmp_path / "supabase" / "migrations" / NAMES[0]).mkdir()

    with pytest.raises(migrate.MigrationFailed, match=f"{NAMES[0]} cannot be read: Is a directory"):
        migrate.migrate(url)


def test_it_says_that_a_rollback_is_missing(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    migrate.migrate(url)
    monkeypatch.setattr(migrate, "FOLDER", shutil.copytree(migrate.FOLDER, tmp_path / "supabase"))
    (tmp_path / "supabase" / "rollbacks" / NAMES[-1]).unlink()

    with pytest.raises(migrate.MigrationFailed, match=f"rollbacks/{NAMES[-1]} cannot be read: No such file"):
        migrate.rollback(url)

    assert migrate.pending(url) == []


def as_before_the_first_release(url: str) -> None:
    """A database whose bookkeeping has the versions of then."""
    migrate.migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "update supabase_migrations.schema_migrations set version = '202611220' || right(version, 5)"
        )


def everything(server: Server, url: str) -> str:
    """All of a database, rows and bookkeeping included."""
    command = [str(programs(server.version) / "pg_dump"), "--inserts", "-d", url]
    dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)


def test_it_refuses_a_database_from_before_the_first_release(server: Server, url: str):
    as_before_the_first_release(url)
    before = everything(server, url)

    for function in (migrate.migrate, migrate.pending, migrate.rollback):
        with pytest.raises(Conflict, match=r"before 0\.1\.0 \(version 20261122\d{6}\), which cannot be carried over"):
            function(url)

    assert everything(server, url) == before


def test_it_goes_beside_the_migrations_of_somebody_else(url: str):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema supabase_migrations")
        connection.execute(
            "create table supabase_migrations.schema_migrations (version text primary key, statements text[], "
            "name text)"
        )
        connection.execute("insert into supabase_migrations.schema_migrations (version) values ('20200101000000')")

    assert migrate.migrate(url) == versions()
    assert migrate.migrate(url) == []


def test_it_tells_postgrest_to_look_again(url: str):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("listen pgrst")
        migrate.migrate(url)

        assert next(connection.notifies(timeout=20)).payload == "reload schema"


def test_it_asks_for_database_url_when_only_supabase_is_configured():
    settings = Settings(_env_file=None, supabase_url="https://x.supabase.co", supabase_service_role_key="k")

    with pytest.raises(Unavailable, match="DATABASE_URL"):
        migrate.address(settings)


def test_it_uses_database_url_when_supabase_is_configured_too():
    settings = Settings(
        _env_file=None,
        supabase_url="https://x.supabase.co",
        supabase_service_role_key="k",
        database_url="postgresql://db.x.supabase.co/postgres",
    )

    assert migrate.address(settings) == "postgresql://db.x.supabase.co/postgres"


def test_it_splits_a_script_at_the_semicolons_that_end_a_statement():
    script = """
    -- a comment; with a semicolon
    select 'a;b', "c;d";;
    create function f() returns int language sql as $body$ select 1; select $$;$$; $body$;
    /* ; */ select 2
    """

    assert [statement.split()[-1] for statement in migrate.statements(script)] == ['"c;d"', "$body$", "2"]


def test_it_splits_no_body_of_a_function():
    script = r"""
    create function f() returns int language sql begin atomic select 1; select 2; end;
    create function g() returns text language sql as $a$ select $b$ ; $b$; $a$;
    do $$ begin if true then perform 1; end if; end $$;
    create view v as select case when true then E'a\\';b' end;
    """

    assert [statement.split()[1] for statement in migrate.statements(script)] == ["function", "function", "$$", "view"]


def test_it_splits_every_script_of_ours_into_whole_statements(url: str):
    """As many as the server runs; each alone means what it means in its script."""
    for migration in migrate.migrations():
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in migrate.statements(migration.script):
                connection.execute(statement.encode())
