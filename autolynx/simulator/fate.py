"""What becomes of a call: drawn once, from the seed, the number and how often it was called before."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from . import scripts
from .chance import chance
from .conversation import Cast, Turn, conversation, spoken
from .knobs import Knobs
from .outcomes import CUSTOM_PREFIX

NO_LINE = "call.start.error-subscription-concurrency-limit-reached"
_UNANSWERED = ("no_answer", "busy", "misdialed", "failed_to_connect")
_NEVER_RINGS = ("failed_to_connect", "misdialed")
_DEFAULT_MAX_SECONDS = 600
_DEFAULT_SILENCE_SECONDS = 30


@dataclass(frozen=True)
class Fate:
    """The course of one call. Lengths are simulated seconds; turns are timed from the answer."""

    outcome: str
    ended_reason: str
    queue_seconds: float
    ring_seconds: float
    talk_seconds: float
    report_seconds: float
    answered: bool
    summary: str = ""
    succeeded: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)

    @property
    def rings(self) -> bool:
        """Tell whether the phone rings at all."""
        return self.ring_seconds > 0

    def as_json(self) -> dict[str, Any]:
        """Return a form that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Fate:
        """Return the fate that `as_json` gave."""
        turns = [Turn(**turn) for turn in stored["turns"]]
        return cls(**{**stored, "turns": turns})


def stillborn(ended_reason: str) -> Fate:
    """Return the fate of a call that ends before anything is dialed."""
    return Fate("not_started", ended_reason, 0.05, 0, 0, 0.2, answered=False)


def turned_away(seed: int, number: str, nth: int) -> Fate:
    """Return the fate of a call that looks accepted for a moment, until it is found that no line is free."""
    source = chance(seed, "turned away", number, nth)
    queue, report = source.uniform(0.3, 2), source.uniform(3, 6)
    return replace(stillborn(NO_LINE), queue_seconds=queue, report_seconds=report)


def draw(seed: int, number: str, nth: int, assistant: Mapping[str, Any], cast: Cast, knobs: Knobs) -> Fate:
    """Draw the fate of the `nth` call (from 0) to a number."""
    source = chance(seed, "call", number, nth)
    outcome = _outcome(source, number, knobs)
    fate = _course(source, outcome, assistant, cast)
    if knobs.call_seconds is not None:
        fate = _stretched(fate, source.uniform(*knobs.call_seconds))
    return fate


def _outcome(source: random.Random, number: str, knobs: Knobs) -> str:
    names = list(knobs.outcome_rates)
    drawn = source.choices(names, [knobs.outcome_rates[name] for name in names])[0]
    return knobs.outcome_by_number.get(number, drawn)


def _course(source: random.Random, outcome: str, assistant: Mapping[str, Any], cast: Cast) -> Fate:
    queue, ring = source.uniform(0.3, 1.2), source.uniform(4, 25)
    report = source.uniform(3, 6)
    if outcome.startswith(CUSTOM_PREFIX):
        return _custom(source, outcome.removeprefix(CUSTOM_PREFIX), assistant, cast, queue, ring, report)
    if outcome in _UNANSWERED:
        reasons = scripts.ENDED_REASONS[outcome]
        reason = source.choice(reasons) if len(reasons) > 1 else reasons[0]  # with one, nothing is drawn
        if outcome == "no_answer":
            ring = _ring_limit(assistant, source.uniform(20, 25))
        if outcome in _NEVER_RINGS:
            queue, ring = queue + source.uniform(0.5, 3), 0
        return Fate(outcome, reason, queue, ring, 0, report, answered=False)
    return _talk(source, outcome, assistant, cast, queue, ring, report)


def _ring_limit(assistant: Mapping[str, Any], wanted: float) -> float:
    plans = assistant.get("transportConfigurations") or [{}]
    return min(wanted, plans[0].get("timeout") or 60)


def _custom(
    source: random.Random,
    reason: str,
    assistant: Mapping[str, Any],
    cast: Cast,
    queue: float,
    ring: float,
    report: float,
) -> Fate:
    """Return a call that ends with a given reason, at the moment at which such a reason makes sense."""
    if reason.startswith(("call.start.", "call-start-")):
        return replace(stillborn(reason), outcome=CUSTOM_PREFIX + reason)
    if reason.startswith(("customer-did-not", "customer-busy", "twilio-", "vonage-", "manually")):
        return Fate(CUSTOM_PREFIX + reason, reason, queue, ring, 0, report, answered=False)
    fate = _talk(source, "interested", assistant, cast, queue, ring, report)
    return replace(fate, outcome=CUSTOM_PREFIX + reason, ended_reason=reason, succeeded=False)


def _talk(
    source: random.Random,
    outcome: str,
    assistant: Mapping[str, Any],
    cast: Cast,
    queue: float,
    ring: float,
    report: float,
) -> Fate:
    told = conversation(source, outcome, assistant, cast)
    seconds, reason = told.seconds, told.ended_reason
    if outcome == "silence":
        seconds += float(assistant.get("silenceTimeoutSeconds") or _DEFAULT_SILENCE_SECONDS)
    limit = float(assistant.get("maxDurationSeconds") or _DEFAULT_MAX_SECONDS)
    if outcome == "max_duration" or seconds > limit:
        seconds, reason = limit, "exceeded-max-duration"
    return Fate(
        outcome,
        reason,
        queue,
        ring,
        seconds,
        report,
        answered=True,
        summary=told.summary,
        succeeded=told.succeeded,
        facts=told.facts,
        turns=spoken(told.turns, seconds),
    )


def _stretched(fate: Fate, total: float) -> Fate:
    """Return the fate with its length from creation to the end made `total`, in proportion."""
    factor = total / (fate.queue_seconds + fate.ring_seconds + fate.talk_seconds)
    turns = [replace(turn, start=turn.start * factor, length=turn.length * factor) for turn in fate.turns]
    return replace(
        fate,
        queue_seconds=fate.queue_seconds * factor,
        ring_seconds=fate.ring_seconds * factor,
        talk_seconds=fate.talk_seconds * factor,
        turns=turns,
    )
