"""Chaos: schedulers and a webhook server are killed at random while the provider misbehaves in every way it can.

One run is decided by its seed. `run` returns what went wrong: who was phoned more than once or not at all, a cap that
was passed, and every difference between our books and the provider's.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.books import differences, our_calls
from tests.product import Product, free_port, running, wait_until

CONTACTS = 40
CAP = 6
KILLING_SECONDS = 12
KNOBS = {
    "rate_429": 0.08,
    "rate_5xx_before": 0.04,
    "rate_5xx_after": 0.06,
    "rate_lost_answer": 0.08,
    "late_answer_rate": 0.05,
    "late_answer_seconds": 1.0,
    "early_webhook_rate": 0.1,
    "webhook_drop_rate": 0.15,
    "webhook_double_rate": 0.15,
    "webhook_reorder_rate": 0.15,
    "webhook_late_rate": 0.1,
}


@dataclass
class ChaosReport:
    """What one run came to; it went well when `faults` is empty."""

    seed: int
    kills: int = 0
    dials: int = 0
    peak: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def run(seed: int, database_url: str, home: Path) -> ChaosReport:
    """One run: start two schedulers and two webhook servers, kill, restart, wait for the end, compare the books."""
    report = ChaosReport(seed)
    began = time.monotonic()
    chance = random.Random(seed)
    with running(database_url, home, CLAIM_LEASE_SECONDS="4", RECONCILE_AFTER_SECONDS="2") as product:
        product.start_simulator(speed=60, seed=seed, **KNOBS)
        ports = {"webhook-a": product.webhook_port, "webhook-b": free_port()}
        restart = {
            "webhook-a": lambda: product.start_webhook_server("webhook-a", ports["webhook-a"]),
            "webhook-b": lambda: product.start_webhook_server("webhook-b", ports["webhook-b"]),
            "scheduler-a": lambda: _start_scheduler(product, "scheduler-a", ports["webhook-a"]),
            "scheduler-b": lambda: _start_scheduler(product, "scheduler-b", ports["webhook-b"]),
        }
        for start in restart.values():
            start()
        campaign = product.campaign(CONTACTS, cap=CAP)
        until = time.monotonic() + KILLING_SECONDS
        while time.monotonic() < until and product.status(campaign) != "COMPLETED":
            time.sleep(chance.uniform(0.3, 1.5))
            victim = chance.choice(["scheduler-a", "scheduler-b", "webhook-a"])
            product.kill(victim)
            report.kills += 1
            time.sleep(chance.uniform(0, 0.5))
            restart[victim]()
        product.wait_for(campaign, "COMPLETED", 180)
        wait_until(lambda: product.books()["active"] == 0, "the provider's last call to end")
        _compare(report, product, database_url)
    report.seconds = time.monotonic() - began
    return report


def _start_scheduler(product: Product, name: str, webhook_port: int) -> None:
    product.start_scheduler(name, WEBHOOK_PUBLIC_URL=f"http://127.0.0.1:{webhook_port}")


def _compare(report: ChaosReport, product: Product, database_url: str) -> None:
    books = product.books()
    dials = Counter(books["dials_by_number"])
    report.dials, report.peak = dials.total(), books["peak_concurrency"]
    report.faults += [f"{number} was phoned {times} times" for number, times in dials.items() if times != 1]
    if len(dials) != CONTACTS:
        report.faults.append(f"{len(dials)} of {CONTACTS} contacts were phoned")
    if report.peak > CAP:
        report.faults.append(f"{report.peak} calls at once on a cap of {CAP}")
    with psycopg.connect(database_url) as connection:
        report.faults += differences(our_calls(connection), books["calls"])
