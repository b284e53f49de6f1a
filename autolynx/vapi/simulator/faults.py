"""Faults of `POST /call` that knobs ask for, drawn by number and attempt."""

from __future__ import annotations

from dataclasses import dataclass

from .chance import chance
from .errors import Refusal
from .simulator import Simulator

_SERVER_ERRORS = (500, 502, 503, 504)


class LostAnswer(Exception):
    """The request was done, and its connection is to be cut without an answer."""


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

    @classmethod
    def drawn(cls, simulator: Simulator, number: str) -> Faults:
        """Draw the faults of the next request about a number."""
        knobs = simulator.knobs
        simulator.tally.attempts[number] += 1
        source = chance(simulator.seed, "fault", number, simulator.tally.attempts[number])
        too_many, before, after, lost, late, early = (source.random() for _ in range(6))
        status = source.choice(_SERVER_ERRORS)
        return cls(
            too_many=too_many < knobs.rate_429,
            retry_after=knobs.retry_after,
            error_before=status if before < knobs.rate_5xx_before else None,
            error_after=status if after < knobs.rate_5xx_after else None,
            lost_answer=lost < knobs.rate_lost_answer,
            late_seconds=knobs.late_answer_seconds if late < knobs.late_answer_rate else 0.0,
            early_webhook=early < knobs.early_webhook_rate,
        )

    def strike_before(self) -> None:
        """Refuse before anything was created."""
        if self.too_many:
            raise rate_limited(self.retry_after)
        if self.error_before is not None:
            raise Refusal(self.error_before, "Internal server error")

    def strike_after(self) -> None:
        """Fail although the call exists."""
        if self.error_after is not None:
            raise Refusal(self.error_after, "Internal server error")


def rate_limited(retry_after: float | None, message: str = "Rate limit exceeded") -> Refusal:
    """Return a 429."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Refusal(429, message, headers)
