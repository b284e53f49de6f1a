"""What a scheduler costs that has nothing to do: its share of a core, and what it asks the database."""

from __future__ import annotations

import time

import psutil
import psycopg

from bench.figures import Figure
from bench.postgres import home, loaded
from rig.product import running
from rig.servers import Server
from rig.waiting import eventually

WATCHED_SECONDS = 20
SETTLING_SECONDS = 3

_TRANSACTIONS = "select xact_commit + xact_rollback from pg_stat_database where datname = %s"
_BEATS = "select count(*) from public.heartbeats where kind = 'scheduler'"


def measure(server: Server) -> list[Figure]:
    """Watch an idle scheduler process for a while, on Postgres."""
    with loaded(server) as (url, connection), home() as folder, running(url, folder) as product:
        product.start_scheduler()
        eventually(lambda: connection.execute(_BEATS).fetchone()[0], "the scheduler's first sign of life")
        connection.execute("select pg_stat_force_next_flush()")  # our own waiting shall not be counted later
        time.sleep(SETTLING_SECONDS)
        # looked at from next door, so that our own questions do not count
        with psycopg.connect(server.url("postgres"), autocommit=True) as neighbour:
            name = connection.info.dbname
            share, questions = _watch(psutil.Process(product.processes["scheduler"].pid), neighbour, name)
    return [
        Figure("idle scheduler, CPU", share, "of a core", 0.01, is_floor=False),
        Figure("idle scheduler, database", questions, "transactions a second", 1.5, is_floor=False),
    ]


def _watch(process: psutil.Process, neighbour: psycopg.Connection, database: str) -> tuple[float, float]:
    """CPU seconds a second of the process, and transactions a second of the database."""
    cpu, count, began = _cpu_seconds(process), _transactions(neighbour, database), time.monotonic()
    time.sleep(WATCHED_SECONDS)
    seconds = time.monotonic() - began
    used = _cpu_seconds(process) - cpu
    return used / seconds, (_transactions(neighbour, database) - count) / seconds


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _transactions(neighbour: psycopg.Connection, database: str) -> int:
    """The database's transactions until now, up to a second old: backends report no more often."""
    return neighbour.execute(_TRANSACTIONS, [database]).fetchone()[0]
