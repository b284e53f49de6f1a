"""Server messages on their way to the customer's server: delivery, retries, and deliberate mischief."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt

from .call import Call
from .chance import chance
from .knobs import Knobs
from .padding import Padding
from .poster import Poster, PostError

_DEFAULT_MESSAGES = ("status-update", "end-of-call-report")
_DEFAULT_TIMEOUT_SECONDS = 20


@dataclass
class Delivery:
    """One message to one server, in its place in the sequence of its call."""

    url: str
    server: Mapping[str, Any]
    body: bytes
    padding: Padding | None
    previous: Delivery | None
    tried: asyncio.Event = field(default_factory=asyncio.Event)  # the first attempt is over
    overtaken: asyncio.Event = field(default_factory=asyncio.Event)  # the next message was tried

    def content(self) -> bytes:
        """Return the body at its full length."""
        if self.padding is None:
            return self.body
        message = self.padding.lengthened(json.loads(self.body)["message"])
        return _encoded({"message": message})


@dataclass(frozen=True)
class Mischief:
    """What goes wrong with one delivery."""

    drop: bool
    double: bool
    reorder: bool
    late_seconds: float

    @classmethod
    def drawn(cls, seed: int, call: Call, message: Mapping[str, Any], knobs: Knobs) -> Mischief:
        """Draw it, by call and message."""
        source = chance(seed, "webhook", call.number, call.nth, message["type"], message.get("status"))
        drop, double, reorder, late = (source.random() for _ in range(4))
        delay = source.uniform(*knobs.webhook_delay_seconds)
        return cls(
            drop=drop < knobs.webhook_drop_rate,
            double=double < knobs.webhook_double_rate,
            reorder=reorder < knobs.webhook_reorder_rate,
            late_seconds=delay if late < knobs.webhook_late_rate else 0.0,
        )


class Courier:
    """Posts server messages; within a call one after the other, unless a knob says otherwise."""

    def __init__(self, seed: int, knobs: Callable[[], Knobs], tally: Counter[str]) -> None:
        self._seed = seed
        self._knobs = knobs
        self._tally = tally
        self._latest: dict[str, Delivery] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._poster = Poster()

    def send(self, call: Call, payload: dict[str, Any], padding: Padding | None = None) -> Delivery | None:
        """Send a message if the call's server wants it; return at once. `padding` makes it longer."""
        message = payload["message"]
        server: Mapping[str, Any] = call.assistant.get("server") or {}
        wanted = call.assistant.get("serverMessages") or _DEFAULT_MESSAGES
        if not server.get("url") or message["type"] not in wanted:
            return None
        mischief = Mischief.drawn(self._seed, call, message, self._knobs())
        earlier = self._latest.get(call.id)
        delivery = Delivery(str(server["url"]), server, _encoded(payload), padding, earlier)
        self._latest[call.id] = delivery
        is_last = message["type"] == "end-of-call-report" or (
            message.get("status") == "ended" and "end-of-call-report" not in wanted
        )
        if is_last:
            del self._latest[call.id]
        self._start(self._deliver(delivery, mischief, is_last=is_last))
        return delivery

    def forget(self) -> None:
        """Drop whatever is under way."""
        for task in list(self._tasks):
            task.cancel()
        self._latest.clear()

    async def close(self) -> None:
        """Stop delivering."""
        self.forget()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._poster.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery, mischief: Mischief, *, is_last: bool) -> None:
        holds_back = mischief.reorder and not is_last
        if mischief.drop:
            self._mark_tried(delivery)
            self._tally["dropped"] += 1
            return
        if mischief.late_seconds or holds_back:
            delivery.tried.set()  # the next message need not wait for this one
        if mischief.late_seconds:
            self._tally["late"] += 1
            await asyncio.sleep(mischief.late_seconds)
        elif holds_back:
            self._tally["reordered"] += 1
            await delivery.overtaken.wait()
        elif delivery.previous is not None:
            await delivery.previous.tried.wait()
        if mischief.double:
            self._tally["doubled"] += 1
            self._start(self._attempts(delivery))
        await self._attempts(delivery)

    def _mark_tried(self, delivery: Delivery) -> None:
        delivery.tried.set()
        if delivery.previous is not None:
            delivery.previous.overtaken.set()
            delivery.previous = None

    async def _attempts(self, delivery: Delivery) -> None:
        """Post, and post again as the server's backoff plan says; without a plan once."""
        plan: Mapping[str, Any] = delivery.server.get("backoffPlan") or {}
        self._tally["sent"] += 1
        posting = AsyncRetrying(
            stop=stop_after_attempt(1 + int(plan.get("maxRetries") or 0)),
            wait=partial(_pause_seconds, plan),
            retry=retry_if_result(lambda status: not (_is_taken(status) or _is_excluded(plan, status))),
            before_sleep=self._note_retry,
            retry_error_callback=lambda _: None,
        )
        status: int | None = await posting(self._tried, delivery)
        self._tally["delivered" if _is_taken(status) else "failed"] += 1

    async def _tried(self, delivery: Delivery) -> int | None:
        status = await self._post(delivery)
        self._mark_tried(delivery)
        return status

    def _note_retry(self, _state: RetryCallState) -> None:
        self._tally["retried"] += 1

    async def _post(self, delivery: Delivery) -> int | None:
        """Return the answer's status, or None when there was no answer."""
        timeout = float(delivery.server.get("timeoutSeconds") or _DEFAULT_TIMEOUT_SECONDS)
        headers = {str(name): str(value) for name, value in (delivery.server.get("headers") or {}).items()}
        headers = {"Content-Type": "application/json", **headers}
        try:
            return await self._poster.post(delivery.url, headers, delivery.content, timeout)
        except PostError:
            return None


def _is_taken(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _is_excluded(plan: Mapping[str, Any], status: int | None) -> bool:
    return status in (plan.get("excludedStatusCodes") or [])


def _pause_seconds(plan: Mapping[str, Any], state: RetryCallState) -> float:
    pause = float(plan.get("baseDelaySeconds") or 0)
    return pause * 2.0 ** (state.attempt_number - 1) if plan.get("type") == "exponential" else pause


def _encoded(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()
