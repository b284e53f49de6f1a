"""What is killed, stopped and cut off: our processes, the database server, the way to it, the provider."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable

from bench.chaos.diary import Diary
from bench.chaos.plan import PROCESSES, Step
from bench.chaos.server import PrivateServer
from bench.chaos.weather import Weather
from rig.ports import free_port
from rig.product import Product
from rig.relay import Relay


class Killing:
    """Strikes, and puts everything back. Used by one thread at a time."""

    def __init__(
        self,
        product: Product,
        server: PrivateServer,
        database: str,
        relay: Relay | None,
        weather: Weather,
        diary: Diary,
    ) -> None:
        self._product = product
        self._server = server
        self._database = database
        self._relay = relay
        self._weather = weather
        self._diary = diary
        self._ports = {"webhook-a": product.webhook_port, "webhook-b": free_port()}
        self._frozen: set[str] = set()

    def start_all(self) -> None:
        """Start what does not run; a process that ended by itself broke something."""
        for name in PROCESSES:
            self._start(name)

    def note_deaths(self) -> None:
        """Look for processes that ended without having been killed."""
        for name, process in list(self._product.processes.items()):
            if process.poll() is not None:
                tail = (self._product.home / f"{name}.log").read_text()[-400:]
                self._diary.broke(f"{name} ended by itself, exit code {process.returncode}: {tail}")
                del self._product.processes[name]

    def perform(self, step: Step) -> None:
        """Strike once."""
        self._diary.note(step.what, step.subject)
        self._blows[step.what](step.subject)

    def end(self, still_frozen: frozenset[str] = frozenset()) -> None:
        """Put everything back, except what is to stay stopped for a while."""
        self._server.until_it_answers()
        if self._relay:
            self._relay.thaw()
        for name in self._frozen - still_frozen:
            self._signal(name, signal.SIGCONT)
        self._frozen &= still_frozen
        self._start_provider("simulator")
        self.note_deaths()
        self.start_all()

    @property
    def _blows(self) -> dict[str, Callable[[str], None]]:
        return {
            "kill": self._kill,
            "start": lambda name: self._start_provider(name) if name == "simulator" else self._start(name),
            "freeze": self._freeze,
            "thaw": self._thaw,
            "cut": lambda _: self._relay.freeze() if self._relay else None,
            "mend": lambda _: self._relay.thaw() if self._relay else None,
            "postgres-fast": lambda _: self._server.restart(signal.SIGINT),
            "postgres-immediate": lambda _: self._server.restart(signal.SIGQUIT),
            "postgres-backend": lambda _: self._server.kill_backend(self._database) and None,
        }

    def _kill(self, name: str) -> None:
        self._frozen.discard(name)
        if name in self._product.processes:
            self._product.kill(name)

    def _freeze(self, name: str) -> None:
        self._frozen.add(name)
        self._signal(name, signal.SIGSTOP)

    def _thaw(self, name: str) -> None:
        self._frozen.discard(name)
        self._signal(name, signal.SIGCONT)

    def _signal(self, name: str, which: signal.Signals) -> None:
        process = self._product.processes.get(name)
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(which)

    def _start(self, name: str) -> None:
        if name in self._product.processes:
            return
        if name in self._ports:
            self._product.start(name, "webhook_server.py", WEBHOOK_PORT=str(self._ports[name]))
        else:
            port = self._ports[name.replace("scheduler", "webhook")]
            self._product.start_scheduler(name, WEBHOOK_PUBLIC_URL=f"http://127.0.0.1:{port}")

    def _start_provider(self, name: str) -> None:
        if name not in self._product.processes:
            self._weather.begin()
