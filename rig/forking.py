"""The product's programs as forks of one process that has imported them: the same code, up in a twentieth of the time.

On a machine with two cores, most of a run would otherwise be imports, and what was killed would be away for seconds:
a program imports for 0.4 to 1.9 s of processor time, its fork is there in 0.02 s. `rig.imported` is what they share.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from rig.product import ROOT, Product

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["rig.imported", "rig.forking"])
_STARTING = threading.Lock()


@dataclass(frozen=True)
class Surroundings:
    """The files that a program writes to, the one that it reads if any, and the folder that it is started in."""

    output: Path
    errors: Path
    given: Path | None = None
    folder: Path = ROOT


class Fork:
    """One program; as much of `subprocess.Popen` as tests need."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], log: Path | Surroundings) -> None:
        self.args = command
        around = log if isinstance(log, Surroundings) else Surroundings(log, log)
        around.output.touch()  # who reads it need not wait for the program
        self._process = _FORKS.Process(target=_become, args=(command, environment, around), daemon=True)
        with _without_a_main_module():
            self._process.start()
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self._process.exitcode

    def send_signal(self, which: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, which)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkedProduct(Product):
    """A product whose programs are forks."""

    def start(self, name: str, *command: str, **environment: str) -> Fork:  # type: ignore[override]
        """See `Product.start`."""
        kept = self.kept_environment()
        log = self.home / f"{name}.log"
        fork = Fork(command, kept | self.values | environment, Surroundings(log, log, folder=self.folder))
        self.processes[name] = fork  # type: ignore[assignment]
        return fork


def run(command: tuple[str, ...], environment: dict[str, str], given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as `subprocess.run` does in a new interpreter."""
    with tempfile.TemporaryDirectory(prefix="autolynx-") as folder:
        output, errors, text = (Path(folder) / name for name in ("output", "errors", "given"))
        text.write_text(given)
        fork = Fork(command, environment, Surroundings(output, errors, text))
        try:
            code = fork.wait()
        finally:
            fork.kill()
        return subprocess.CompletedProcess(command, code, output.read_text(), errors.read_text())


@contextlib.contextmanager
def running(database_url: str, home: Path, **environment: str) -> Iterator[Product]:
    """A product of forks, all of them ended when it is left."""
    product = ForkedProduct(database_url, home, **environment)
    try:
        yield product
    finally:
        product.stop()


@contextlib.contextmanager
def _without_a_main_module() -> Iterator[None]:
    """A fork would run whatever is `__main__` here first: the runner, or a page that a test has just tried."""
    with _STARTING:
        ours = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = ours


def _become(command: tuple[str, ...], environment: dict[str, str], around: Surroundings) -> None:
    """Be the program: its environment, its folder, its arguments, its streams."""
    os.chdir(around.folder)
    os.environ.clear()
    os.environ.update(environment)
    _stream(around)
    try:
        if command[0] == "-m":
            sys.argv = [command[1], *command[2:]]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = list(command)
            runpy.run_path(str(ROOT / command[0]), run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out


def _stream(around: Surroundings) -> None:
    for number, file in ((1, around.output), (2, around.errors)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    if around.given:
        os.dup2(os.open(around.given, os.O_RDONLY), 0)
        sys.stdin = os.fdopen(0, closefd=False)  # multiprocessing has put an empty one there
