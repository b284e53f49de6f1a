"""How `up` keeps processes running, with small stand-ins for them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autolynx.supervisor.keeping import PATIENCE_SECONDS
from rig.product import ROOT
from rig.waiting import eventually
from webhook_server import STOP_WITHIN_SECONDS

TETHER = ROOT / "autolynx" / "supervisor" / "tether.py"
KEEPING = """
import json, os, sys, threading, time
from autolynx.supervisor.keeping import Keeper

keeper = Keeper()
for name, code in json.loads(sys.argv[1]).items():
    keeper.add_process(name, [sys.executable, "-u", "-c", code], env=dict(os.environ))
if sys.argv[2] == "ready":
    keeper.all_is_ready()
try:
    keeper.loop()
finally:
    keeper.close()
print("failure:", keeper.failure)
"""
STAYS = "import time; print('here'); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('here'); time.sleep(600)"
BREEDS = f"import subprocess, sys; subprocess.run([sys.executable, '-u', '-c', {STUBBORN!r}])"


class Keeping:
    """A keeper in a process of its own."""

    def __init__(self, folder: Path, ready: str, **codes: str) -> None:
        self.log = folder / "output"
        with self.log.open("wb") as output:
            self.process = psutil.Popen(
                [sys.executable, "-u", "-c", KEEPING, json.dumps(codes), ready],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def says(self, text: str, times: int = 1) -> None:
        eventually(lambda: self.log.read_text().count(text) >= times, f"{text!r} {times} times")

    def ends(self) -> str:
        self.process.wait(60)
        return self.log.read_text()


@pytest.fixture
def keepings() -> Iterator[list[Keeping]]:
    started: list[Keeping] = []
    yield started
    for each in started:
        if each.process.is_running():
            for child in [*each.process.children(recursive=True), each.process]:
                child.kill()
        each.process.wait(10)


def test_it_insists_only_after_the_webhook_server_has_answered_whom_it_heard() -> None:
    assert PATIENCE_SECONDS > STOP_WITHIN_SECONDS


def test_it_starts_a_process_again_when_it_dies(tmp_path: Path, keepings: list[Keeping]) -> None:
    keepings.append(keeping := Keeping(tmp_path, "ready", steady=STAYS, dies="print('once'); exit(3)"))
    keeping.says("ended with exit code 3; starting it again in 1 s")
    keeping.says("| once", times=2)
    keeping.says("starting it again in 2 s")
    assert keeping.log.read_text().count("| here") == 1
    keeping.process.send_signal(signal.SIGTERM)
    assert "failure: None" in keeping.ends()


def test_it_stops_all_and_says_which_when_one_ends_too_soon(tmp_path: Path, keepings: list[Keeping]) -> None:
    keepings.append(keeping := Keeping(tmp_path, "starting", steady=STAYS, early="exit(4)"))
    assert "failure: The early process ended with exit code 4." in keeping.ends()


def test_it_puts_a_name_before_every_line(tmp_path: Path, keepings: list[Keeping]) -> None:
    keepings.append(keeping := Keeping(tmp_path, "ready", one=STAYS, another=STAYS))
    keeping.says("one     | here")
    keeping.says("another | here")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_leaves_nothing_behind_when_nobody_obeys(
    number: signal.Signals, tmp_path: Path, keepings: list[Keeping]
) -> None:
    keepings.append(keeping := Keeping(tmp_path, "ready", stubborn=STUBBORN, breeds=BREEDS))
    keeping.says("| here", times=2)
    everybody = keeping.process.children(recursive=True)
    keeping.process.send_signal(number)
    keeping.ends()
    eventually(lambda: not any(each.is_running() for each in everybody), "everybody to be gone")


def test_it_leaves_nothing_behind_when_stopped_between_two_attempts(tmp_path: Path, keepings: list[Keeping]) -> None:
    keepings.append(keeping := Keeping(tmp_path, "ready", dies="exit(5)"))
    keeping.says("starting it again in 4 s")
    keeping.process.send_signal(signal.SIGTERM)
    assert "failure: None" in keeping.ends()


def test_it_leaves_nothing_behind_when_killed(tmp_path: Path, keepings: list[Keeping]) -> None:
    keepings.append(keeping := Keeping(tmp_path, "ready", one=STAYS, another=STAYS))
    keeping.says("| here", times=2)
    everybody = keeping.process.children(recursive=True)
    keeping.process.kill()
    keeping.ends()
    eventually(lambda: not any(each.is_running() for each in everybody), "everybody to be gone")


def test_it_leaves_nothing_behind_when_killed_where_a_watcher_is_the_tether(tmp_path: Path) -> None:
    """What other systems than Linux use."""
    supervisor = subprocess.Popen(["sleep", "600"])
    program = (
        f"import sys; sys.path.insert(0, {str(TETHER.parent)!r}); import tether, time; "
        f"tether.tie_by_watcher({supervisor.pid}); print('tied', flush=True); time.sleep(600)"
    )
    tied = psutil.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    try:
        assert tied.stdout.readline() == b"tied\n"
        watchers = tied.children()
        supervisor.kill()
        supervisor.wait()
        assert tied.wait(30) == -signal.SIGTERM
        eventually(lambda: not any(each.is_running() for each in watchers), "the watcher to be gone")
    finally:
        tied.stdout.close()
        supervisor.kill()
        supervisor.wait()
        if tied.is_running():
            tied.kill()
            tied.wait()
