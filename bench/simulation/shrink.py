"""From a story that breaks a promise to the shortest that breaks the same one: delta debugging of its faults."""

from __future__ import annotations

import re
import time
from dataclasses import replace

from bench.simulation.database import Ground
from bench.simulation.story import Ending, Told, tell

MOST_RUNS = 120
MOST_SECONDS = 90.0
MOST_LINES = 50
_CONTACT = re.compile(r"c\d+-\d{4}")
_CAMPAIGN = re.compile(r"c\d+ is ")


def shrunk(ground: Ground, ending: Ending) -> Ending:
    """The shortest story found with the same first broken promise. Kinds first, then halves, then single faults."""
    return _Shrinker(ground, ending).run()


class _Shrinker:
    def __init__(self, ground: Ground, ending: Ending) -> None:
        self._ground = ground
        self._code = _code(ending)
        self._runs = 0
        self._began = time.monotonic()
        self.best = ending

    def run(self) -> Ending:
        if self.best.told.scene:
            return self.best
        told = replace(self.best.told, allowed=frozenset(self.best.fired))
        if not self._try(told):
            return self.best  # it does not replay: the story itself says more
        self._without_kinds()
        self._by_halves()
        self._smaller()
        self._by_halves()
        return self.best

    def _try(self, told: Told) -> bool:
        if self._runs >= MOST_RUNS or time.monotonic() - self._began > MOST_SECONDS:
            return False
        self._runs += 1
        ending = tell(self._ground, told)
        if not ending.broken or _code(ending) != self._code:
            return False
        self.best = ending
        return True

    @property
    def _allowed(self) -> list[str]:
        return sorted(self.best.told.allowed or ())

    def _allow(self, faults: list[str]) -> bool:
        return self._try(replace(self.best.told, allowed=frozenset(faults)))

    def _without_kinds(self) -> None:
        for kind in sorted({fault.partition(":")[0] for fault in self._allowed}):
            rest = [fault for fault in self._allowed if fault.partition(":")[0] != kind]
            if len(rest) < len(self._allowed):
                self._allow(rest)

    def _by_halves(self) -> None:
        """Delta debugging (Zeller and Hildebrandt 2002): leave out ever smaller parts."""
        parts = 2
        while len(self._allowed) >= 1 and parts <= 2 * len(self._allowed):
            faults = self._allowed
            size = max(len(faults) // parts, 1)
            pieces = [faults[at : at + size] for at in range(0, len(faults), size)]
            if any(self._allow([fault for fault in faults if fault not in piece]) for piece in pieces):
                parts = max(parts - 1, 2)
            elif size == 1:
                return
            else:
                parts = min(parts * 2, len(faults))

    def _smaller(self) -> None:
        self._try(replace(self.best.told, is_calm=True))
        for contacts in (2, 4, 8, 15):
            if contacts < self.best.told.contacts and self._try(replace(self.best.told, contacts=contacts)):
                break
        for most in (1, 2, 3):
            if self._try(replace(self.best.told, most_at_once=most)):
                break


def _code(ending: Ending) -> str:
    return ending.broken[0].partition(":")[0]


def told_in_words(ending: Ending, *, is_whole: bool = False) -> str:
    """The story: virtual time, who, what; at most fifty lines of it, and how to hear it again."""
    told = ending.told
    concerned = set(_CONTACT.findall(" ".join(ending.broken)))
    lines = [line for line in ending.lines if is_whole or _is_told(line, concerned)]
    if not is_whole and len(lines) > MOST_LINES:
        lines = [line for line in lines if line[1] == "BROKEN" or any(name in line[2] for name in concerned)][
            -MOST_LINES:
        ]
    size = f"{told.contacts} contacts" + (f", at most {told.most_at_once} at once" if told.most_at_once else "")
    faults = f"faults: {' '.join(ending.fired)}" if len(ending.fired) < MOST_LINES else f"{len(ending.fired)} faults"
    head = f"seed {told.seed}: {ending.broken[0] if ending.broken else 'every promise kept'}"
    again = f"   ({size}{', calm' if told.is_calm else ''}; {faults})"
    return "\n".join([head, again, *(f"   {at:8.2f}  {who:12} {what}" for at, who, what in lines)])


def _is_told(line: tuple[float, str, str], concerned: set[str]) -> bool:
    _, who, what = line
    if who in ("fate", "people", "BROKEN") or not concerned:
        return who != "scheduler-a" or "claim" not in what
    return any(name in what for name in concerned) or _CAMPAIGN.match(what) is not None
