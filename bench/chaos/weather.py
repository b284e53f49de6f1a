"""The provider's behaviour over a run: the knobs it begins with, those that turn meanwhile, and the calm at the end."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import httpx

from bench.chaos.diary import Diary
from bench.chaos.plan import Plan, Step
from rig.product import Product
from rig.waiting import eventually

#: what the faults end with; a clock that was set stays as it is, and so do numbers that nobody can call
CALM: dict[str, Any] = {
    "concurrency_limit": 30,
    "inbound_calls": 0,
    "rate_429": 0.0,
    "rate_5xx_before": 0.0,
    "rate_5xx_after": 0.0,
    "rate_lost_answer": 0.0,
    "late_answer_rate": 0.0,
    "rate_late_creation": 0.0,
    "webhook_drop_rate": 0.0,
    "webhook_reorder_rate": 0.0,
    "webhook_late_rate": 0.0,
    "list_lag_seconds": 0.0,
    "list_forget_rate": 0.0,
    "rate_forget": 0.0,
    "call_404": False,
    "answer_seconds": None,
    "outage": False,
    "outage_cut": False,
}
PATIENCE_SECONDS = 20


class Weather:
    """Turns the knobs; a provider that was killed comes back as it is just then."""

    def __init__(self, plan: Plan, product: Product, diary: Diary) -> None:
        self._plan = plan
        self._product = product
        self._diary = diary
        self._now = dict(plan.knobs)
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Start the provider, or start it again."""
        with self._lock:
            self._product.start_simulator(speed=self._plan.speed, seed=self._plan.seed, **self._now)

    def perform(self, step: Step) -> None:
        """Turn some knobs."""
        self._diary.note(step.what, str(step.values))
        self._turn(step.values)

    def calm(self) -> None:
        """End every fault."""
        self._diary.note("calm")
        self._turn(CALM)

    def _turn(self, values: dict[str, Any]) -> None:
        def turned() -> bool:
            with contextlib.suppress(httpx.TransportError), self._lock:  # it has been killed, and will be back
                self._now |= values
                self._product.knobs(**values)
                return True
            return False

        eventually(turned, "the provider to be back", PATIENCE_SECONDS)
