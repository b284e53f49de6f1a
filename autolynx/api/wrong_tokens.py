"""Requests whose token was wrong: counted by source, told of, and soon answered without a look.

Only failures are counted and slowed; a right token passes whatever its source has done before, since many may come
through one proxy. The book lasts as long as its process and has a fixed size.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from starlette.types import Scope

from autolynx import access
from autolynx.api.answers import Answer
from autolynx.api.errors import error_answer
from autolynx.database import Database
from autolynx.errors import AutoLynxError, Unauthorized
from autolynx.operations.metrics import Metrics

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60.0
MOST_OF_A_SOURCE = 100  # wrong tokens in a window; then it is told to wait
MOST_OF_ALL = 2_000
#: Beyond, all further sources are one.
MOST_SOURCES = 1_000
OTHERS = "others"
#: Lines of the audit log an hour, and of the log a minute: a flood is told of, and fills no disk.
MOST_AUDITED, MOST_LOGGED = 60, 60
_AN_HOUR = 3600.0


@dataclass(slots=True)
class Window:
    """The wrong tokens of one source at one door within a minute."""

    door: str
    source: str
    until: float
    count: int = 0


class Book:
    """Who has shown wrong tokens within the minute. `now`: any clock that only goes forward, in seconds."""

    def __init__(self) -> None:
        self._windows: OrderedDict[tuple[str, str], Window] = OrderedDict()  # the oldest first
        self._all = Window("all", "all", 0.0)

    def __len__(self) -> int:
        """How many sources are kept."""
        return len(self._windows)

    def note(self, door: str, source: str, now: float) -> tuple[Window, float | None]:
        """Count one; its window, and for how long the source has to wait, None while it need not."""
        if now >= self._all.until:
            self._all = Window("all", "all", now + WINDOW_SECONDS)
        self._all.count += 1
        window = self._window(door, source, now)
        window.count += 1
        if self._all.count > MOST_OF_ALL:
            return window, self._all.until - now
        return window, window.until - now if window.count > MOST_OF_A_SOURCE else None

    def close(self, now: float) -> list[Window]:
        """Forget the windows that are over."""
        over = []
        while self._windows and next(iter(self._windows.values())).until <= now:
            over.append(self._windows.popitem(last=False)[1])
        return over

    def _window(self, door: str, source: str, now: float) -> Window:
        found = self._windows.get((door, source))
        if found is None:
            if len(self._windows) >= MOST_SOURCES and source != OTHERS:
                return self._window(door, OTHERS, now)
            found = self._windows[(door, source)] = Window(door, source, now + WINDOW_SECONDS)
        return found


class Quota:
    """So many in so long a time."""

    def __init__(self, most: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=most)
        self._most = most

    def take(self, now: float) -> bool:
        """Whether one more is within it."""
        if len(self._times) == self._most and now - self._times[0] < self._seconds:
            return False
        self._times.append(now)
        return True


class WrongTokens:
    """Answers them, and says so in the log, the audit log and the metrics. Used on one event loop."""

    def __init__(self, database: Database, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock
        self._book = Book()
        self._logged, self._audited = Quota(MOST_LOGGED, WINDOW_SECONDS), Quota(MOST_AUDITED, _AN_HOUR)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="wrong-tokens")
        self._closing: asyncio.TimerHandle | None = None

    def answer(self, door: str, scope: Scope, error: Unauthorized) -> Answer:
        """401, or 429 to a source that has tried too often. `door`: which token was asked for."""
        now = self._clock()
        self._close(now)
        window, wait = self._book.note(door, source_of(scope), now)
        if window.count in (1, MOST_OF_A_SOURCE + 1):
            self._tell(window, is_limited=window.count > 1, now=now)
        self._metrics.count_wrong_token(door, is_limited=wait is not None)
        if self._closing is None:
            self._closing = asyncio.get_running_loop().call_later(WINDOW_SECONDS, self._close_later)
        if wait is None:
            return error_answer(401, error.code, error.message)
        headers = {"Retry-After": str(max(1, math.ceil(wait)))}
        return error_answer(429, "too_many_attempts", "Too many wrong tokens; please wait a minute.", headers=headers)

    def _tell(self, window: Window, *, is_limited: bool, now: float) -> None:
        if self._logged.take(now):
            event = "wrong_tokens_limited" if is_limited else "wrong_token"
            log.warning(event, door=window.door, source=window.source, count=window.count)
        if self._audited.take(now):
            self._thread.submit(self._audit, window.door, window.source, window.count)

    def _audit(self, door: str, source: str, count: int) -> None:
        try:
            self._database.call("note_wrong_token", door=door, source=source, count=count)
        except AutoLynxError as error:  # the line in the log has to do
            log.warning("wrong_token_not_audited", error=str(error), details=error.details)
        except Exception:  # nobody looks at what this thread raises
            log.exception("wrong_token_not_audited")

    def _close_later(self) -> None:
        self._closing = None
        self._close(self._clock())
        if len(self._book):
            self._closing = asyncio.get_running_loop().call_later(WINDOW_SECONDS, self._close_later)

    def _close(self, now: float) -> None:
        for window in self._book.close(now):
            if window.count > 1 and self._logged.take(now):
                log.warning("wrong_tokens", door=window.door, source=window.source, count=window.count)


def source_of(scope: Scope) -> str:
    """Where a request comes from, as failures are counted."""
    client = scope.get("client")
    return access.source_of(client[0] if client else None)
