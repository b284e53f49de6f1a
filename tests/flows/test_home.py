"""AUTOLYNX_HOME is ours alone: nobody else reads what is in it, and nobody's lock there keeps a command for long."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from autolynx.database import embedded
from autolynx.database.embedded import home as home_module
from autolynx.database.embedded.home import Held, locked, open_file, prepare
from autolynx.errors import Unavailable
from rig.ports import free_port
from rig.product import ROOT, bare_environment
from rig.waiting import eventually
from tests.support.run import temporary_folder

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
HANG = 30

# Hold a lock on a file that was opened to read only, as another user can where he may read it.
HOLD = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDONLY)
if len(sys.argv) > 2:
    os.setuid(int(sys.argv[2]))
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
"""
# Become somebody else - after the imports, which may be out of his reach - and use the folder.
PREPARE = """
import os, sys
from pathlib import Path
from autolynx.database.embedded.home import prepare
os.setuid(int(sys.argv[2]))
try:
    prepare(Path(sys.argv[1]))
except Exception as error:
    print(error)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder / "home"
        embedded.stop(folder / "home")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def command(home: Path, *arguments: str, **others: str) -> subprocess.CompletedProcess[str]:
    ports = {name: str(free_port()) for name in ("APP_PORT", "WEBHOOK_PORT", "SIMULATOR_PORT")}
    return subprocess.run(
        [sys.executable, "-m", "autolynx", *arguments],
        cwd=ROOT,
        env=bare_environment() | ports | {"AUTOLYNX_HOME": str(home)} | others,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextlib.contextmanager
def held(path: Path, *user: str) -> Iterator[None]:
    """Somebody's program holds a lock on a file."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch()
    program = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), *user], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "held\n"
    try:
        yield
    finally:
        program.communicate("\n")


# -- who may look ------------------------------------------------------------------------------------------


def open_to_others(home: Path) -> dict[str, str]:
    """The folder itself, and what is in it at any depth, where others than the owner may do anything."""
    paths = [path for path in (home, *home.rglob("*")) if not path.is_symlink()]
    return {str(path): f"{mode(path):o}" for path in paths if mode(path) & 0o077}


