"""The simulator as a whole: its parts, put together around one home directory."""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .books import Tally
from .clock import Clock
from .exchange import Exchange
from .knobs import Knobs
from .late_calls import LateCalls
from .links import Links
from .order import Admitted, Order
from .reports import Reporter
from .store import Store
from .webhooks import Courier

_KEEP_TALLY_EVERY_SECONDS = 1.0


class Simulator:
    """Everything one simulated organisation has. Start it inside a running event loop."""

    def __init__(
        self, base: str, home: Path, seed: int | None, speed: float, knobs: Mapping[str, Any] | None = None
    ) -> None:
        if speed <= 0:
            raise ValueError(f"speed must be above 0, not {speed:g}")
        self.initial_knobs = Knobs().changed(knobs or {})
        self.store = Store(home / "simulator.sqlite3")
        self.seed = self._settled("seed", seed, secrets.randbelow(2**31))
        self.speed = speed
        self.knobs = Knobs().changed(self.store.fact("knobs", {})).changed(knobs or {})
        self.links = Links(base, self._settled("secret", None, secrets.token_hex(16)))
        self.clock = Clock(self.store.fact("clock", []))
        self._set_clock()
        self.reporter = Reporter(self.links, self.seed, speed, self.clock)
        self.tally = Tally(self.store)
        self.assistants: dict[str, dict[str, Any]] = {one["id"]: one for one in self.store.assistants()}
        self.courier: Courier
        self.exchange: Exchange
        self.late_calls: LateCalls
        self._keeper: asyncio.Task[None] | None = None

    def _settled(self, name: str, given: Any, otherwise: Any) -> Any:
        """Return what was given, or what an earlier run used, or something new; and keep it."""
        value = given if given is not None else self.store.fact(name, otherwise)
        self.store.keep_fact(name, value)
        return value

    def start(self, create: Callable[[Simulator, Order], Admitted]) -> None:
        """Take up the calls that were under way; `create` does an order."""
        self.courier = Courier(self.seed, lambda: self.knobs, self.tally.webhooks)
        self.exchange = Exchange(self.store, lambda: self.knobs, self.reporter, self.courier, self.tally, self.speed)
        self.exchange.restore()
        self.late_calls = LateCalls(self.store, functools.partial(create, self))
        self.late_calls.restore()
        self._keeper = asyncio.get_running_loop().create_task(self._keep_tally())

    async def stop(self) -> None:
        """Stop, leaving everything on disk."""
        if self._keeper is not None:
            self._keeper.cancel()
        self.late_calls.stop()
        self.exchange.stop()
        await self.courier.close()
        self.tally.keep()
        self.store.close()

    def turn(self, knobs: Knobs) -> None:
        """Use other knobs from now on."""
        self.knobs = knobs
        self.store.keep_fact("knobs", knobs.as_json())
        self._set_clock()
        self.exchange.let_in_the_next()

    def reset(self, *, assistants: bool) -> None:
        """Forget the calls and the counts, and turn the knobs back to where they were at the start."""
        self.late_calls.forget()
        self.exchange.forget()
        self.tally.forget()
        self.clock.forget()
        self.store.keep_fact("clock", [])
        self.turn(self.initial_knobs)
        if assistants:
            self.store.forget_assistants()
            self.assistants.clear()

    def _set_clock(self) -> None:
        if self.clock.turn(self.knobs.clock_skew_seconds):
            self.store.keep_fact("clock", self.clock.as_json())

    async def _keep_tally(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_TALLY_EVERY_SECONDS)
            self.tally.keep()
