"""A switchboard in front of canned answers, with real lanes or such that only write down what would go on in them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from autolynx.dialing.lanes import SIZES, Lane
from autolynx.dialing.switchboard import Switchboard
from autolynx.settings import Settings
from tests.support.canned import CannedProvider, StillClock, answer
from tests.support.desk import Desk


def board_of(desk: Desk, provider: CannedProvider, clock: StillClock) -> Switchboard:
    return Switchboard(desk.database, provider.client(clock), Settings(_env_file=None), worker="w1", clock=clock)


def doubt(call_id: str | None = None, ahead: float | None = None) -> dict[str, Any]:
    return {"call_id": call_id or str(uuid.uuid4()), "age_seconds": 10, "provider_ahead_seconds": ahead}


class Ledger:
    """Lanes that only write down what would go on in them; some are full."""

    def __init__(self, *full: Lane) -> None:
        self.started: Counter[Lane] = Counter()
        self._full = full

    def start(self, lane: Lane, _work: Callable[[], None]) -> None:
        self.started[lane] += 1

    def free(self, lane: Lane) -> int:
        return 0 if lane in self._full else SIZES[lane] - self.started[lane]

    def finish(self, timeout_seconds: float | None = None) -> None: ...

    def close(self) -> None: ...


def ledger_board(desk: Desk, lanes: Ledger, clock: StillClock) -> Switchboard:
    settings = Settings(_env_file=None)
    client = CannedProvider(answer(200, [])).client(clock)
    return Switchboard(desk.database, client, settings, worker="w1", clock=clock, lanes=lanes)
