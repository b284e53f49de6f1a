"""What the provider tells of its calls: messages that come late, twice, in another order, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bench.simulation.call import Call
from bench.simulation.chooser import Chooser
from bench.simulation.world import World

RETRIES = 5  # of a message, as `server.backoffPlan` asks for


class Messenger:
    """Posts what a call comes to, and posts it again until it is taken."""

    def __init__(self, world: World, chooser: Chooser, story: Any, clock: Callable[[], datetime]) -> None:
        self.world, self.chooser, self.story = world, chooser, story
        self.on_the_way = 0  # messages that will be delivered
        self._clock = clock

    def tell(self, call: Call, what: str) -> None:
        """Post its status, or the report of it."""
        name, contact = f"{call.key}/{what}", call.key.split("/")[1]
        if call.is_untold or self.story.fault("message-dropped", name, contact):
            return
        body = json.dumps({"message": self._message(call, what)}).encode()
        seconds = self.chooser.span(f"sends/{name}", 0.03, 0.4)
        if self.story.fault("message-late", name, contact):
            seconds += self.chooser.span(f"late/{name}", 10, 150)
        elif self.story.fault("message-shuffled", name, contact):
            seconds += self.chooser.span(f"late/{name}", 0.1, 8)
        self._deliver(name, body, seconds)
        if self.story.fault("message-doubled", name, contact):
            self._deliver(name + "/again", body, seconds + self.chooser.span(f"again/{name}", 0.01, 10))

    def _deliver(self, name: str, body: bytes, seconds: float, tries: int = 0) -> None:
        self.on_the_way += 1

        def answered(is_taken: bool) -> None:
            self.on_the_way -= 1
            if not is_taken and tries < RETRIES:
                self._deliver(name, body, 2.0**tries, tries + 1)

        self.world.after(seconds, lambda: self.story.knocked(name, body, answered))

    def _message(self, call: Call, what: str) -> dict[str, Any]:
        stale = call.shown() | {"status": "queued"}
        for key in ("endedReason", "startedAt", "endedAt", "cost", "analysis", "artifact"):
            stale.pop(key, None)
        if self.story.fault("message-no-control-url", f"{call.key}/{what}", call.key.split("/")[1]):
            stale.pop("monitor")
        message = {"timestamp": int(self._clock().timestamp() * 1000), "call": stale, "customer": call.said["customer"]}
        if what != "report":
            others = {"endedReason": call.ended_reason} if what == "ended" else {}
            return message | {"type": "status-update", "status": what} | others
        report = {"type": "end-of-call-report", "endedReason": call.ended_reason, "analysis": {}, "artifact": {}}
        return message | report | call.times() | call.result
