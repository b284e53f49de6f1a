"""What is started as a fork is what a new interpreter would be: the same words, the same exit, its own surroundings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autolynx.database import Database
from rig import forking
from rig.product import ROOT, bare_environment


def interpreted(
    command: tuple[str, ...], environment: dict[str, str], given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False
    )


def told(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", [("--help",), ("dance",), ("migrate",), ("campaign", "status", "x")], ids=" ".join)
def test_it_says_and_answers_what_a_new_interpreter_does(command: tuple[str, ...], database_url: str) -> None:
    around = bare_environment() | {"DATABASE_URL": database_url}
    arguments = ("-m", "autolynx", *command)

    assert told(forking.run(arguments, around)) == told(interpreted(arguments, around))


@pytest.mark.parametrize("run", [forking.run, interpreted], ids=["a fork", "an interpreter"])
def test_it_reads_what_it_is_given(run, database: Database, database_url: str) -> None:
    arguments = ("-m", "autolynx", "user", "add", "ana@example.com", "--role", "viewer")
    around = bare_environment() | {"DATABASE_URL": database_url}

    assert run(arguments, around, "short\n").returncode == 1
    assert run(arguments, around, "tall green lamp post\n").returncode == 0
    assert database.call("find_user", email="ana@example.com")["user"]["role"] == "viewer"


def test_it_takes_streamlits_options_from_its_own_surroundings(tmp_path: Path, monkeypatch) -> None:
    """Though Streamlit is imported before the fork has them, and though others stand around the tests."""
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "1234")
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text("[server]\nmaxUploadSize = 7\n")
    own = {"STREAMLIT_SERVER_PORT": "4321", "STREAMLIT_SERVER_COOKIE_SECRET": "made up anew by each otherwise"}
    around = bare_environment() | {"HOME": str(tmp_path)} | own
    arguments = ("-m", "streamlit", "config", "show")

    forked = forking.run(arguments, around)

    assert told(forked) == told(interpreted(arguments, around))
    assert "port = 4321" in forked.stdout
    assert "maxUploadSize = 7" in forked.stdout
    assert "1234" not in forked.stdout