@contextlib.contextmanager
def careless() -> Iterator[None]:
    """A process that lets everybody read what it makes."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def test_it_lets_nobody_else_look_into_what_it_keeps(home: Path) -> None:
    with careless():
        assert command(home, "migrate").returncode == 0

    assert mode(home) == 0o700
    assert {"postgres", "postgres.lock", "postgres.use"} <= {path.name for path in home.iterdir()}
    assert open_to_others(home) == {}


def test_it_lets_nobody_else_look_into_the_simulators_memory(home: Path) -> None:
    with careless():
        process = subprocess.Popen(
            [sys.executable, "-m", "autolynx", "simulator"],
            cwd=ROOT,
            env=bare_environment() | {"AUTOLYNX_HOME": str(home), "SIMULATOR_PORT": str(free_port())},
            stdout=subprocess.DEVNULL,
        )
    try:
        names = {f"simulator.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")}
        eventually(lambda: home.exists() and names <= {path.name for path in home.iterdir()}, "the simulator's files")
        assert mode(home) == 0o700
        assert open_to_others(home) == {}
    finally:
        process.terminate()
        process.wait(HANG)


def test_it_closes_a_folder_that_was_open(home: Path) -> None:
    home.mkdir()
    (home / "deeper").mkdir()
    for name in ("simulator.sqlite3", "simulator.sqlite3-wal", "up.lock", "deeper/backup.dump"):
        (home / name).touch()
        (home / name).chmod(0o666)
    for folder in (home / "deeper", home):
        folder.chmod(0o777)

    prepare(home)

    assert mode(home) == 0o700
    assert {path.name for path in home.iterdir() if mode(path) & 0o077} == set()


def test_it_changes_nothing_where_a_link_leads(home: Path) -> None:
    other = home.parent / "other"  # a second name is on the same disk
    other.touch()
    other.chmod(0o644)
    home.mkdir()
    (home / "link").symlink_to(other)
    os.link(other, home / "another name")

    prepare(home)

    assert mode(other) == 0o644


def test_it_follows_no_link_to_a_lock(home: Path, tmp_path: Path) -> None:
    prepare(home)
    (home / "up.lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Unavailable, match=r"up\.lock cannot be opened"), locked(home / "up.lock", patience_seconds=0):
        pass
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("place", ["/", "/tmp", str(ROOT), str(ROOT.parent), str(Path.home())])
def test_it_refuses_a_folder_that_is_for_other_things_too(place: str) -> None:
    before = mode(Path(place))

    answer = command(Path(place), "up")

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"AUTOLYNX_HOME is '{place}', which is for other things, too; accepted is a folder for AutoLynx alone.\n"
    )
    assert mode(Path(place)) == before


@needs_root
@pytest.mark.parametrize("closed", [0o700, 0o777])
def test_it_refuses_a_folder_of_somebody_else(home: Path, closed: int) -> None:
    home.mkdir()
    home.chmod(closed)
    nobody = pwd.getpwnam("nobody").pw_uid
    said = subprocess.run(
        [sys.executable, "-c", PREPARE, str(home), str(nobody)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert said == (
        f"AUTOLYNX_HOME is '{home}', which belongs to another user (root); accepted is a folder of your own.\n"
    )


@needs_root
def test_it_keeps_the_folder_of_root_closed_though_the_server_is_another_users(home: Path) -> None:
    embedded.start(home)

    assert mode(home) == 0o700
    assert home.stat().st_uid == (home / "postgres").stat().st_uid != 0


# -- locks -------------------------------------------------------------------------------------------------

STRANGER = "which is no part of AutoLynx: end it, or set another AUTOLYNX_HOME."


@pytest.mark.parametrize("name", ["up.lock", "postgres.lock", "postgres.use"])
@pytest.mark.parametrize("user", [pytest.param("nobody", marks=needs_root), None])
def test_it_says_who_keeps_it_waiting(home: Path, name: str, user: str | None) -> None:
    somebody = [str(pwd.getpwnam(user).pw_uid)] if user else []
    with held(home / name, *somebody):
        began = time.monotonic()
        answer = command(home, "up")

    assert answer.returncode == 1
    assert time.monotonic() - began < 60
    said = answer.stderr.splitlines()[-1]
    whose = user or pwd.getpwuid(os.geteuid()).pw_name
    assert re.fullmatch(rf"{home}/{name} is locked by process \d+ \(\S+, of {whose}\), {STRANGER}", said)


@pytest.mark.parametrize("arguments", [("check",), ("campaign", "status", str(UUID(int=1))), ("migrate",)])
def test_it_ends_a_command_that_somebody_keeps_waiting(home: Path, arguments: tuple[str, ...]) -> None:
    assert command(home, "migrate").returncode == 0
    with held(home / "postgres.lock"):
        answer = command(home, *arguments)

    assert answer.returncode == 1
    assert STRANGER in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_it_ends_though_somebody_holds_the_lock_when_it_leaves(home: Path) -> None:
    database = embedded.EmbeddedDatabase(home)
    with pytest.raises(Unavailable, match="migrate"):
        database.call("get_health")
    with held(home / "postgres.lock"):
        database.close()

    assert embedded.running_uri(home) is not None


def test_it_waits_for_one_of_ours(home: Path, monkeypatch) -> None:
    monkeypatch.setattr(home_module, "STRANGER_SECONDS", 0.3)
    prepare(home)
    done: list[str] = []

    def second() -> None:
        with locked(home / "postgres.lock", patience_seconds=HANG):
            done.append("second")

    with ThreadPoolExecutor(1) as pool:
        with locked(home / "postgres.lock", patience_seconds=0):
            waiting = pool.submit(second)
            eventually(lambda: waiting.running(), "the second to begin")
            time_to_fail = time.monotonic() + 1.0  # longer than a stranger is waited for
            eventually(lambda: time.monotonic() > time_to_fail or waiting.done(), "no end of the wait")
            done.append("first")
        waiting.result(HANG)

    assert done == ["first", "second"]


def test_it_waits_for_one_of_ours_that_is_about_to_give_it_back(home: Path, monkeypatch) -> None:
    """It takes back its note before it lets go, and a process that waited long finds the lock held and no note."""
    monkeypatch.setattr(home_module, "STRANGER_SECONDS", 2.0)
    prepare(home)
    path = home / "postgres.lock"
    done: list[str] = []

    def second() -> None:
        with locked(path, patience_seconds=HANG):
            done.append("second")

    with ThreadPoolExecutor(1) as pool:
        with locked(path, patience_seconds=0):
            waiting = pool.submit(second)
            long = time.monotonic() + 2.5
            eventually(lambda: time.monotonic() > long or waiting.done(), "a long wait")
            path.write_text("")
            a_moment = time.monotonic() + 0.5
            eventually(lambda: time.monotonic() > a_moment or waiting.done(), "some more looks")
            done.append("first")
        waiting.result(HANG)

    assert done == ["first", "second"]


def test_it_waits_no_longer_than_it_was_told_for_one_of_ours(home: Path) -> None:
    prepare(home)
    with (
        locked(home / "up.lock", patience_seconds=0),
        pytest.raises(Held) as caught,
        locked(home / "up.lock", patience_seconds=0.1),
    ):
        pass

    assert caught.value.is_ours
    assert f"process {os.getpid()} " in str(caught.value)


def test_it_believes_no_note_of_somebody_who_is_gone(home: Path) -> None:
    prepare(home)
    (home / "up.lock").write_text("999999999")
    began = time.monotonic()
    with (
        held(home / "up.lock"),
        pytest.raises(Held) as caught,
        locked(home / "up.lock", patience_seconds=HANG),
    ):
        pass

    assert not caught.value.is_ours
    assert time.monotonic() - began < HANG


def test_it_gives_a_lock_back_when_its_process_is_killed(home: Path) -> None:
    prepare(home)
    script = (
        "import sys\nfrom pathlib import Path\nfrom autolynx.database.embedded.home import locked\n"
        "with locked(Path(sys.argv[1]), patience_seconds=0):\n    print('held', flush=True)\n    sys.stdin.readline()"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script, str(home / "up.lock")],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert killed.stdout is not None
    assert killed.stdout.readline() == "held\n"
    killed.kill()
    killed.communicate()

    with locked(home / "up.lock", patience_seconds=0), open_file(home / "up.lock") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert file.read() == str(os.getpid())


def test_it_says_so_when_the_simulators_memory_is_locked(home: Path) -> None:
    home.mkdir(mode=0o700)
    other: Any = sqlite3.connect(home / "simulator.sqlite3", isolation_level=None)
    with contextlib.closing(other):
        other.execute("begin exclusive")

        answer = command(home, "simulator")

    assert answer.returncode == 1
    assert answer.stderr == (
        f"{home}/simulator.sqlite3 is locked by another program: end it, or choose another folder.\n"
    )
