"""The product's programs as forks of one process that has imported them: the same code, up in a twentieth of the time.

On a machine with two cores, most of a run would otherwise be imports, and what was killed would be away for seconds:
a program imports for 0.4 to 1.5 s of processor time, its fork is there in 0.02 s.
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
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from rig.product import ROOT, Product

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["webhook_server", "scheduler", "autolynx.simulator.__main__", "rig.forking"])


class Fork:
    """One program; as much of `subprocess.Popen` as tests need."""

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        self.args = command
        log.touch()  # who reads it need not wait for the program
        self._process = _FORKS.Process(target=_become, args=(command, environment, str(log)), daemon=True)
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
        fork = Fork(command, kept | self.values | environment, self.home / f"{name}.log")
        self.processes[name] = fork  # type: ignore[assignment]
        return fork


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
    ours = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = ours


def _become(command: tuple[str, ...], environment: dict[str, str], log: str) -> None:
    """Be the program: its environment, its arguments, its output."""
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        if command[0] == "-m":
            sys.argv = [command[1], *command[2:]]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = list(command)
            runpy.run_path(str(ROOT / command[0]), run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out
