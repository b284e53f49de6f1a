"""The telephone exchange: calls, the lines they hold, and the steps of their lives."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

from .books import Tally
from .call import Call, Progress
from .clock import now_ms, utc_day
from .fate import Fate, stillborn
from .knobs import Knobs
from .padding import Padding
from .reports import Reporter
from .store import Store
from .webhooks import Courier, Delivery

_NO_CREDIT = "call.start.error-subscription-insufficient-credits"


class Exchange:
    """Holds every call in memory, writes each change through to the store, and moves calls on by timers."""

    def __init__(
        self,
        store: Store,
        knobs: Callable[[], Knobs],
        reporter: Reporter,
        courier: Courier,
        tally: Tally,
        speed: float,
    ) -> None:
        self.calls: dict[str, Call] = {}
        self.active = 0
        self.active_by_line: Counter[str] = Counter()
        self._active_by_campaign: Counter[str] = Counter()
        self._store = store
        self._knobs = knobs
        self._reporter = reporter
        self._courier = courier
        self._tally = tally
        self._speed = speed
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._waiting: deque[str] = deque()
        self._calls_by_number: Counter[str] = Counter()
        self._calls_by_line_and_day: Counter[tuple[str, str]] = Counter()
        self._steps: dict[str, Callable[[Call], Delivery | None]] = {
            "place": self._place,
            "dial": self._dial,
            "answer": self._answer,
            "end": self._end,
            "report": self._report,
        }

    # -- what is known ------------------------------------------------------------------------------------

    def calls_to(self, number: str) -> int:
        """Return how many calls a number has had."""
        return self._calls_by_number[number]

    def calls_today(self, line_id: str) -> int:
        """Return how many calls a line has made on this UTC day."""
        return self._calls_by_line_and_day[line_id, self._day(now_ms())]

    def is_full(self) -> bool:
        """Tell whether every line of the organisation is taken."""
        knobs = self._knobs()
        return self.active + knobs.inbound_calls >= knobs.concurrency_limit

    # -- from outside -------------------------------------------------------------------------------------

    def restore(self) -> None:
        """Take up where the store left off; overdue steps happen at once."""
        for birth, progress in self._store.calls():
            call = Call.restored(birth, progress)
            self._know(call)
            if call.progress.step == "wait":
                self._waiting.append(call.id)
            if call.is_active:
                self._count_in(call)
        for call in self.calls.values():
            if call.progress.step not in ("", "wait"):
                self._set_timer(call)

    def admit(self, call: Call, *, early: bool = False) -> Delivery | None:
        """Take a new call on; `early` dials it before this returns and gives the message sent about it."""
        self._know(call)
        if call.progress.step == "wait":
            self._waiting.append(call.id)
        elif call.is_active:
            self._count_in(call)
        self._store.add_call(call.id, call.created_ms, call.birth(), call.progress_json())
        if early and call.progress.step == "dial" and call.progress.holds_line:
            call.progress.due_ms = call.created_ms
            return self._dial(call)
        if call.progress.step != "wait":
            self._set_timer(call)
        return None

    def first_progress(
        self, fate: Fate, fate_if_full: Fate, created_ms: int, planned_ms: float | None
    ) -> tuple[Progress, Fate]:
        """Return how a call created now begins: dialed soon, waiting for a line, or stopped at the start."""
        knobs = self._knobs()
        progress = Progress(updated_ms=created_ms)
        if planned_ms is not None and planned_ms > created_ms:
            progress.status, progress.step, progress.due_ms = "scheduled", "place", planned_ms
            progress.holds_line = False
            return progress, fate
        if knobs.out_of_credit:
            fate = stillborn(_NO_CREDIT)
        elif self.is_full():
            progress.step = "wait" if knobs.over_limit == "wait" else "dial"
            fate = fate_if_full
        progress.holds_line = not (knobs.out_of_credit or self.is_full())
        progress.due_ms = created_ms + fate.queue_seconds * 1000 / self._speed
        return progress, fate

    def hang_up(self, call: Call, reason: str) -> None:
        """End a call from outside, at whatever stage it is."""
        progress = call.progress
        if call.is_over:
            return
        if progress.started_ms is not None:
            talked = (now_ms() - progress.started_ms) / 1000 * self._speed
            progress.talked_seconds = min(talked, call.fate.talk_seconds)
        if call.id in self._waiting:
            self._waiting.remove(call.id)
        progress.due_ms = now_ms()
        self._end(call, reason)

    def rename(self, call: Call, name: str | None) -> None:
        """Change a call's label."""
        call.progress.name = name
        self._save(call)

    def erase(self, call: Call) -> None:
        """Delete what the API shows of a call; the books keep it."""
        if call.progress.status == "scheduled":
            self.hang_up(call, "scheduled-call-deleted")
        call.progress.is_deleted = True
        self._save(call)

    def forget(self) -> None:
        """Drop every call."""
        self.stop()
        self._store.forget_calls()
        self._courier.forget()
        self.calls.clear()
        self._waiting.clear()
        self._calls_by_number.clear()
        self._calls_by_line_and_day.clear()
        self.active = 0
        self.active_by_line.clear()
        self._active_by_campaign.clear()

    def stop(self) -> None:
        """Stop the clock for every call."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    # -- the steps of a call ------------------------------------------------------------------------------

    def _place(self, call: Call) -> Delivery | None:
        """Queue a scheduled call when its time has come."""
        call.progress.status = "queued"
        if self.is_full():
            call.progress.step = "wait"
            self._waiting.append(call.id)
            self._save(call)
        else:
            self._take_line(call)
        return None

    def _dial(self, call: Call) -> Delivery | None:
        """Hand the call to the carrier."""
        progress, fate = call.progress, call.fate
        if fate.outcome == "not_started" or fate.ended_reason.startswith(("call.start.", "call-start-")):
            return self._end(call)
        progress.dialed_ms = int(progress.due_ms)
        if not fate.rings:
            return self._end(call)
        progress.status = "ringing"
        self._next(call, "answer" if fate.answered else "end", fate.ring_seconds)
        return self._courier.send(call, self._reporter.status_update(call, "ringing"))

    def _answer(self, call: Call) -> Delivery | None:
        """Somebody, or a machine, picks up."""
        progress = call.progress
        progress.status, progress.started_ms = "in-progress", int(progress.due_ms)
        self._next(call, "end", call.fate.talk_seconds)
        return self._courier.send(call, self._reporter.status_update(call, "in-progress"))

    def _end(self, call: Call, reason: str | None = None) -> Delivery | None:
        """End the call and free its line."""
        progress = call.progress
        if reason is None and progress.started_ms is not None:
            progress.talked_seconds = call.fate.talk_seconds
        if call.is_active:
            self._count_out(call)
        progress.status, progress.ended_ms = "ended", int(progress.due_ms)
        progress.transcript_megabytes = self._knobs().transcript_megabytes if progress.started_ms else 0.0
        progress.ended_reason = reason or call.fate.ended_reason
        progress.holds_line = False
        self._next(call, "report", call.fate.report_seconds)
        delivery = self._courier.send(call, self._reporter.status_update(call, "ended"))
        self.let_in_the_next()
        return delivery

    def _report(self, call: Call) -> Delivery | None:
        """Deliver what the analysis found."""
        call.progress.is_reported = True
        call.progress.step = ""
        self._save(call)
        padding = Padding.of(call, self._reporter.clock)
        return self._courier.send(call, self._reporter.end_of_call_report(call), padding)

    # -- lines --------------------------------------------------------------------------------------------

    def let_in_the_next(self) -> None:
        """Give free lines to calls that wait for one."""
        while self._waiting and not self.is_full():
            self._take_line(self.calls[self._waiting.popleft()])

    def _take_line(self, call: Call) -> None:
        call.progress.holds_line = True
        call.progress.due_ms = now_ms()
        self._count_in(call)
        self._next(call, "dial", call.fate.queue_seconds)

    def _count_in(self, call: Call) -> None:
        self.active += 1
        self.active_by_line[call.line_id] += 1
        self._tally.note_peak(self.active, call.line_id, self.active_by_line[call.line_id])
        if call.campaign_id is not None:
            self._active_by_campaign[call.campaign_id] += 1
            self._tally.note_campaign_peak(call.campaign_id, self._active_by_campaign[call.campaign_id])

    def _count_out(self, call: Call) -> None:
        self.active -= 1
        self.active_by_line[call.line_id] -= 1
        if call.campaign_id is not None:
            self._active_by_campaign[call.campaign_id] -= 1

    # -- keeping ------------------------------------------------------------------------------------------

    def _know(self, call: Call) -> None:
        self.calls[call.id] = call
        self._calls_by_number[call.number] += 1
        self._calls_by_line_and_day[call.line_id, self._day(call.created_ms)] += 1

    def _day(self, real_ms: int) -> str:
        return utc_day(self._reporter.clock.shown_ms(real_ms))

    def _next(self, call: Call, step: str, seconds: float) -> None:
        """Plan the next step, `seconds` of simulated time after this one."""
        call.progress.step = step
        call.progress.due_ms += seconds * 1000 / self._speed
        self._save(call)
        self._set_timer(call)

    def _save(self, call: Call) -> None:
        call.progress.updated_ms = now_ms()
        self._store.save_progress(call.id, call.progress_json())

    def _set_timer(self, call: Call) -> None:
        earlier = self._timers.pop(call.id, None)
        if earlier is not None:
            earlier.cancel()
        delay = max(0.0, (call.progress.due_ms - now_ms()) / 1000)
        self._timers[call.id] = asyncio.get_running_loop().call_later(delay, self._advance, call)

    def _advance(self, call: Call) -> None:
        self._timers.pop(call.id, None)
        self._steps[call.progress.step](call)


def effective_assistant(assistant: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return an assistant with overrides merged in, deep; a `server` replaces the other whole."""
    merged: dict[str, Any] = dict(assistant)
    for key, value in overrides.items():
        both_objects = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = effective_assistant(merged[key], value) if both_objects and key != "server" else value
    return merged
