"""Keep the processes of `up` running: honcho's loop and printer, with restarts and a sure end.

honcho 2.0.0 (manager.py, process.py) was read: it runs each process under a fork of itself, which would
inherit our locks; it stops everything when one process ends; and it never insists when none obeys SIGTERM.
So each process is kept by a thread here, which starts it again when it dies.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from honcho.manager import Manager
from honcho.printer import Message, Printer

_TETHER = Path(__file__).with_name("tether.py")
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0  # who lived this long is started again after the first pause
#: between asking and killing; the webhook server gives itself 8 to answer whom it has heard
PATIENCE_SECONDS = 10.0


class Kept:
    """One process that shall run; has the shape of `honcho.process.Process`."""

    def __init__(self, cmd: list[str], *, name: str, colour: str, env: Mapping[str, str], **_: Any) -> None:
        self.command = cmd
        self.name = name
        self.pid = 0
        self._colour = colour
        self._environment = env
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()
        self.is_restarted = threading.Event()  # set once everything was ready: before, an end is a failure

    def run(self, tell: Callable[[Message], None]) -> None:
        """Start it, pass its lines on, start it again; until `stop`, or an end before all was ready."""
        self._tell, code = tell, 1
        try:
            code = self._keep()
        except OSError as error:
            self._message("line", f"cannot be started: {error}\n")
        finally:
            self._message("stop", {"returncode": code})

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and what it started. Safe in a signal handler: only threads hold the lock, for moments."""
        with self._lock:
            self._is_stopping.set()
            if self._child is not None and self._child.poll() is None:
                _signal_group(self._child.pid, number)

    def _keep(self) -> int:
        pause, code = _FIRST_PAUSE_SECONDS, 0
        while (child := self._start()) is not None:
            started = time.monotonic()
            code = self._follow(child)
            if self._is_stopping.is_set() or not self.is_restarted.is_set():
                break
            pause = _FIRST_PAUSE_SECONDS if time.monotonic() - started > _STEADY_SECONDS else pause
            self._message("line", f"ended with {_told(code)}; starting it again in {pause:g} s\n")
            self._is_stopping.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        return code

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._is_stopping.is_set():
                return None
            tether = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid())]
            self._child = subprocess.Popen(
                [*tether, *self.command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # the terminal's Ctrl-C is ours to pass on
            )
            self.pid = self._child.pid
            return self._child

    def _follow(self, child: subprocess.Popen[bytes]) -> int:
        """Pass its lines on until it ends; then end what it may have left behind."""
        reader = threading.Thread(target=self._read, args=(child,), name=f"{self.name} lines", daemon=True)
        reader.start()
        code = child.wait()
        _signal_group(child.pid, signal.SIGKILL)
        reader.join(1)
        return code

    def _read(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                self._message("line", line)

    def _message(self, kind: str, content: Any) -> None:
        self._tell(Message(type=kind, data=content, time=datetime.now(), name=self.name, colour=self._colour))


class _Lines(Printer):  # type: ignore[misc]  # honcho has no types
    """honcho's printer; what `up` itself says comes without a prefix."""

    def write(self, message: Message) -> None:
        if message.name:
            super().write(message)
        else:
            print(message.data, file=self.output, flush=True)


class Keeper(Manager):  # type: ignore[misc]
    """All processes of `up`. `loop` runs until a signal, `give_up`, or an end before `all_is_ready`."""

    def __init__(self) -> None:
        super().__init__(_Lines(sys.stdout))
        self.events: queue.Queue[Message] = queue.Queue()
        self.failure: str | None = None
        self.is_stopping = False
        self._process_ctor = Kept
        self._threads: list[threading.Thread] = []

    @property
    def kept(self) -> list[Kept]:
        """The processes, in the order they were added."""
        return [entry["obj"] for entry in self._processes.values()]

    def all_is_ready(self) -> None:
        """From here on a process that ends is started again."""
        for kept in self.kept:
            kept.is_restarted.set()

    def say(self, line: str) -> None:
        """Print a line of our own, from any thread."""
        self.events.put(Message(type="line", data=line, time=datetime.now(), name=None, colour=None))

    def give_up(self, reason: str) -> None:
        """Stop everything because of this."""
        self.failure = self.failure or reason
        self.terminate()

    def terminate(self) -> None:
        """Ask every process to end, and insist after a while. Called by the loop and by signal handlers."""
        if self.is_stopping:
            return
        self.is_stopping = True
        for kept in self.kept:
            kept.stop()
        insist = threading.Timer(PATIENCE_SECONDS, self.kill)
        insist.daemon = True
        insist.start()

    def kill(self) -> None:
        """End what is left."""
        for kept in self.kept:
            kept.stop(signal.SIGKILL)

    def close(self) -> None:
        """Leave nothing behind, however the loop ended."""
        self.terminate()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS + 1)
        self.kill()

    def _start(self) -> None:
        for kept in self.kept:
            self._take(Message("start", {"pid": 0}, datetime.now(), kept.name, None))
            thread = threading.Thread(target=kept.run, args=(self._take,), name=kept.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _take(self, message: Message) -> None:
        if message.type == "stop" and not self.is_stopping:
            code = message.data["returncode"]
            self.failure = self.failure or f"The {message.name} process ended with {_told(code)}."
        self.events.put(message)

    def _system_print(self, data: str) -> None:
        """honcho's own remarks are not for our users; and printing is not safe in its signal handler."""


def _told(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
