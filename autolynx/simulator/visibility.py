"""What the API shows of the calls that exist: lists may lag or leave one out, and a call may not be found yet."""

from __future__ import annotations

from collections.abc import Iterator

from .call import Call
from .chance import chance
from .clock import now_ms
from .simulator import Simulator


def listed_calls(simulator: Simulator) -> Iterator[Call]:
    """Yield the calls that one list shows, newest first."""
    knobs, tally = simulator.knobs, simulator.tally
    tally.attempts["list"] += 1
    nth_list = tally.attempts["list"]
    newest_ms = now_ms() - knobs.list_lag_seconds * 1000
    for call in reversed(simulator.exchange.calls.values()):
        if call.progress.is_deleted or call.created_ms > newest_ms:
            continue
        if not _strikes(simulator, knobs.list_forget_rate, "list", call, nth_list):
            yield call


def is_found(simulator: Simulator, call: Call) -> bool:
    """Tell whether `GET /call/{id}` finds a call."""
    knobs = simulator.knobs
    is_young = now_ms() - call.created_ms < knobs.forget_seconds * 1000
    return not (knobs.call_404 or (is_young and _strikes(simulator, knobs.rate_forget, "forget", call)))


def _strikes(simulator: Simulator, rate: float, what: str, call: Call, nth: int = 0) -> bool:
    return rate > 0 and chance(simulator.seed, what, call.number, call.nth, nth).random() < rate
