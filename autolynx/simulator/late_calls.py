"""Calls that come to be some time after they were asked for, whether or not the client is still there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from .clock import now_ms
from .errors import LostAnswer, Refusal
from .order import Admitted, Order
from .store import Store


class LateCalls:
    """Holds orders until they are due. They are on disk, so a restart does not lose one."""

    def __init__(self, store: Store, create: Callable[[Order], Admitted]) -> None:
        self._store = store
        self._create = create
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._outcomes: dict[str, asyncio.Future[Admitted | Exception]] = {}

    def __len__(self) -> int:
        return len(self._timers)

    def restore(self) -> None:
        """Take up where the store left off; what is overdue is created at once."""
        for identifier, document, due_ms in self._store.late_orders():
            self._set_timer(identifier, Order(**document), due_ms)

    def take(self, order: Order, seconds: float) -> asyncio.Future[Admitted | Exception]:
        """Take an order on, to be done so long after it arrived; return what will come of it."""
        identifier, due_ms = str(uuid.uuid4()), order.requested_ms + round(seconds * 1000)
        self._store.add_late_order(identifier, order.as_json(), due_ms)
        outcome = asyncio.get_running_loop().create_future()
        self._outcomes[identifier] = outcome
        self._set_timer(identifier, order, due_ms)
        return outcome

    def forget(self) -> None:
        """Drop every order; who waits for an answer is cut off."""
        for identifier in list(self._timers):
            self._settle(identifier, LostAnswer())
        self.stop()
        self._store.forget_late_orders()

    def stop(self) -> None:
        """Stop the clock for every order."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _set_timer(self, identifier: str, order: Order, due_ms: int) -> None:
        delay = max(0.0, (due_ms - now_ms()) / 1000)
        loop = asyncio.get_running_loop()
        self._timers[identifier] = loop.call_later(delay, self._come_true, identifier, order)

    def _come_true(self, identifier: str, order: Order) -> None:
        self._timers.pop(identifier)
        outcome: Admitted | Exception
        with self._store.at_once():  # a kill in between would create the calls a second time
            try:
                outcome = self._create(order)
            except Refusal as refusal:
                outcome = refusal
            self._store.delete_late_order(identifier)
        self._settle(identifier, outcome)

    def _settle(self, identifier: str, outcome: Admitted | Exception) -> None:
        waiting = self._outcomes.pop(identifier, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)
