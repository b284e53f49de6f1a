"""`make`: its help, and its sentence where Python is missing or too old."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISED = ("run", "setup", "test", "lint", "check", "bench", "mutants", "help")
BOUGHT = re.compile(r'^([A-Za-z0-9_.-]+)(\[[a-z,]+\])?==[0-9][0-9a-z.]*( ; sys_platform != "win32")?$')


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=ours, capture_output=True, text=True, check=False)


def pins(name: str) -> list[str]:
    lines = [line.partition("  #")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def test_it_lists_every_promised_target_with_what_it_does() -> None:
    listed = dict(re.findall(r"^  make ([a-z-]+) +(\S.*)$", make("help").stdout, re.MULTILINE))
    assert set(PROMISED) <= set(listed)


@pytest.mark.parametrize("target", PROMISED)
def test_it_knows_every_promised_target(target: str) -> None:
    assert make("--dry-run", target).returncode == 0


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("", "AutoLynx needs Python 3.11 or newer, and none was found"),
        ("/nowhere/python3", "PYTHON is '/nowhere/python3', which is no such Python."),
        ("{old}", "which is Python 3.9.2."),
    ],
)
def test_it_says_in_one_sentence_that_python_is_missing_or_too_old(python: str, sentence: str, tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = make("setup", f"PYTHON={python.format(old=old)}")
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert len(lines) == 1
    assert sentence in lines[0]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository that needs one package, which does not exist."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).touch()
    (tmp_path / "requirements.txt").touch()
    return tmp_path


def test_it_sets_up_once_and_then_only_when_the_pins_change(checkout: Path) -> None:
    """And where what is pinned cannot be installed, it shows the real error, and tries again the next time."""
    python = f"PYTHON={sys.executable}"
    first = make("setup", python, folder=checkout)
    assert first.returncode == 0, first.stderr
    assert "Making the virtual environment: done in" in first.stdout
    assert "Installing what AutoLynx needs: done in" in first.stdout
    assert make("setup", python, folder=checkout).stdout == ""

    (checkout / "constraints.txt").write_text("# changed\n")
    changed = make("setup", python, folder=checkout).stdout
    assert "Installing" in changed
    assert "Making" not in changed

    (checkout / "requirements.txt").write_text("./no-such-package\n")
    failed = make("setup", python, folder=checkout)
    assert failed.returncode != 0
    assert "Installing what AutoLynx needs failed:\nERROR: " in failed.stderr
    assert "no-such-package" in failed.stderr

    (checkout / "requirements.txt").write_text("")
    mended = make("setup", python, folder=checkout)
    assert mended.returncode == 0
    assert "Installing" in mended.stdout
    assert "Making" not in mended.stdout


def test_it_pins_every_requirement_exactly() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        assert [line for line in pins(name) if not BOUGHT.match(line)] == [], name


def test_it_pins_the_same_version_everywhere() -> None:
    constraints = {line.lower().replace("_", "-") for line in pins("constraints.txt")}
    for line in pins("requirements.txt") + pins("requirements-dev.txt"):
        assert re.sub(r"\[.*\]| ;.*", "", line).lower() in constraints
