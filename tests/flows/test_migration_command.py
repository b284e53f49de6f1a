"""`python -m autolynx migration new`: on its own PostgreSQL, beside whatever database is configured."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autolynx.__main__ import main
from autolynx.database import migrate


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `supabase/`, and a database that nobody could reach."""
    copy = shutil.copytree(migrate.FOLDER, tmp_path / "supabase", ignore=shutil.ignore_patterns(".temp"))
    monkeypatch.setattr(migrate, "FOLDER", copy)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("AUTOLYNX_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return copy


def test_it_writes_the_next_migration_and_names_what_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    health, settings = folder / "schemas" / "health.sql", folder / "schemas" / "tables" / "settings.sql"
    health.write_text(health.read_text().replace("'now', p_now", "'now', p_now, 'one', 1"))
    settings.write_text(settings.read_text() + "create index idx_more on public.settings (updated_at);\n")

    assert main(["migration", "new", "Tell of health: one more"]) == 0

    (script,) = folder.glob("migrations/*_tell_of_health_one_more.sql")
    rollback = folder / "rollbacks" / script.name
    assert capsys.readouterr().out.splitlines() == [
        f"Wrote supabase/migrations/{script.name}.",
        f"Wrote supabase/rollbacks/{script.name}.",
        "To be written by hand: index public.idx_more: added.",
    ]
    assert "'one', 1" in script.read_text()
    assert "'one', 1" not in rollback.read_text()
    assert script.name[:14] == migrate.expected_version()
    assert not (folder.parent / "home").exists()

    health.write_text(health.read_text().replace("'one', 1", "'two', 2"))
    assert main(["migration", "new", "tell of health one more"]) == 1
    assert "has this subject already" in capsys.readouterr().err


def test_it_says_in_one_sentence_that_there_is_nothing_to_write(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migration", "new", "Nothing at all"]) == 1

    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        "There is nothing to write: the migrations make what supabase/schemas/ says.\n",
    )


def test_it_leaves_no_half_of_a_migration_where_the_other_cannot_be_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    health = folder / "schemas" / "health.sql"
    health.write_text(health.read_text().replace("'now', p_now", "'now', p_now, 'one', 1"))
    shutil.rmtree(folder / "rollbacks")

    assert main(["migration", "new", "Tell of one"]) == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Nothing was written: ")
    assert told.err.endswith("_tell_of_one.sql cannot be (No such file or directory).\n")
    assert list(folder.glob("migrations/*_tell_of_one.sql")) == []
