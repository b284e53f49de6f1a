"""The product's processes over real sockets: simulator, webhook servers, schedulers, on a test's own database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from autolynx.assistants.directory import create_assistant
from autolynx.campaigns.phone_lines import choose_phone_line
from autolynx.database import Database, connect
from autolynx.http.certificates import trusted_certificates
from autolynx.settings import Settings, environment_names, load_settings
from autolynx.vapi.client import VapiClient
from rig.actors import TESTER
from rig.ports import answers, free_port
from rig.waiting import HANG_SECONDS, eventually

ROOT = Path(__file__).parent.parent
API_TOKEN = "a-token-for-tests"


def bare_environment() -> dict[str, str]:
    """Ours without any setting, and without the flags of a `make` that we run under."""
    mine = {*environment_names(), "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    return {name: value for name, value in os.environ.items() if name not in mine}


class Product:
    """What runs, by name. Everything is stopped by `stop`."""

    def __init__(self, database_url: str, home: Path, **environment: str) -> None:
        self.home = home
        self.folder = ROOT  # where its programs are started
        self.simulator_port = free_port()
        self.webhook_port = free_port()
        self.values = {
            "DATABASE_URL": database_url,
            "AUTOLYNX_HOME": str(home),
            "VAPI_BASE_URL": f"http://127.0.0.1:{self.simulator_port}",
            "WEBHOOK_PUBLIC_URL": f"http://127.0.0.1:{self.webhook_port}",
            "WEBHOOK_SHARED_SECRET": "a-secret-for-tests",
            "API_TOKEN": API_TOKEN,
            "CLAIM_LEASE_SECONDS": "6",
            "DIAL_VISIBILITY_SECONDS": "6",
            "RECONCILE_AFTER_SECONDS": "2",
            "LOG_LEVEL": "warning",
        } | environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.settings: Settings = load_settings(_env_file=None, **{k.lower(): v for k, v in self.values.items()})
        self.database: Database = connect(self.settings)
        self.client = VapiClient.from_settings(self.settings)

    def start(self, name: str, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a process of the product; its output goes to a file in the home folder."""
        with (self.home / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.folder,
                env=self.kept_environment() | self.values | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self.processes[name]

    def kept_environment(self) -> dict[str, str]:
        """What its processes take over from ours."""
        return {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")}

    def start_simulator(self, *, speed: float = 60, seed: int = 1, **knobs: Any) -> None:
        import json

        self.start(
            "simulator", "-m", "autolynx.simulator", "--port", str(self.simulator_port), "--home", str(self.home),
            "--seed", str(seed), "--speed", str(speed), "--knobs", json.dumps(knobs),
        )  # fmt: skip
        eventually(lambda: answers(f"{self.values['VAPI_BASE_URL']}/_simulator/health"), "the simulator")

    def start_webhook_server(self, name: str = "webhook", port: int | None = None) -> None:
        port = port or self.webhook_port
        self.start(name, "webhook_server.py", WEBHOOK_PORT=str(port))
        eventually(lambda: answers(f"http://127.0.0.1:{port}/api/health"), "the webhook server")

    def start_pages(self, module: str = "autolynx.ui.serving.server") -> str:
        """Serve the pages at APP_PORT, by the product's module or one that wraps it; their address."""
        address = f"http://127.0.0.1:{self.values['APP_PORT']}"
        self.start("app", "-m", module)
        eventually(lambda: answers(f"{address}/_stcore/health"), "the pages")
        return address

    def start_scheduler(self, name: str = "scheduler", **environment: str) -> None:
        self.start(name, "scheduler.py", **environment)

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        process.send_signal(how)
        process.wait(30)

    def stop(self) -> None:
        """End everything that was started."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()
        self.client.close()
        self.database.close()

    def knobs(self, **values: Any) -> None:
        """Turn the simulator's knobs."""
        address = f"{self.values['VAPI_BASE_URL']}/_simulator/knobs"
        httpx.patch(address, json=values, verify=trusted_certificates()).raise_for_status()

    def books(self) -> dict[str, Any]:
        """What the provider knows: the truth to compare ours with."""
        address = f"{self.values['VAPI_BASE_URL']}/_simulator/books"
        books: dict[str, Any] = httpx.get(address, timeout=60, verify=trusted_certificates()).json()
        return books

    def line(self) -> str:
        """The phone line that a campaign calls from unless told otherwise."""
        return choose_phone_line(self.client, self.settings, None, actor=TESTER)

    def campaign(
        self, contacts: int, *, cap: int = 8, mode: str = "continuous", started: bool = True, first: int = 0
    ) -> str:
        """A campaign of so many numbers, on the provider's first line."""
        assistant = create_assistant(
            self.database, self.client, name="Ada", config={"firstMessage": "Hi {{name}}"}, actor=TESTER
        )
        rows = [
            {"name": f"Person {n}", "business_name": f"Firm {n}", "phone": f"+1415{2_000_000 + n}"}
            for n in range(first, first + contacts)
        ]
        created = self.database.call(
            "create_campaign",
            new={
                "name": f"Campaign {first}",
                "mode": mode,
                "cap": cap,
                "assistant_id": assistant.id,
                "phone_number_id": self.line(),
            },
            list={"contacts": rows},
            actor="test",
        )
        if started:
            self.database.call("start_campaign", id=created["id"], actor="test")
        return str(created["id"])

    def status(self, campaign_id: str) -> str:
        return str(self.database.call("get_campaign", id=campaign_id)["status"])

    def wait_for(self, campaign_id: str, status: str, seconds: float = HANG_SECONDS) -> None:
        eventually(lambda: self.status(campaign_id) == status, lambda: f"campaign {status}: {self.log_tail()}", seconds)

    def log_tail(self) -> str:
        """The end of every process's output, for a failure's message."""
        return "\n".join(f"{path.name}: {path.read_text()[-500:]}" for path in self.home.glob("*.log"))


@contextlib.contextmanager
def running(database_url: str, home: Path, **environment: str) -> Iterator[Product]:
    """A product whose processes are all stopped at the end."""
    product = Product(database_url, home, **environment)
    try:
        yield product
    finally:
        product.stop()
