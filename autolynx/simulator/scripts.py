"""What people say, and the words for what becomes of calls: read from the files in `scenery`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

Line = tuple[str, str]  # A for the assistant or U for the person called, and the text
Block = tuple[Line, ...]


def _scenery(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "scenery" / f"{name}.toml").read_text(encoding="utf-8"))


def _line(written: str) -> Line:
    speaker, _, text = written.partition(": ")
    return speaker, text


def _blocks(written: list[list[str]]) -> tuple[Block, ...]:
    return tuple(tuple(map(_line, block)) for block in written)


_CONVERSATIONS, _OUTCOMES = _scenery("conversations"), _scenery("outcomes")

FIRST_MESSAGE = _line(_CONVERSATIONS["first_message"])
FIRST_MESSAGE_TO_A_MACHINE = _line(_CONVERSATIONS["first_message_to_a_machine"])
GREETINGS = _blocks(_CONVERSATIONS["greetings"])
PITCHES = _blocks(_CONVERSATIONS["pitches"])
QUESTIONS = _blocks(_CONVERSATIONS["questions"])
HANGUPS = _blocks(_CONVERSATIONS["hangups"])
MACHINES = _blocks(_CONVERSATIONS["machines"])
RAMBLES = _blocks(_CONVERSATIONS["rambles"])
SILENCE: Block = tuple(map(_line, _CONVERSATIONS["silence"]))

#: outcome -> what belongs to it
WEIGHTS: dict[str, float] = {name: told["weight"] for name, told in _OUTCOMES.items()}
SUMMARIES: dict[str, list[str]] = {name: told["summaries"] for name, told in _OUTCOMES.items() if "summaries" in told}
STAGES: dict[str, list[str]] = {name: told["stages"] for name, told in _OUTCOMES.items() if "stages" in told}
ENDINGS = {name: _blocks(told["endings"]) for name, told in _OUTCOMES.items() if "endings" in told}

#: word in braces -> those of which a call has one
WORDS: dict[str, list[str]] = _scenery("words")
#: outcome -> `endedReason`s, of which a call has one
ENDED_REASONS: dict[str, list[str]] = _scenery("ended_reasons")
