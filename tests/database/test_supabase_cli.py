"""`supabase db push` and our own migrate take turns on one database, whoever comes first."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from autolynx.database import migrate
from autolynx.errors import Conflict
from rig.servers import Server
from tests.support import supabase_cli

pytestmark = pytest.mark.skipif(
    not supabase_cli.is_installable(),
    reason="NOT PROVEN: the Supabase CLI is an npm package and npm is not installed on this machine",
)


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """An empty database, as a new Supabase project has."""
    with server.database(template="template1") as url:
        yield url


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the repository's `supabase/`."""
    shutil.copytree(migrate.FOLDER, tmp_path / "supabase", ignore=shutil.ignore_patterns(".temp"))
    return tmp_path


def push(project: Path, url: str) -> list[str]:
    """The versions that `supabase db push` applied."""
    output = supabase_cli.run(project, "db", "push", f"--remote={url}?sslmode=disable", "--yes")
    return re.findall(r"Applying migration (\d{14})_", output)


def listed(project: Path, url: str) -> list[tuple[str, ...]]:
    """Local and remote version, line by line, of `supabase migration list`."""
    output = supabase_cli.run(project, "migration", "list", f"--remote={url}?sslmode=disable")
    return re.findall(r"`(\d{14}| )` *\| `(\d{14}| )`", output)


def recorded(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        history = "select version, name, statements from supabase_migrations.schema_migrations order by version"
        return connection.execute(history).fetchall()


def leave_only(project: Path, count: int) -> list[str]:
    files = sorted((project / "supabase" / "migrations").glob("*.sql"))
    for file in files[count:]:
        file.unlink()
    return [file.name[:14] for file in files]


def test_it_continues_when_the_cli_came_first(project: Path, url: str):
    versions = leave_only(project, 4)

    assert push(project, url) == versions[:4]
    assert migrate.pending(url) == versions[4:]
    assert migrate.migrate(url) == versions[4:]
    assert migrate.migrate(url) == []


def test_the_cli_continues_when_it_came_first(project: Path, url: str, monkeypatch: pytest.MonkeyPatch):
    whole, part = migrate.FOLDER, project / "part"
    shutil.copytree(whole, part / "supabase")
    versions = leave_only(part, 4)
    monkeypatch.setattr(migrate, "FOLDER", part / "supabase")

    assert migrate.migrate(url) == versions[:4]
    assert push(project, url) == versions[4:]
    monkeypatch.setattr(migrate, "FOLDER", whole)
    assert migrate.pending(url) == []
    assert listed(project, url) == [(version, version) for version in versions]


def test_the_cli_finds_nothing_to_do_when_everything_is_applied(project: Path, url: str):
    versions = migrate.migrate(url)

    assert push(project, url) == []
    assert listed(project, url) == [(version, version) for version in versions]


def test_it_records_what_the_cli_records(project: Path, url: str, server: Server):
    push(project, url)

    with server.database() as ours:
        assert recorded(ours) == recorded(url)


ODD = r"""
-- a comment; with a semicolon
create function public.f() returns int language sql begin atomic select 1; select 2; end;
create function public.g() returns text language sql as $a$ select $b$ ; $b$; $a$;
do $$ begin if true then perform 1; end if; end $$;;
/* one ; */ create view public.v as select case when true then E'a\';b' end as "c;d";
"""


def test_it_records_what_the_cli_records_of_bodies_and_odd_texts(
    project: Path, url: str, server: Server, monkeypatch: pytest.MonkeyPatch
):
    (project / "supabase" / "migrations" / "29990101000000_odd.sql").write_text(ODD)
    push(project, url)
    monkeypatch.setattr(migrate, "FOLDER", project / "supabase")

    with server.database(template="template1") as ours:
        migrate.migrate(ours)
        assert recorded(ours)[-1] == recorded(url)[-1]


def test_it_refuses_when_the_cli_brought_a_version_it_does_not_know(project: Path, url: str):
    (project / "supabase" / "migrations" / "29990101000000_from_the_future.sql").write_text("select 1;\n")
    push(project, url)

    with pytest.raises(Conflict, match="29990101000000"):
        migrate.migrate(url)
