"""What was done in a run and when: by whoever plays a part of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.chaos.plan import Step


@dataclass(frozen=True)
class Deed:
    """What a person did, and when it was committed: no request may leave for it from then on (or may again)."""

    what: str  # start, pause, resume, stop, hang-up, do-not-call
    subject: str  # the campaign's id, the number, or the provider's id of the call
    began_at: datetime
    committed_at: datetime


@dataclass
class Diary:
    """Threads share it."""

    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    deeds: list[Deed] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, text: str = "") -> None:
        """Something was done; it is counted by its name."""
        with self._lock:
            self.counts[what] += 1
            self.lines.append(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {what} {text}".rstrip())

    def did(self, deed: Deed) -> None:
        """A person did something."""
        self.note(deed.what, f"{deed.subject} took {(deed.committed_at - deed.began_at) / timedelta(seconds=1):.2f} s")
        with self._lock:
            self.deeds.append(deed)

    def broke(self, text: str) -> None:
        """Something went wrong that no part of the plan explains."""
        self.note("broke", text)
        with self._lock:
            self.broken.append(text)


def play(name: str, steps: Iterable[Step], perform: Callable[[Step], None], diary: Diary) -> threading.Thread:
    """Perform the steps at their times from now on, on a thread of their own."""
    began = time.monotonic()

    def perform_all() -> None:
        for step in steps:
            time.sleep(max(0.0, began + step.at - time.monotonic()))
            try:
                perform(step)
            except Exception as error:  # a part that breaks off must not be taken for a calm run
                diary.broke(f"{name}: {step.what} {step.subject}: {error!r}")

    thread = threading.Thread(target=perform_all, name=name, daemon=True)
    thread.start()
    return thread
