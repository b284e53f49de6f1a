"""The next migration and its rollback, drafted from what the schemas say and the migrations do not make."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autolynx.database import catalogue, drafting, migrate, schemas
from autolynx.errors import Conflict, InvalidInput
from rig.servers import Server

SUBJECT = "Let two lines be one"
NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
BUSY = "p_phone and (p_besides is null or id <> p_besides) and dial_state = 'unknown')"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the repository's `supabase/`."""
    copy = shutil.copytree(migrate.FOLDER, tmp_path / "supabase", ignore=shutil.ignore_patterns(".temp"))
    monkeypatch.setattr(migrate, "FOLDER", copy)
    return copy


@pytest.fixture
def draft(folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """What the command does, with both databases on this test's server."""

    @contextmanager
    def two_databases() -> Iterator[tuple[str, str]]:
        with server.database(template="template1") as migrated, server.database(template="template1") as declared:
            yield migrated, declared

    monkeypatch.setattr(drafting, "_two_databases", two_databases)
    return lambda: drafting.write(SUBJECT, NOW)


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / "schemas" / file
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def drop(folder: Path, file: str, function: str) -> None:
    """Take a function out of a schema file, and out of its grants."""
    path = folder / "schemas" / file
    text = path.read_text().replace(schemas.functions()[function], "")
    path.write_text(text.replace(f"{function}, ", "").replace(f"{function},\n   ", "").replace(f", {function}", ""))


def comes_to_what_the_schemas_say_and_back(server: Server) -> None:
    with server.database() as url, server.database(template="template1") as declared:
        schemas.build(declared)
        before = catalogue.read(url)
        assert migrate.migrate(url) == ["20270102030405"]
        assert catalogue.read(url) == catalogue.read(declared)
        assert migrate.rollback(url) == ["20270102030405"]
        assert catalogue.read(url) == before


def test_it_replaces_a_function_that_changed(folder: Path, server: Server, draft: Callable[[], list[Path]]) -> None:
    change(folder, "calls.sql", BUSY, BUSY.replace("'unknown'", "'lost'"))

    script, rollback = (path.read_text() for path in draft())

    assert script.count("create or replace function") == 1
    assert "-- Effect: none. Whether a number has a call under way" in script
    assert "'lost'" in script
    assert "'unknown'" in rollback
    assert "by hand" not in script + rollback
    comes_to_what_the_schemas_say_and_back(server)


def test_it_drops_and_makes_anew_what_takes_other_arguments(
    folder: Path, server: Server, draft: Callable[[], list[Path]]
) -> None:
    change(folder, "calls.sql", "is_number_busy(p_phone text, p_besides uuid default null)",
           "is_number_busy(p_phone text, p_besides uuid default null, p_more int default 1)")  # fmt: skip

    script, rollback = (path.read_text() for path in draft())

    for text in (script, rollback):
        assert "drop function internal.is_number_busy;" in text
        assert "grant execute on function internal.is_number_busy to service_role;" in text
    comes_to_what_the_schemas_say_and_back(server)


def test_it_adds_and_drops_functions_with_their_grants(
    folder: Path, server: Server, draft: Callable[[], list[Path]]
) -> None:
    drop(folder, "health.sql", "public.get_health")
    (folder / "schemas" / "health.sql").write_text(
        "-- Effect: none. One.\n"
        "create function public.one() returns jsonb\nlanguage sql immutable set search_path = ''\n"
        "as $$\n    select to_jsonb(1)\n$$;\nrevoke all on function public.one from public, anon, authenticated;\n"
        "grant execute on function public.one to service_role;\n"
    )
    drop(folder, "alarms.sql", "public.clear_alarm")

    script, rollback = (path.read_text() for path in draft())

    assert "drop function public.get_health, public.clear_alarm;" in re.sub(r"\s+", " ", script)
    assert "drop function public.one;" in rollback
    comes_to_what_the_schemas_say_and_back(server)


def test_it_writes_new_privileges(folder: Path, server: Server, draft: Callable[[], list[Path]]) -> None:
    change(folder, "health.sql", "grant execute on function public.get_health to service_role;",
           "grant execute on function public.get_health to service_role, authenticated;")  # fmt: skip

    script = draft()[0].read_text()

    assert "grant execute on function public.get_health to authenticated;" in script
    comes_to_what_the_schemas_say_and_back(server)


def test_it_writes_a_view_that_changed(folder: Path, server: Server, draft: Callable[[], list[Path]]) -> None:
    change(folder, "calls.sql", "where status in ('QUEUED', 'RINGING', 'IN_PROGRESS');",
           "where status in ('RINGING', 'IN_PROGRESS');")  # fmt: skip

    script = draft()[0].read_text()

    assert "drop view internal.active_calls;" in script
    assert "security_invoker=true" in script
    comes_to_what_the_schemas_say_and_back(server)


def test_it_leaves_the_rest_to_its_author(folder: Path, draft: Callable[[], list[Path]]) -> None:
    change(folder, "tables/settings.sql", "    cap             int not null check (cap >= 1),\n",
           "    cap             int not null check (cap >= 1),\n    label           text,\n")  # fmt: skip
    change(folder, "tables/access.sql", "'administrator');", "'administrator', 'owner');")
    with (folder / "schemas" / "tables" / "operations.sql").open("a") as file:
        file.write("create table public.budgets (id int primary key, spent numeric check (spent > 0));\n")

    script, rollback = (path.read_text() for path in draft())

    left = [line for line in script.splitlines() if line.startswith(drafting.BY_HAND)]
    assert [line.removeprefix(drafting.BY_HAND) for line in left] == [
        "column public.phone_lines.label: added",
        "column public.phone_lines.updated_at: changed",  # its place: schemas add at the end, too
        "table public.budgets: added",
        "type public.user_role: changed",
    ]
    assert all(line in rollback for line in left)


def test_it_sorts_after_the_last_migration(folder: Path, draft: Callable[[], list[Path]]) -> None:
    for part in ("migrations", "rollbacks"):
        (folder / part / "20280101000000_ahead.sql").write_text("select 1;\n")
    change(folder, "calls.sql", BUSY, BUSY.replace("'unknown'", "'lost'"))

    assert [path.name for path in draft()] == ["20280101000001_let_two_lines_be_one.sql"] * 2
    assert migrate.expected_version() == "20280101000001"


def test_it_refuses_when_nothing_differs(folder: Path, draft: Callable[[], list[Path]]) -> None:
    before = sorted(folder.rglob("*"))

    with pytest.raises(Conflict, match="nothing to write"):
        draft()

    assert sorted(folder.rglob("*")) == before


def test_it_says_which_schema_file_cannot_be_built(folder: Path, draft: Callable[[], list[Path]]) -> None:
    change(folder, "health.sql", "create function public.get_health", "create functoin public.get_health")

    with pytest.raises(migrate.MigrationFailed, match=r"schemas/health\.sql failed"):
        draft()


@pytest.mark.parametrize("subject", ["", "  ", "--", "123", "x" * 61, "ж"])
def test_it_refuses_a_subject_that_makes_no_name(folder: Path, subject: str) -> None:
    with pytest.raises(InvalidInput, match="The subject is "):
        drafting.write(subject)


def test_it_refuses_a_subject_that_another_migration_has(folder: Path) -> None:
    with pytest.raises(Conflict, match=r"_access\.sql has this subject already"):
        drafting.write("Access")
