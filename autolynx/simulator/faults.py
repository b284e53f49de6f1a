"""Faults of `POST /call` that knobs ask for, drawn by number and attempt."""

from __future__ import annotations

from dataclasses import dataclass

from .chance import chance
from .errors import LostAnswer, Refusal
from .simulator import Simulator

_SERVER_ERRORS = (500, 502, 503, 504)


@dataclass(frozen=True)
class Faults:
    """What goes wrong with one request."""

    too_many: bool
    retry_after: float | None
    error_before: int | None
    error_after: int | None
    lost_answer: bool
    late_seconds: float
    early_webhook: bool
    late_creation_seconds: float | None
    late_creation_refusal: Exception | None

    @classmethod
    def drawn(cls, simulator: Simulator, number: str) -> Faults:
        """Draw the faults of the next request about a number."""
        knobs = simulator.knobs
        simulator.tally.attempts[number] += 1
        source = chance(simulator.seed, "fault", number, simulator.tally.attempts[number])
        too_many, before, after, lost, late, early = (source.random() for _ in range(6))
        status = source.choice(_SERVER_ERRORS)
        late_creation, seconds = source.random(), source.uniform(*knobs.late_creation_seconds)
        return cls(
            too_many=too_many < knobs.rate_429,
            retry_after=knobs.retry_after,
            error_before=status if before < knobs.rate_5xx_before else None,
            error_after=status if after < knobs.rate_5xx_after else None,
            lost_answer=lost < knobs.rate_lost_answer,
            late_seconds=knobs.late_answer_seconds if late < knobs.late_answer_rate else 0.0,
            early_webhook=early < knobs.early_webhook_rate,
            late_creation_seconds=seconds if late_creation < knobs.rate_late_creation else None,
            late_creation_refusal=_refusal_at_once(knobs.late_creation_answer, status),
        )

    def strike_before(self) -> None:
        """Refuse before anything was created."""
        if self.too_many:
            raise rate_limited(self.retry_after)
        if self.error_before is not None:
            raise _server_error(self.error_before)

    def strike_after(self) -> None:
        """Fail although the call exists."""
        if self.error_after is not None:
            raise _server_error(self.error_after)


def _refusal_at_once(answer: str, status: int) -> Exception | None:
    """Return what a client gets at once whose call is created late; None when its answer waits for that."""
    return {"wait": None, "5xx": _server_error(status), "cut": LostAnswer()}[answer]


def _server_error(status: int) -> Refusal:
    return Refusal(status, "Internal server error")


def rate_limited(retry_after: float | None, message: str = "Rate limit exceeded") -> Refusal:
    """Return a 429."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Refusal(429, message, headers)
