"""Who has failed to sign in lately, and who must wait for it.

Counted by the pair of address and source, so that nobody locks out the owner of an account from elsewhere; by source
over all addresses, which locks those that failed there and slows the others, since many may come through one proxy;
and by address over all sources, which only slows. The book lasts as long as its process. It forgets nothing before
its time: what it keeps is bounded by how many passwords can be computed in the window.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from autolynx.errors import AutoLynxError

WINDOW_SECONDS = 300.0
MOST_OF_A_PAIR = 10  # failures of one address from one source
#: Of one source, whatever the address; then each address has one failure there, and all attempts one line.
MOST_OF_A_SOURCE = 30
LONGEST_LINE_SECONDS = 20.0  # of one source; who would wait longer comes again
SLOW_FROM = 20  # of one address, wherever from
SLOW_SECONDS = 2.0  # that each further attempt waits then, and the first of a source's line
#: Far more than one process can compute in the window (some hundreds); a full book lets nobody try, and forgets nobody.
MOST_KEPT = 20_000
#: Lines in the audit log a window, of one source and of all: a flood is told of, hides no other and fills no disk.
MOST_NEWS_OF_A_SOURCE, MOST_NEWS = 10, 120

_Key = tuple[str, ...]
News = Literal["failed", "locked"]


class TooManyAttempts(AutoLynxError):
    """Too many attempts. Wait, then try again."""

    code = "too_many_attempts"

    def __init__(self, retry_after_seconds: float) -> None:
        minutes = max(1, math.ceil(retry_after_seconds / 60))
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many attempts. Wait {wait}, then try again.")
        self.retry_after_seconds = max(1, math.ceil(retry_after_seconds))


@dataclass(slots=True, eq=False)
class Attempt:
    """A leave to try once; while it is open it counts as a failure."""

    address: str
    source: str
    slow_seconds: float
    #: whether others have failed where it comes from, as often as makes it wait
    is_in_line: bool
    _failures: Failures
    _is_open: bool = field(default=True, init=False)

    def failed(self, now: float) -> News | None:
        """Keep it as a failure; what of it is worth a line in the audit log."""
        return self._failures._note(self, now)

    def succeeded(self) -> None:
        """Forget it, and what this address failed at from this source: its owner is here."""
        self._failures._forgive(self)

    def dropped(self) -> None:
        """Forget it: nothing was found out. Safe to repeat, and after the end."""
        self._failures._drop(self)


class Failures:
    """The book. Threads may share one; `now` is any clock that only goes forward, in seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[tuple[float, tuple[_Key, ...]]] = deque()
        self._times: dict[_Key, deque[float]] = {}
        self._open: dict[_Key, int] = {}
        self._lines: dict[str, float] = {}  # source -> when the last one of its line may try
        self._news: deque[tuple[float, str]] = deque()

    def begin(self, address: str, source: str, now: float) -> Attempt:
        """A leave to try. Raises TooManyAttempts; attempts under way count as failures until they are over."""
        with self._lock:
            self._forget_before(now - WINDOW_SECONDS)
            pair, by_source, by_address = keys = _keys(address, source)
            is_in_line = self._count(by_source) >= MOST_OF_A_SOURCE
            if self._count(pair) >= (1 if is_in_line else MOST_OF_A_PAIR):
                raise TooManyAttempts(self._free_in(pair, now, is_in_line=is_in_line))
            if len(self._kept) >= MOST_KEPT:
                raise TooManyAttempts(self._kept[0][0] + WINDOW_SECONDS - now)
            slow_seconds = SLOW_SECONDS if self._count(by_address) >= SLOW_FROM else 0.0
            if is_in_line:
                slow_seconds = self._take_place(source, now)
            for key in keys:
                self._open[key] = self._open.get(key, 0) + 1
        return Attempt(address, source, slow_seconds, is_in_line, self)

    def _take_place(self, source: str, now: float) -> float:
        """At the end of a source's line; how long it is."""
        self._lines = {place: last_at for place, last_at in self._lines.items() if last_at > now}
        turn_at = self._lines.get(source, now) + SLOW_SECONDS
        if turn_at - now > LONGEST_LINE_SECONDS:
            raise TooManyAttempts(SLOW_SECONDS)
        self._lines[source] = turn_at
        return turn_at - now

    def __len__(self) -> int:
        """How many failures are kept."""
        return len(self._kept)

    def _note(self, attempt: Attempt, now: float) -> News | None:
        keys = _keys(attempt.address, attempt.source)
        with self._lock:
            self._close(attempt)
            self._forget_before(now - WINDOW_SECONDS)
            self._kept.append((now, keys))
            for key in keys:
                self._times.setdefault(key, deque()).append(now)
            pair, by_source, _ = keys
            if len(self._times[pair]) == MOST_OF_A_PAIR or len(self._times[by_source]) == MOST_OF_A_SOURCE:
                return self._worth_telling("locked", attempt.source, now)
            return self._worth_telling("failed", attempt.source, now) if len(self._times[pair]) == 1 else None

    def _worth_telling(self, news: News, source: str, now: float) -> News | None:
        of_this_source = sum(told_of == source for _, told_of in self._news)
        if of_this_source >= MOST_NEWS_OF_A_SOURCE or len(self._news) >= MOST_NEWS:
            return None
        self._news.append((now, source))
        return news

    def _forgive(self, attempt: Attempt) -> None:
        """The pair alone: who owns one account could else wipe out what he tries on others."""
        with self._lock:
            self._close(attempt)
            self._times.pop(_keys(attempt.address, attempt.source)[0], None)

    def _drop(self, attempt: Attempt) -> None:
        with self._lock:
            self._close(attempt)

    def _close(self, attempt: Attempt) -> None:
        if not attempt._is_open:
            return
        attempt._is_open = False
        for key in _keys(attempt.address, attempt.source):
            left = self._open[key] - 1
            if left:
                self._open[key] = left
            else:
                del self._open[key]

    def _count(self, key: _Key) -> int:
        return len(self._times.get(key, ())) + self._open.get(key, 0)

    def _free_in(self, pair: _Key, now: float, *, is_in_line: bool) -> float:
        times = self._times.get(pair)
        if not times:
            return 1.0  # all under way: over in a moment
        return times[-1 if is_in_line else 0] + WINDOW_SECONDS - now

    def _forget_before(self, moment: float) -> None:
        while self._kept and self._kept[0][0] <= moment:
            for key in self._kept.popleft()[1]:
                times = self._times.get(key)
                while times and times[0] <= moment:
                    times.popleft()
                if times is not None and not times:
                    del self._times[key]
        while self._news and self._news[0][0] <= moment:
            self._news.popleft()


def _keys(address: str, source: str) -> tuple[_Key, _Key, _Key]:
    return ("pair", address, source), ("source", source), ("address", address)
