"""`python -m autolynx up`, whole: it starts, it serves, and it leaves nothing behind however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.sync.client import connect

from rig.ports import free_port
from rig.product import ROOT, bare_environment
from rig.waiting import eventually
from tests.support.run import temporary_folder

UP = (sys.executable, "-m", "autolynx", "up")


class Up:
    """One `up` in a home folder of its own; what it says goes to a file there."""

    def __init__(self, home: Path, command: Sequence[str] = UP, **environment: str) -> None:
        self.home = home
        self.command = command
        self.values = {
            "AUTOLYNX_HOME": str(home),
            "APP_PORT": str(free_port()),
            "WEBHOOK_PORT": str(free_port()),
            "SIMULATOR_PORT": str(free_port()),
            "API_TOKEN": "a-token-for-tests",
        } | environment
        self.log = home.parent / f"up-{self.values['APP_PORT']}.log"
        self.process = self._start()

    def _start(self) -> psutil.Popen:
        with self.log.open("wb") as output:
            return psutil.Popen(
                self.command,
                cwd=ROOT,
                env=bare_environment() | self.values,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def says(self, text: str) -> None:
        eventually(lambda: text in self.said or self.process.poll() is not None, text)
        assert text in self.said, self.said

    def becomes_ready(self) -> str:
        self.says("AutoLynx is ready: ")
        return next(line.rpartition(" ")[2] for line in self.said.splitlines() if line.startswith("AutoLynx is"))

    def ends(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return int(self.process.wait(60))

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "autolynx", *arguments]
        answer = subprocess.run(
            command,
            cwd=ROOT,
            env=bare_environment() | self.values,
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout

    def remains(self) -> list[str]:
        """The command lines of whatever belongs to this home and still runs."""
        return [" ".join(each.info["cmdline"]) for each in everybody() if self._owns(each)]

    def _owns(self, process: psutil.Process) -> bool:
        environment = process.info["environ"] or {}
        is_ours = environment.get("AUTOLYNX_HOME") == str(self.home)
        return process.info["status"] != psutil.STATUS_ZOMBIE and (
            is_ours or any(str(self.home) in part for part in process.info["cmdline"] or [])
        )

    def leaves_nothing(self) -> None:
        eventually(lambda: not self.remains(), f"an end of {self.remains()}", 30)


def browser_at(address: str) -> Any:
    """A connection as a browser keeps one open."""
    return connect(f"{address.replace('http', 'ws')}/_stcore/stream", origin=address)  # type: ignore[arg-type]


def everybody() -> Iterator[psutil.Process]:
    return psutil.process_iter(["cmdline", "environ", "status"])


@pytest.fixture
def starts() -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(home: Path, **others: Any) -> Up:
        started.append(Up(home, **others))
        return started[-1]

    with temporary_folder() as folder:
        yield lambda **others: start(folder / "home", **others)
        for up in started:
            if up.process.is_running():
                up.process.terminate()
                up.process.wait(60)
        assert [line for up in started for line in up.remains()] == []


def refusal(**environment: str) -> str:
    with temporary_folder() as folder:
        answer = subprocess.run(
            UP,
            cwd=ROOT,
            env=bare_environment() | {"AUTOLYNX_HOME": str(folder / "home")} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (answer.returncode, answer.stdout) == (1, "")
    return answer.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_serves_and_then_leaves_nothing_behind_when_stopped(
    number: signal.Signals, starts: Callable[..., Up]
) -> None:
    up = starts()
    address = up.becomes_ready()
    assert address == f"http://127.0.0.1:{up.values['APP_PORT']}"
    assert httpx.get(address).status_code == 200
    with browser_at(address) if number is signal.SIGTERM else contextlib.nullcontext():
        assert up.ends(number) == 0
        up.leaves_nothing()
    assert "Traceback" not in up.said


def test_it_leaves_nothing_behind_when_killed(starts: Callable[..., Up]) -> None:
    up = starts()
    address = up.becomes_ready()
    with browser_at(address):
        up.ends(signal.SIGKILL)
        up.leaves_nothing()


def test_it_leaves_nothing_behind_when_ctrl_c_ends_make(starts: Callable[..., Up]) -> None:
    up = starts(command=["make", "run"])
    up.becomes_ready()
    os.killpg(up.process.pid, signal.SIGINT)  # what a terminal does: everybody in the foreground hears it
    up.process.wait(60)
    up.leaves_nothing()


def test_it_leaves_nothing_behind_when_stopped_during_the_start(starts: Callable[..., Up]) -> None:
    up = starts()
    up.says("Starting the database ...")
    assert up.ends(signal.SIGINT) == 0
    up.leaves_nothing()
    assert "Traceback" not in up.said


def test_it_keeps_what_was_stored_when_started_again(starts: Callable[..., Up]) -> None:
    first = starts()
    first.becomes_ready()
    before = json.loads(first.run("assistant", "list", "--json"))
    assert first.ends(signal.SIGTERM) == 0
    first.leaves_nothing()
    second = starts()
    second.becomes_ready()
    assert json.loads(second.run("assistant", "list", "--json")) == before
    assert [each["source"] for each in before] == ["template"] * 3
    assert "Brought the database up to date" in first.said
    assert "Brought the database up to date" not in second.said


def test_it_answers_the_other_commands_when_ready(starts: Callable[..., Up]) -> None:
    up = starts()
    up.becomes_ready()
    findings = json.loads(up.run("check", "--json"))
    assert findings["ok"], findings
    assert up.run("database-url").startswith("postgresql://")


def test_it_starts_a_process_again_when_it_is_killed(starts: Callable[..., Up]) -> None:
    up = starts()
    up.becomes_ready()
    for nth, name in enumerate(["scheduler.py", "webhook_server.py", "autolynx.ui.serving.server", "simulator"], 1):
        victim = _process_of(up, name)
        victim.kill()
        eventually(lambda nth=nth: up.said.count("ended with SIGKILL; starting it again") == nth, f"news of {name}")  # type: ignore[misc]
        eventually(lambda name=name, victim=victim: _process_of(up, name) not in (None, victim), f"another {name}")  # type: ignore[misc]


def _process_of(up: Up, name: str) -> Any:
    for child in up.process.children():
        try:
            if any(part.endswith(name) for part in child.cmdline()) and "tether" not in str(child.cmdline()):
                return child
        except psutil.Error:
            continue
    return None


def test_it_refuses_a_second_start_in_one_home(starts: Callable[..., Up]) -> None:
    up = starts()
    up.says("Starting the database ...")
    second = starts(APP_PORT=str(free_port()))
    assert second.process.wait(60) == 1
    assert second.said == f"AutoLynx runs already in {up.home}; stop it, or set another AUTOLYNX_HOME.\n"
    up.becomes_ready()


@pytest.mark.parametrize("name", ["APP_PORT", "WEBHOOK_PORT", "SIMULATOR_PORT"])
def test_it_says_which_port_is_taken(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ports = {each: str(free_port()) for each in ("APP_PORT", "WEBHOOK_PORT", "SIMULATOR_PORT")}
        assert refusal(**(ports | {name: str(port)})) == (
            f"{name} is {port}, which another program uses; accepted is a free port.\n"
        )


def test_it_says_when_two_ports_are_the_same() -> None:
    port = str(free_port())
    assert refusal(APP_PORT=port, WEBHOOK_PORT=port) == (
        f"WEBHOOK_PORT is {port}, and APP_PORT is too; accepted is a port of its own.\n"
    )


def test_it_says_which_setting_is_wrong() -> None:
    assert refusal(APP_PORT="abc") == "APP_PORT is 'abc'; accepted is a whole number from 1 to 65535.\n"


def test_it_says_when_the_home_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    assert refusal(AUTOLYNX_HOME=str(home)) == (
        f"AUTOLYNX_HOME is '{home}' (Not a directory); accepted is a folder that can be written to.\n"
    )


def test_it_says_when_the_database_cannot_be_reached() -> None:
    ports = {each: str(free_port()) for each in ("APP_PORT", "WEBHOOK_PORT", "SIMULATOR_PORT")}
    with_database = ports | {"DATABASE_URL": f"postgresql://me:secret@127.0.0.1:{free_port()}/none"}
    said = refusal(**with_database)
    assert said.startswith("The database cannot be reached: ")
    assert "secret" not in said
    assert said.count("\n") == 1
