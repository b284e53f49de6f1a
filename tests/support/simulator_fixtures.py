"""A simulator in its own process, and a server that notes what is posted to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from autolynx.http.certificates import trusted_certificates
from rig.forking import Fork
from rig.ports import free_port
from rig.product import bare_environment
from rig.waiting import eventually

MAIN_LINE = "0c000000-0000-4000-8000-000000000001"
FREE_LINE = "0c000000-0000-4000-8000-000000000003"
PATIENCE_SECONDS = 60


@dataclass
class SimulatorProcess:
    """The simulator in a process of its own; with `is_forked=False` in a new interpreter, for who weighs its memory."""

    home: Path
    seed: int = 7
    speed: float = 200.0
    port: int = field(default_factory=free_port)
    is_forked: bool = True

    def start(self) -> None:
        command = (
            *("-m", "autolynx.simulator", "--port", str(self.port)),
            *("--home", str(self.home), "--seed", str(self.seed), "--speed", str(self.speed)),
        )
        log = self.home.parent / f"{self.home.name}-simulator.log"
        self.process = Fork(command, bare_environment(), log) if self.is_forked else self._interpreter(command)
        self.api = httpx.Client(
            verify=trusted_certificates(),
            base_url=self.url,
            headers={"Authorization": "Bearer any"},
            timeout=30,
            trust_env=False,
        )
        eventually(self._answers)

    def _interpreter(self, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the simulator ended at its start"
        try:
            return self.api.get("/_simulator/health").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.api.close()

    def stop(self) -> int:
        self.process.terminate()
        self.api.close()
        return self.process.wait(PATIENCE_SECONDS)

    def turn(self, **knobs: Any) -> None:
        answer = self.api.patch("/_simulator/knobs", json=knobs)
        assert answer.status_code == 200, answer.text

    def books(self) -> dict[str, Any]:
        return self.api.get("/_simulator/books").json()

    def assistant(self, **fields: Any) -> str:
        model = {
            "provider": "openai",
            "model": "gpt-4.1",
            "messages": [{"role": "system", "content": "Sell to {{customer.name}}."}],
        }
        body = {"name": "Seller", "firstMessage": "Hi {{customer.name}}!", "model": model, **fields}
        answer = self.api.post("/assistant", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def dial(self, assistant_id: str, number: str = "+14155551001", **fields: Any) -> httpx.Response:
        body = {
            "assistantId": assistant_id,
            "phoneNumberId": MAIN_LINE,
            "customer": {"number": number, "name": "Ana Bell"},
            **fields,
        }
        return self.api.post("/call", json=body)

    def reported(self, call_id: str) -> dict[str, Any]:
        """Wait until a call is over and analysed; return its entry in the books."""

        def entry() -> dict[str, Any] | None:
            found = next(call for call in self.books()["calls"] if call["id"] == call_id)
            return found if found["is_reported"] else None

        found = eventually(entry)
        assert found is not None
        return found


@dataclass
class Listener:
    """A customer's server: notes each message, and answers with the status it is told to."""

    server: ThreadingHTTPServer
    messages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # the answers to come; after them 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def kinds(self) -> list[str]:
        return [message.get("status") or message["type"] for message in list(self.messages)]


@contextmanager
def listening() -> Iterator[Listener]:
    class Hook(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.headers.append(dict(self.headers.items()))
            listener.messages.append(json.loads(body)["message"])
            self.send_response(listener.statuses.pop(0) if listener.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.daemon_threads = True
    listener = Listener(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.socket.close()


@contextmanager
def running(home: Path, **options: Any) -> Iterator[SimulatorProcess]:
    simulator = SimulatorProcess(home, **options)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
