"""The processes of a story: schedulers and a webhook server, which are killed and come back."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from autolynx.calls import messages
from autolynx.dialing.lanes import SIZES, Lane
from autolynx.dialing.scheduler import LONGEST_ANSWER_SECONDS
from autolynx.dialing.signs_of_life import SignsOfLife
from autolynx.dialing.switchboard import Switchboard
from autolynx.dialing.tick import tick
from autolynx.errors import AutoLynxError, Unavailable
from autolynx.vapi.client import VapiClient
from bench.simulation.database import SimulatedDatabase
from bench.simulation.transport import BASE, Transport
from bench.simulation.world import Process, World

BEAT_SECONDS = 30  # rarer than in the product: a sixth of all calls would be beats


class ProcessClock:
    """The clock of one machine; see `autolynx.waiting.clock.Clock`. `ahead`: how wrong it is."""

    def __init__(self, world: World, chooser: Any, process: Process, ahead: float) -> None:
        self._world, self._chooser, self._process, self._ahead = world, chooser, process, ahead

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._world.date + timedelta(seconds=self._ahead)

    def elapsed(self) -> float:
        """See `Clock.elapsed`."""
        return self._world.now

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        self._process.check_alive()
        self._world.sleep(seconds)
        self._process.check_alive()

    def spread(self, seconds: float) -> float:
        """See `Clock.spread`."""
        task = self._world.task().name
        self._process.occurrences[task] += 1
        return seconds * self._chooser.span(f"spread/{task}/{self._process.occurrences[task]}", 0.8, 1.2)


class TaskLanes:
    """Lanes of tasks; see `autolynx.dialing.lanes.Lanes`. At most a lane's size run at once, the rest wait."""

    #: a lane whose work goes on in another one's place; for a defect that is put back
    SHARED: ClassVar[dict[Lane, Lane]] = {}

    def __init__(self, process: Process, name_of: Callable[[str], str]) -> None:
        self._process, self._name_of = process, name_of
        self._running: Counter[Lane] = Counter()
        self._waiting: dict[Lane, deque[tuple[str, Callable[[], None]]]] = {lane: deque() for lane in Lane}

    def start(self, lane: Lane, work: Callable[[], None]) -> None:
        """See `Lanes.start`."""
        free = dict(
            zip(work.__code__.co_freevars, (cell.cell_contents for cell in work.__closure__ or ()), strict=True)
        )
        place = self.SHARED.get(lane, lane)
        self._waiting[place].append((f"{lane}/{self._name_of(str(free.get('subject', '')))}", work))
        self._begin(place)

    def _begin(self, lane: Lane) -> None:
        while self._waiting[lane] and self._running[lane] < SIZES[lane]:
            name, work = self._waiting[lane].popleft()
            self._running[lane] += 1
            self._process.spawn(name, partial(self._run, lane, work))

    def _run(self, lane: Lane, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._running[lane] -= 1
            if self._process.is_alive:
                self._begin(lane)

    def free(self, lane: Lane) -> int:
        """See `Lanes.free`."""
        return SIZES[lane] - self._running[lane] - len(self._waiting[lane])

    def finish(self, timeout_seconds: float | None = None) -> None:
        """See `Lanes.finish`; nobody in a story asks for it."""
        raise NotImplementedError

    def close(self) -> None:
        """See `Lanes.close`."""


def start_scheduler(story: Any, name: str) -> Process:
    """A scheduler that comes back after it was killed. Its database is in `story.schedulers`."""
    process = Process(story.world, name)
    database = SimulatedDatabase(story.ground, story.world, story.chooser, process, story)
    ahead = story.chooser.span(f"clock/{name}", -3, 3)
    clock = ProcessClock(story.world, story.chooser, process, ahead)

    def run() -> None:
        client = VapiClient(
            BASE,
            "key",
            timeout_seconds=LONGEST_ANSWER_SECONDS,
            transport=Transport(story.provider, process),
            clock=clock,
        )
        worker = story.numbered(name)
        board = Switchboard(
            database, client, story.settings, worker=worker, clock=clock, lanes=TaskLanes(process, story.name_of)
        )
        signs = SignsOfLife(database, story.settings, worker, clock, every_seconds=BEAT_SECONDS)
        _keep_time(story, process, board, signs)

    def come_back() -> None:
        story.tell(name, "is gone")
        away = story.chooser.span(story.numbered(f"restarts/{name}"), 1, 20)
        story.world.after(away, lambda: story.started(name))

    process.when_dead = come_back
    process.spawn("ticks", run)
    story.schedulers[name] = database
    return process


def _keep_time(story: Any, process: Process, board: Switchboard, signs: SignsOfLife) -> None:
    """As `Scheduler.run` does, but for the length of an idle second."""
    beat_at = full_at = story.world.now
    while True:
        try:
            if story.world.now >= full_at:
                full_at = story.world.now + story.settings.default_cron_cadence
                if provider_now := board.client.provider_now():
                    board.database.call("note_provider_clock", provider_now=provider_now)
            if story.world.now >= beat_at:
                beat_at = story.world.now + BEAT_SECONDS
                signs.tell()
            signs.tell_if_unheard()
            tick(board)
        except AutoLynxError:
            story.world.sleep(1.0)
        board.database.wait_for_work(story.idle_seconds(process.name))


def start_door(story: Any, name: str) -> Process:
    """The webhook server."""
    process = Process(story.world, name)
    story.doors[name] = SimulatedDatabase(story.ground, story.world, story.chooser, process, story)

    def come_back() -> None:
        story.tell(name, "is gone")
        story.world.after(story.chooser.span(story.numbered(f"restarts/{name}"), 0.5, 8), lambda: story.started(name))

    process.when_dead = come_back
    return process


def receive(story: Any, process: Process, name: str, body: bytes, answered: Callable[[bool], None]) -> None:
    """One message at the door: taken, or to be sent again."""
    is_answered = False

    def answer(is_taken: bool) -> None:
        nonlocal is_answered
        if not is_answered:
            is_answered = True
            answered(is_taken)

    def run() -> None:
        try:
            messages.receive(story.doors[process.name], story.settings, body)
        except Unavailable:
            answer(False)
        else:
            answer(True)

    process.spawn(f"message {name}", run)
    story.world.after(20.0, lambda: answer(False))  # its patience ends, or the process has died meanwhile
