"""Virtual time, and the tasks that live in it: one thread, one heap of what happens next, a greenlet for each task."""

from __future__ import annotations

import heapq
import itertools
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import greenlet

#: years away from any real time, so that a real time which leaks into the database is seen; a Tuesday
EPOCH = datetime(2035, 3, 6, 23, 57, tzinfo=UTC)


class Died(BaseException):
    """The process this task belonged to is gone. Nothing catches it; the seams of a dead process raise it at once."""


class NeverEnds(Exception):
    """The story took more virtual time, or more steps, than any may."""


class Task(greenlet.greenlet):
    """One line of work of a process."""

    def __init__(self, process: Process, name: str, work: Callable[[], None]) -> None:
        super().__init__(self._run, parent=process.world.hub)
        self.process = process
        self.name = name
        self.has_begun = False
        self._work = work

    def _run(self) -> None:
        self.has_begun = True
        try:
            self._work()
        except Died:
            pass
        except Exception:
            self.process.world.broken.append(f"{self.process.name}: {self.name}: {traceback.format_exc()}")
        finally:
            self.process.tasks.pop(self, None)

    def go_on(self) -> None:
        """Run until it waits again. Called by the hub."""
        if self.process.is_alive and not self.dead:
            self.switch()


class World:
    """The hub. `now`: virtual seconds since EPOCH."""

    def __init__(self) -> None:
        self.now = 0.0
        self.steps = 0
        self.hub = greenlet.getcurrent()
        self.broken: list[str] = []
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    @property
    def date(self) -> datetime:
        """The true time."""
        return EPOCH + timedelta(seconds=self.now)

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Let something happen later; at one moment in the order they were asked for."""
        heapq.heappush(self._heap, (self.now + max(seconds, 0.0), next(self._numbers), do))

    def task(self) -> Task:
        """The task that runs now."""
        current = greenlet.getcurrent()
        assert isinstance(current, Task), "only a task may wait"
        return current

    def sleep(self, seconds: float) -> None:
        """Let the present task wait."""
        task = self.task()
        self.after(seconds, task.go_on)
        self.hub.switch()

    def wait(self, waiter: Waiter, timeout: float | None = None) -> Any:
        """Let the present task wait for `waiter.wake`; the answer is what it brings, None at time-out."""
        task = self.task()
        if not waiter.is_over:
            waiter.task = task
            if timeout is not None:
                self.after(timeout, waiter.time_out)
            self.hub.switch()
        return waiter.value

    def run(self, is_over: Callable[[], bool], *, longest: float, most_steps: int, most_real_seconds: float) -> None:
        """Let things happen until `is_over`. Raises NeverEnds."""
        began = time.monotonic()
        while not is_over():
            if not self._heap:
                raise NeverEnds("nothing is left to happen")
            self.now, _, do = heapq.heappop(self._heap)
            self.steps += 1
            if self.now > longest or self.steps > most_steps:
                raise NeverEnds(f"not over after {self.now:.0f} s and {self.steps} steps")
            if self.steps % 500 == 0 and time.monotonic() - began > most_real_seconds:
                raise NeverEnds(f"not over after {most_real_seconds:.0f} real seconds")
            do()


class Waiter:
    """What one task waits for; the first of `wake` and the time-out counts."""

    def __init__(self, world: World) -> None:
        self.value: Any = None
        self.is_over = False
        self.task: Task | None = None
        self._world = world

    def wake(self, value: Any = True) -> None:
        """Let the task go on, with this."""
        self._end(value)

    def time_out(self) -> None:
        """Let it go on with nothing."""
        self._end(None)

    def _end(self, value: Any) -> None:
        if not self.is_over:
            self.is_over, self.value = True, value
            if self.task is not None:
                self._world.after(0, self.task.go_on)


class Process:
    """Something that can be killed at any moment: its tasks end where they are, its seams raise."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.is_alive = True
        self.tasks: dict[Task, None] = {}
        self.when_dead: Callable[[], None] = lambda: None
        self.occurrences: Counter[str] = Counter()

    def spawn(self, name: str, work: Callable[[], None]) -> Task:
        """Begin a task, now."""
        task = Task(self, name, work)
        self.tasks[task] = None
        self.world.after(0, task.go_on)
        return task

    def die(self) -> None:
        """Be gone. From a task of its own this does not return."""
        if self.is_alive:
            self.is_alive = False
            self.world.after(0, self._bury)
        if greenlet.getcurrent() in self.tasks:
            self.world.hub.switch()

    def check_alive(self) -> None:
        """Raise Died in a process that is gone."""
        if not self.is_alive:
            raise Died

    def _bury(self) -> None:
        self.end_tasks()
        self.when_dead()

    def end_tasks(self) -> None:
        """From the hub only: thrown by another task, control would never come back."""
        self.is_alive = False
        for task in list(self.tasks):
            if task.has_begun and not task.dead:
                task.throw(Died)
        self.tasks.clear()
