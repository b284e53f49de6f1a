"""Knobs: how the simulated provider behaves, good or bad; changed while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .outcomes import DEFAULT_RATES, is_outcome

# What a call gets when every line is taken.
OVER_LIMIT = (
    "refuse_400",
    "accept_blocked",
    "accept_then_end",
    "refuse_429",
    "refuse_429_concurrency",
    "wait",
)


# Which answers can be slow.
PATHS = ("POST /call", "GET /call", "GET /call/{id}", "POST control", "other")


class KnobError(ValueError):
    """A knob that does not exist, or a value it cannot take; the text is one sentence."""


@dataclass(frozen=True)
class Knobs:
    """Every knob with its default. Rates are shares from 0 to 1; the README explains each."""

    api_key: str | None = None
    concurrency_limit: int = 10
    inbound_calls: int = 0
    over_limit: str = "refuse_400"
    limits_told: bool = True
    limits_in_refusal: bool = False
    free_line_daily_cap: int = 10
    outcome_rates: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_RATES))
    outcome_by_number: dict[str, str] = field(default_factory=dict)
    call_seconds: list[float] | None = None
    rate_429: float = 0.0
    retry_after: float | None = None
    api_429_rate: float = 0.0
    rate_5xx_before: float = 0.0
    rate_5xx_after: float = 0.0
    rate_lost_answer: float = 0.0
    late_answer_rate: float = 0.0
    late_answer_seconds: float = 5.0
    rate_late_creation: float = 0.0
    late_creation_seconds: list[float] = field(default_factory=lambda: [5.0, 15.0])
    late_creation_answer: str = "wait"
    odd_numbers: dict[str, str | list[str]] = field(default_factory=dict)
    early_webhook_rate: float = 0.0
    webhook_drop_rate: float = 0.0
    webhook_double_rate: float = 0.0
    webhook_reorder_rate: float = 0.0
    webhook_late_rate: float = 0.0
    webhook_delay_seconds: list[float] = field(default_factory=lambda: [0.5, 3.0])
    list_lag_seconds: float = 0.0
    list_forget_rate: float = 0.0
    rate_forget: float = 0.0
    forget_seconds: float = 5.0
    call_404: bool = False
    answer_seconds: list[float] | None = None
    slow_paths: list[str] = field(default_factory=lambda: list(PATHS))
    transcript_megabytes: float = 0.0
    outage: bool = False
    outage_cut: bool = False
    out_of_credit: bool = False
    out_of_credit_as: str = "refuse_400"
    clock_skew_seconds: float = 0.0
    clock_in_date: bool = True

    def changed(self, values: Mapping[str, Any]) -> Knobs:
        """Return these knobs with some of them turned; KnobError names the first that cannot be."""
        for name, value in values.items():
            check = _CHECKS.get(name)
            if check is None:
                raise KnobError(f"There is no knob named {name}; there are: {', '.join(_CHECKS)}.")
            wanted = check(value)
            if wanted:
                raise KnobError(f"The knob {name} takes {wanted}, not {value!r}.")
        return replace(self, **values)

    def as_json(self) -> dict[str, Any]:
        """Return name and value of every knob."""
        return asdict(self)


_LARGEST_MEGABYTES = 100
_LARGEST_SKEW_SECONDS = 366 * 24 * 3600

# A check answers "" when the value is fine, and otherwise says what the knob takes.
Check = Callable[[Any], str]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _rate(value: Any) -> str:
    return "" if _is_number(value) and 0 <= value <= 1 else "a number from 0 to 1"


def _seconds(value: Any) -> str:
    return "" if _is_number(value) and value >= 0 else "a number of seconds, 0 or more"


def _skew(value: Any) -> str:
    fits = _is_number(value) and abs(value) <= _LARGEST_SKEW_SECONDS
    return "" if fits else "a number of seconds, also below 0, of a year at most"


def _optional_seconds(value: Any) -> str:
    return "" if value is None or not _seconds(value) else "a number of seconds, 0 or more, or null"


def _range(value: Any) -> str:
    pair = isinstance(value, list) and len(value) == 2 and all(_is_number(part) for part in value)
    return "" if pair and 0 <= value[0] <= value[1] else "two numbers of seconds [min, max]"


def _optional_range(value: Any) -> str:
    return "" if value is None or not _range(value) else "two numbers of seconds [min, max], or null"


def _megabytes(value: Any) -> str:
    fits = _is_number(value) and 0 <= value <= _LARGEST_MEGABYTES
    return "" if fits else f"a number of megabytes from 0 to {_LARGEST_MEGABYTES}"


def _switch(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _count(value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return "" if whole and value >= 0 else "a whole number, 0 or more"


def _optional_key(value: Any) -> str:
    return "" if value is None or (isinstance(value, str) and value) else "a key that is not empty, or null"


def _choice(*choices: str) -> Check:
    return lambda value: "" if value in choices else f"one of {', '.join(choices)}"


def _paths(value: Any) -> str:
    fits = isinstance(value, list) and all(path in PATHS for path in value)
    return "" if fits else f"a list of these: {', '.join(PATHS)}"


def _outcome_rates(value: Any) -> str:
    fits = (
        isinstance(value, dict)
        and all(is_outcome(name) and _is_number(weight) and weight >= 0 for name, weight in value.items())
        and sum(value.values()) > 0
    )
    return "" if fits else f"weights by outcome, at least one above 0 (outcomes: {', '.join(DEFAULT_RATES)})"


def _outcome_by_number(value: Any) -> str:
    fits = isinstance(value, dict) and all(is_outcome(outcome) for outcome in value.values())
    return "" if fits else f"an outcome by number (outcomes: {', '.join(DEFAULT_RATES)})"


def _odd_numbers(value: Any) -> str:
    fits = isinstance(value, dict) and all(_is_complaint(complaint) for complaint in value.values())
    return "" if fits else "a message by number, or a list of messages"


def _is_complaint(value: Any) -> bool:
    messages = value if isinstance(value, list) and value else [value]
    return all(isinstance(message, str) and message for message in messages)


_CHECKS: dict[str, Check] = {
    "api_key": _optional_key,
    "concurrency_limit": _count,
    "inbound_calls": _count,
    "over_limit": _choice(*OVER_LIMIT),
    "limits_told": _switch,
    "limits_in_refusal": _switch,
    "free_line_daily_cap": _count,
    "outcome_rates": _outcome_rates,
    "outcome_by_number": _outcome_by_number,
    "call_seconds": _optional_range,
    "retry_after": _optional_seconds,
    "late_answer_seconds": _seconds,
    "late_creation_seconds": _range,
    "late_creation_answer": _choice("wait", "5xx", "cut"),
    "odd_numbers": _odd_numbers,
    "webhook_delay_seconds": _range,
    "list_lag_seconds": _seconds,
    "forget_seconds": _seconds,
    "call_404": _switch,
    "answer_seconds": _optional_range,
    "slow_paths": _paths,
    "transcript_megabytes": _megabytes,
    "outage": _switch,
    "outage_cut": _switch,
    "out_of_credit": _switch,
    "out_of_credit_as": _choice("refuse_400", "accept_ended"),
    "clock_skew_seconds": _skew,
    "clock_in_date": _switch,
}
_CHECKS |= {knob.name: _rate for knob in fields(Knobs) if knob.name not in _CHECKS}
