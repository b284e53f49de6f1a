"""The figures Prometheus collects: what this process counted, and what the database knows."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterator
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from autolynx.models import SchedulerLife

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

#: `get_health`'s counts: name -> what it says
_GAUGES = {
    "active_calls": "Calls that hold a line.",
    "held_calls": "Dials whose answer was lost, on a line or not; they are being looked up.",
    "calls_without_report": "Calls whose result is not complete.",
    "campaigns_dialing": "Campaigns that the scheduler dials for.",
    "organization_cap": "How many calls the organisation may have at once.",
    "stray_events": "Messages that no call was found for, or that could not be read.",
}


class Metrics:
    """One process's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        requests = Counter(
            "autolynx_webhook_requests",
            "Requests to /webhooks/vapi, by what became of them.",
            ["result"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "autolynx_webhook_seconds",
            "From the headers of a request to /webhooks/vapi to its answer.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._requests = requests
        self._wrong_tokens = Counter(
            "autolynx_wrong_tokens",
            "Requests with a wrong token, by which was asked for and how they were answered.",
            ["door", "answer"],
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)

    def count_webhook(self, result: str, seconds: float) -> None:
        """Count one request to the webhook."""
        self._requests.labels(result).inc()
        self._seconds.observe(seconds)

    def count_wrong_token(self, door: str, *, is_limited: bool) -> None:
        """Count one request that was refused for its token."""
        self._wrong_tokens.labels(door, "429" if is_limited else "401").inc()

    def text(self, figures: dict[str, Any] | None) -> bytes:
        """Everything in the text format; `figures`: what `Health.figures` answers."""
        known = CollectorRegistry()
        known.register(DatabaseFigures(figures))
        return generate_latest(self._registry) + generate_latest(known)


class DatabaseFigures(Collector):
    """What the database knows; only `autolynx_database_up` while it is away."""

    def __init__(self, figures: dict[str, Any] | None) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """The families of one scrape."""
        figures = self._figures
        yield GaugeMetricFamily(
            "autolynx_database_up", "1 when the database answers.", value=float(figures is not None)
        )
        if figures is not None:
            yield from _families(figures)


def _families(figures: dict[str, Any]) -> Iterator[Metric]:
    for name, meaning in _GAUGES.items():
        if figures.get(name) is not None:
            yield GaugeMetricFamily(f"autolynx_{name}", meaning, value=float(figures[name]))
    messages = CounterMetricFamily("autolynx_messages", "Messages of the provider, by type.", labels=["type"])
    for kind, count in figures["messages"].items():
        messages.add_metric([kind], count)
    yield messages
    calls = GaugeMetricFamily("autolynx_calls", "Calls, by status.", labels=["status"])
    for status, count in figures.get("calls_by_status", {}).items():
        calls.add_metric([status], count)
    yield calls
    yield GaugeMetricFamily(
        "autolynx_open_alarms", "What somebody should look at.", value=float(len(figures["alarms"]))
    )
    alarms = GaugeMetricFamily("autolynx_alarms", "Open alarms, by code.", labels=["code"])
    for code, count in Count(alarm["code"] for alarm in figures["alarms"]).items():
        alarms.add_metric([code], count)
    yield alarms
    life = SchedulerLife.model_validate(figures["scheduler"])
    yield GaugeMetricFamily(
        "autolynx_scheduler_alive", "1 when a scheduler is alive, by its own cadence.", value=float(life.is_alive)
    )
    if life.seconds_ago is not None:
        meaning = "How long ago a scheduler last said that it is alive; absent after a day."
        yield GaugeMetricFamily("autolynx_scheduler_age_seconds", meaning, value=float(life.seconds_ago))
