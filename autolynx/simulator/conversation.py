"""Conversations: blocks of `scripts` put together, filled in and timed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import scripts
from .liquid import rendered
from .scripts import Line

_WORDS_PER_SECOND = 2.6
_SHORTEST_TALK, _LONGEST_TALK = 20.0, 150.0


@dataclass(frozen=True)
class Turn:
    """One thing said. Times are simulated seconds from the answer."""

    role: str  # bot or user
    text: str
    start: float
    length: float


@dataclass(frozen=True)
class Cast:
    """Who is called, and the words prompts may use."""

    name: str
    company: str
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """Return the first name."""
        return self.name.split()[0] if self.name.split() else "there"

    @classmethod
    def of(cls, customer: Mapping[str, Any], assistant: Mapping[str, Any]) -> Cast:
        """Return the cast of a call to a customer."""
        values = dict(assistant.get("variableValues") or {})
        company = values.get("business_name") or values.get("businessName") or values.get("company")
        variables = {**values, "customer": {**dict(customer), **_as_mapping(values.get("customer"))}}
        return cls(str(customer.get("name") or ""), str(company or "your company"), variables)


@dataclass(frozen=True)
class Conversation:
    """A talk and what it came to."""

    turns: list[Turn]
    seconds: float
    ended_reason: str
    summary: str
    succeeded: bool
    facts: dict[str, Any]


def conversation(source: random.Random, outcome: str, assistant: Mapping[str, Any], cast: Cast) -> Conversation:
    """Return a conversation that comes to an outcome."""
    words = _words(source, cast)
    lines, reason = _lines(source, outcome, assistant)
    texts = [(speaker, _filled(text, words, cast)) for speaker, text in lines]
    turns, seconds = _timed(source, texts)
    seconds = _within_reason(outcome, turns, seconds)
    return Conversation(
        turns=turns,
        seconds=seconds,
        ended_reason=reason,
        summary=source.choice(scripts.SUMMARIES[outcome]).format(**words),
        succeeded=outcome in ("demo_booked", "interested", "callback"),
        facts=_facts(outcome, words),
    )


def spoken(turns: list[Turn], seconds: float) -> list[Turn]:
    """Return what is said until a moment; a sentence under way is cut there."""
    heard = [turn for turn in turns if turn.start < seconds]
    return [Turn(turn.role, turn.text, turn.start, min(turn.length, seconds - turn.start)) for turn in heard]


def _as_mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _words(source: random.Random, cast: Cast) -> dict[str, str]:
    return {
        "name": cast.name or "the person in charge",
        "first": cast.first,
        "company": cast.company,
        "day": source.choice(scripts.WORDS["day"]),
        "hour": source.choice(scripts.WORDS["hour"]),
        "crm": source.choice(scripts.WORDS["crm"]),
        "price": source.choice(scripts.WORDS["price"]),
        "days": str(source.randint(2, 9)),
        "daytime": source.choice(scripts.WORDS["daytime"]),
    }


def _filled(text: str, words: Mapping[str, str], cast: Cast) -> str:
    """Fill in a line: one of ours, or one of the assistant's own, which is a Liquid template."""
    if text.startswith(_TEMPLATE_MARK):
        return rendered(text.removeprefix(_TEMPLATE_MARK), cast.variables)
    return text.format(**words)


_TEMPLATE_MARK = "\x00"


def _own_line(assistant: Mapping[str, Any], key: str, otherwise: Line | None = None) -> list[Line]:
    text = assistant.get(key)
    if text:
        return [("A", _TEMPLATE_MARK + str(text))]
    return [otherwise] if otherwise else []


def _opening(source: random.Random, assistant: Mapping[str, Any]) -> list[Line]:
    greeting = list(source.choice(scripts.GREETINGS))
    first = _own_line(assistant, "firstMessage", scripts.FIRST_MESSAGE)
    waits = assistant.get("firstMessageMode") == "assistant-waits-for-user" or not assistant.get("firstMessage")
    return greeting + first if waits else first


