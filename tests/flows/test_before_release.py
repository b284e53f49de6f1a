"""A home from before the first release: every command says so in one sentence, and leaves it as it is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from autolynx.database import embedded, migrate
from autolynx.database.embedded.programs import folder_of_programs
from rig import forking
from rig.ports import free_port
from rig.product import bare_environment
from tests.support.run import temporary_folder

SENTENCE = (
    "This database was made by AutoLynx before 0.1.0 (version 20261122091800), which cannot be carried over: export "
    "what you need with that program, then use another AUTOLYNX_HOME or an empty database."
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder whose database has the bookkeeping of then, and a row."""
    with temporary_folder() as folder:
        home = folder / "home"
        address = embedded.start(home)
        migrate.migrate(address)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "update supabase_migrations.schema_migrations set version = '20261122' || right(version, 6)"
            )
            connection.execute("insert into public.do_not_call (phone, created_by) values ('+14152000001', 'Eva')")
        embedded.stop(home)
        (home / "notes.txt").write_text("mine")
        yield home


def everything(home: Path) -> str:
    """All that the database holds, bookkeeping included."""
    address = embedded.start(home)
    dump = [str(folder_of_programs() / "pg_dump"), "--inserts", "-d", address]
    text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    embedded.stop(home)
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)


def files(home: Path) -> dict[str, str]:
    """What lies beside the database's own folder, but for locks, which nobody holds now."""
    return {path.name: path.read_text() for path in home.iterdir() if path.is_file() and path.stat().st_size}


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    ports = {name: str(free_port()) for name in ("APP_PORT", "WEBHOOK_PORT", "SIMULATOR_PORT")}
    return forking.run(("-m", "autolynx", *arguments), bare_environment() | ports | {"AUTOLYNX_HOME": str(home)})


def test_it_says_what_was_found_and_leaves_it_untouched(home: Path) -> None:
    before, beside = everything(home), files(home)

    for command in (["up"], ["migrate"], ["migrate", "--rollback", "1"]):
        done = run(home, *command)
        assert (done.returncode, done.stderr) == (1, f"{SENTENCE}\n")
    checked = run(home, "check")

    assert checked.returncode == 1
    assert SENTENCE in " ".join(checked.stdout.split())
    assert everything(home) == before
    assert files(home) == beside
