"""How many messages a second one webhook server records, and two, against pgbench that calls the same function."""

from __future__ import annotations

import contextlib
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from autolynx.api.routes.webhooks import PATH
from autolynx.database.embedded.programs import folder_of_programs
from bench import intake_messages
from bench.figures import Figure
from bench.postgres import home, loaded
from rig.ports import answers, free_port
from rig.product import Product, running
from rig.servers import Server
from rig.sessions import let_wait
from rig.waiting import eventually

ROUNDS = 5
FEWEST_OF_PGBENCH = 0.65
CALLS_A_ROUND = 768  # of four messages each
WARMING_CALLS = 384
OPEN_SECONDS = 6
OPEN_WINDOWS = 3
SPARE_CALLS = 24_000  # enough for the open loop at any likely rate
CONNECTIONS = 32  # of the load generator
CLIENTS = 16  # of pgbench: as many as the webhook server has connections to the database
LONGEST_P99_MS = 50

_TABLE = """
create table public.bench_intake (n int primary key, event text)
"""
_COPY = "copy public.bench_intake from stdin"
#: each client walks the table in steps, so that every message is recorded once
_SCRIPT = """
\\set i :i + 1
\\set n :first + :i * :clients + :client_id
select public.record_event(p_event => event::jsonb) from public.bench_intake where n = :n;
"""
_EVENTS = "select count(*) from public.call_events"


def measure(server: Server) -> list[Figure]:
    """Rounds in turns, HTTP, HTTP to two servers, and pgbench; then latency at half one server's rate.

    And what a server does that does nothing.
    """
    with loaded(server) as (url, connection), home() as folder, running(url, folder) as product:
        let_wait(url)  # pgbench ends at the first message that met a lock; the webhook server would try it again
        intake = Intake(product, connection, url, folder)
        one, other = product.webhook_port, free_port()
        product.start_webhook_server()
        product.start_webhook_server("second webhook", other)
        intake.prepare([one, other])
        rates = [(intake.over_http([one]), intake.over_http([one, other]), intake.by_pgbench()) for _ in range(ROUNDS)]
        half = statistics.median(http for http, _, _ in rates) / 2
        waits = [intake.latencies(half, product.webhook_port) for _ in range(OPEN_WINDOWS)]
        with _trivial_server() as port:
            ceiling, floor = intake.ceiling(port), intake.latencies(half, port)
    return [*_rate_figures(rates, ceiling, intake.sizes), _latency_figure(waits, floor, half)]


def _rate_figures(rates: list[tuple[float, float, float]], ceiling: float, sizes: dict[str, int]) -> Iterator[Figure]:
    details = {"rates_one_two_and_pgbench": rates, "ceiling_of_the_generator": ceiling, "bodies": sizes}
    *https, floor = (statistics.median(column) for column in zip(*rates, strict=True))
    for nth, name in enumerate(("event intake", "event intake, two servers on one database")):
        ratio = statistics.median(rates_of_round[nth] / rates_of_round[-1] for rates_of_round in rates)
        remark = f"{https[nth]:.0f} of {floor:.0f} a second here and now; a server that does nothing: {ceiling:.0f}"
        yield Figure(name, ratio, "of pgbench's rate", FEWEST_OF_PGBENCH, True, remark, details)


def _latency_figure(windows: list[list[float]], floor: list[float], rate: float) -> Figure:
    """The best of several windows: what else runs on the machine only ever adds to a wait."""
    waits = min(windows, key=_p99)
    median, bare = statistics.median(waits) * 1000, _p99(floor) * 1000
    remark = f"p50 {median:.1f} ms at {rate:.0f} a second; a server that does nothing: p99 {bare:.1f} ms"
    each = [_p99(window) for window in windows]
    details = {"p99_of_each_window": each, "p99_of_the_floor": _p99(floor), "rate": rate}
    name = "event intake, p99 at half load"
    return Figure(name, _p99(waits) * 1000, "ms", LONGEST_P99_MS, False, remark, details)


def _p99(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=100)[98]


