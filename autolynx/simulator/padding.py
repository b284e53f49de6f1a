"""Transcripts of megabytes: the assistant goes on and on at the end of every call that was answered.

The words are the same in each call. They are put in when a call is shown, and no call keeps them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .call import Call
from .clock import Clock

_TURN_CHARACTERS = 4000
_CLAUSE = "You may cancel within fourteen days, in writing, by post or by mail, without giving a reason. "


@dataclass(frozen=True)
class Padding:
    """What is added to one call. It is fixed when the call ends, whatever the knob says later."""

    megabytes: float
    speaker: str | None  # None when no transcript is wanted
    end_ms: int
    end_seconds: float

    @classmethod
    def of(cls, call: Call, clock: Clock) -> Padding | None:
        """Return the padding of a call; None when it has none."""
        progress = call.progress
        if not progress.transcript_megabytes or progress.ended_ms is None:
            return None
        plan: Mapping[str, Any] = (call.assistant.get("artifactPlan") or {}).get("transcriptPlan") or {}
        speaker = None if plan.get("enabled") is False else str(plan.get("assistantName") or "AI")
        end_ms = clock.shown_ms(progress.ended_ms)
        return cls(progress.transcript_megabytes, speaker, end_ms, round(progress.talked_seconds, 3))

    def lengthened(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Return a call, a report or an entry of the books with the padding in its transcript and artifact."""
        longer = dict(shown)
        if "transcript" in shown:
            longer["transcript"] = shown["transcript"] + self._lines()
        if "artifact" in shown:
            said = [*shown["artifact"]["messages"], *map(self._item, _turns(self.megabytes))]
            transcript = shown["artifact"]["transcript"] + self._lines()
            longer["artifact"] = {**shown["artifact"], "messages": said, "transcript": transcript}
        return longer

    def _lines(self) -> str:
        return "" if self.speaker is None else _lines(self.megabytes, self.speaker)

    def _item(self, text: str) -> dict[str, Any]:
        return {
            "role": "bot",
            "message": text,
            "time": self.end_ms,
            "endTime": self.end_ms,
            "secondsFromStart": self.end_seconds,
            "duration": 0,
            "source": "",
        }


@functools.lru_cache(maxsize=2)
def _turns(megabytes: float) -> tuple[str, ...]:
    """Return about so many million characters, in turns."""
    filler = _CLAUSE * (_TURN_CHARACTERS // len(_CLAUSE) + 1)
    size = round(megabytes * 1_000_000)
    starts = range(0, size, _TURN_CHARACTERS)
    return tuple(
        f"Clause {nth}. {filler}"[: min(_TURN_CHARACTERS, size - start)] for nth, start in enumerate(starts, 1)
    )


@functools.lru_cache(maxsize=2)
def _lines(megabytes: float, speaker: str) -> str:
    return "".join(f"{speaker}: {text}\n" for text in _turns(megabytes))