def _lines(source: random.Random, outcome: str, assistant: Mapping[str, Any]) -> tuple[list[Line], str]:
    """Return what is said, and how the call ends."""
    if outcome == "voicemail":
        return _machine_lines(source, assistant)
    opening = _opening(source, assistant)
    if outcome == "hangup":
        return opening + list(source.choice(scripts.HANGUPS)), "customer-ended-call"
    if outcome == "silence":
        return [*opening, *scripts.SILENCE], "silence-timed-out"
    if outcome == "max_duration":
        return opening + list(_rambling(source)), "exceeded-max-duration"
    if outcome == "pipeline_error":
        return opening + list(source.choice(scripts.PITCHES)[:2]), source.choice(scripts.ENDED_REASONS[outcome])
    return _sales_lines(source, outcome, assistant, opening)


def _sales_lines(
    source: random.Random, outcome: str, assistant: Mapping[str, Any], opening: list[Line]
) -> tuple[list[Line], str]:
    lines = list(opening)
    if "pitches" in scripts.STAGES[outcome]:
        lines += source.choice(scripts.PITCHES)
    if "questions" in scripts.STAGES[outcome]:
        for block in source.sample(scripts.QUESTIONS, source.randint(1, 3)):
            lines += block
    lines += source.choice(scripts.ENDINGS[outcome])
    if source.random() < 0.5:
        return lines, "customer-ended-call"
    return lines + _own_line(assistant, "endCallMessage"), "assistant-ended-call"


def _machine_lines(source: random.Random, assistant: Mapping[str, Any]) -> tuple[list[Line], str]:
    """Return a call that a machine answers: noticed as such only with voicemail detection on."""
    greeting = list(source.choice(scripts.MACHINES))
    if _detects_machines(assistant):
        return greeting + _own_line(assistant, "voicemailMessage"), "voicemail"
    return greeting + _own_line(assistant, "firstMessage", scripts.FIRST_MESSAGE_TO_A_MACHINE), "customer-ended-call"


def _detects_machines(assistant: Mapping[str, Any]) -> bool:
    detection = assistant.get("voicemailDetection")
    return isinstance(detection, Mapping) and detection.get("enabled") is not False


def _rambling(source: random.Random) -> Iterator[Line]:
    for _ in range(80):
        yield from source.choice(scripts.RAMBLES)


def _timed(source: random.Random, texts: list[Line]) -> tuple[list[Turn], float]:
    moment, turns = source.uniform(0.8, 1.6), []
    for speaker, text in texts:
        length = max(0.6, len(text.split()) / _WORDS_PER_SECOND)
        turns.append(Turn("bot" if speaker == "A" else "user", text, round(moment, 3), round(length, 3)))
        moment += length + source.uniform(0.3, 1.4)
    return turns, moment


def _within_reason(outcome: str, turns: list[Turn], seconds: float) -> float:
    """Keep a talk between 20 and 150 seconds; who hangs up at once does so sooner."""
    if outcome in ("hangup", "silence", "max_duration", "pipeline_error"):
        return seconds
    if seconds > _LONGEST_TALK:
        turns[:] = spoken(turns, _LONGEST_TALK)
    return min(max(seconds, _SHORTEST_TALK), _LONGEST_TALK)


def _facts(outcome: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what an analysis could extract; a schema picks from these by name."""
    positive = outcome in ("demo_booked", "interested")
    facts: dict[str, Any] = {
        "outcome": outcome,
        "interested": positive,
        "demo_booked": outcome == "demo_booked",
        "meeting_booked": outcome == "demo_booked",
        "callback_requested": outcome == "callback",
        "do_not_call": outcome == "do_not_call",
        "interest_level": "high" if outcome == "demo_booked" else "medium" if positive else "low",
    }
    if outcome in ("demo_booked", "callback"):
        facts |= {"day": words["day"], "time": words["hour"], "follow_up": f"{words['day']} {words['hour']}"}
    return facts