class Intake:
    """One database with calls under way, and two ways to tell it what became of them."""

    def __init__(self, product: Product, connection: psycopg.Connection, url: str, folder: Path) -> None:
        self._product, self._connection, self._url, self._folder = product, connection, url, folder
        self._next_row = 0
        self.sizes: dict[str, int] = {}

    def prepare(self, ports: list[int]) -> None:
        """Make more calls than will be used, and let both sides warm up on some."""
        calls = ROUNDS * 3 * CALLS_A_ROUND + 2 * WARMING_CALLS + SPARE_CALLS
        self._calls = iter(intake_messages.calls_under_way(self._connection, calls))
        self._connection.execute(_TABLE)
        self.over_http(ports, WARMING_CALLS)
        self.by_pgbench(WARMING_CALLS)

    def over_http(self, ports: list[int], calls: int = CALLS_A_ROUND) -> float:
        """Messages a second that the webhook servers took together, each committed."""
        found = self._bodies(calls)
        before = self._events()
        seconds = self._posted(found, ports)["seconds"]
        assert self._events() - before == len(found)
        return len(found) / seconds

    def by_pgbench(self, calls: int = CALLS_A_ROUND) -> float:
        """Messages a second that pgbench recorded."""
        found = self._bodies(calls)
        first = self._next_row
        with self._connection.cursor().copy(_COPY) as copy:
            for n, body in enumerate(found, first):
                copy.write_row(intake_messages.as_row(n, body, self._product.settings))
        self._next_row += len(found)
        before = self._events()
        rate = self._pgbench(first, len(found) // CLIENTS)
        assert self._events() - before == len(found)
        return rate

    def latencies(self, rate: float, port: int) -> list[float]:
        """Seconds from when a message was due until its answer, at a rate that does not wait for answers."""
        calls = min(int(rate * OPEN_SECONDS / intake_messages.KINDS), SPARE_CALLS // (OPEN_WINDOWS + 2))
        found: list[float] = self._posted(self._bodies(calls), [port], rate)["latencies"]
        return found

    def ceiling(self, port: int) -> float:
        """Messages a second that the generator posts to a server that does nothing with them."""
        found = self._bodies(CALLS_A_ROUND)
        return len(found) / min(float(self._posted(found, [port])["seconds"]) for _ in range(2))

    def _bodies(self, calls: int) -> list[bytes]:
        found = intake_messages.bodies(list(islice(self._calls, calls)))
        self.sizes = intake_messages.lengths(found)
        return found

    def _posted(self, found: list[bytes], ports: list[int], rate: float | None = None) -> dict[str, Any]:
        bodies, plan = self._folder / "bodies", self._folder / "plan.json"
        bodies.write_bytes(b"\n".join(found))
        headers = {"Content-Type": "application/json", "X-Vapi-Secret": self._product.settings.webhook_secret}
        plan.write_text(
            json.dumps({"ports": ports, "path": PATH, "headers": headers, "bodies": str(bodies), "rate": rate,
                        "connections": CONNECTIONS})
        )  # fmt: skip
        command = [sys.executable, "-m", "bench.load", str(plan)]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        assert answer["statuses"] == {"200": len(found)}, answer["statuses"]
        return answer

    def _pgbench(self, first: int, transactions: int) -> float:
        script = self._folder / "record_event.sql"
        script.write_text(_SCRIPT)
        values = {"first": first, "i": -1, "clients": CLIENTS}
        defined = [f"--define={name}={value}" for name, value in values.items()]
        command = [
            str(folder_of_programs() / "pgbench"), "--no-vacuum", "--file", str(script), f"--client={CLIENTS}",
            f"--transactions={transactions}", *defined, self._url,
        ]  # fmt: skip
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return float(re.search(r"tps = ([\d.]+)", said)[1])

    def _events(self) -> int:
        return self._connection.execute(_EVENTS).fetchone()[0]


@contextlib.contextmanager
def _trivial_server() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.trivial", str(port)])
    try:
        eventually(lambda: answers(f"http://127.0.0.1:{port}/"), "the trivial server")
        yield port
    finally:
        process.terminate()
        process.wait()
