"""The provider, in this process: an account with lines, calls that live, lists that lag.

A request is an event of the provider's, not of the client's: what it creates comes to be whether or not anybody still
waits for the answer. Its books are what a story is judged by. Wire format: `reference/vapi.md` sections 1, 3 to 5.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import httpx

from bench.simulation.call import Call
from bench.simulation.chooser import Chooser
from bench.simulation.messenger import Messenger
from bench.simulation.plan import Plan
from bench.simulation.transport import Exchange
from bench.simulation.world import World

VISIBLE_AFTER = 590.0  # a call of the normal weather is created, and listed, within this after its request
FAULT_CREATES_WITHIN = 25.0  # after a 5xx
NO_LINE = "call.start.error-subscription-concurrency-limit-reached"


class Provider:
    """The account."""

    def __init__(self, world: World, chooser: Chooser, plan: Plan, story: Any) -> None:
        self.world, self.chooser, self.story = world, chooser, story
        self.calls: dict[str, Call] = {}
        self.on_the_way = 0  # calls that will be created, and reports that will be made
        self.inbound = plan.inbound
        self.clock_ahead = plan.clock_skew
        self._plan = plan
        self._messenger = Messenger(world, chooser, story, self.clock)
        self._waiting: list[Call] = []
        self._lists = 0

    # -- what happens to a request ------------------------------------------------------------------------------

    def arrived(self, exchange: Exchange) -> None:
        """A request is here."""
        outage = self.story.outage()
        if outage == "faults":
            self._reply(exchange, 503, {"message": "Service Unavailable", "statusCode": 503})
        elif outage == "silent":
            pass  # nobody answers, nothing is created
        elif exchange.method == "POST" and exchange.url.path == "/call":
            self._dial(exchange)
        elif exchange.method == "POST":
            self._control(exchange)
        elif exchange.url.path == "/call":
            self._list(exchange)
        else:
            self._get(exchange)

    def _reply(self, exchange: Exchange, status: int, body: Any, seconds: float | None = None, **headers: str) -> None:
        if seconds is None:
            seconds = self.chooser.span(f"answer/{exchange.name}", 0.02, 0.4)
        if self.story.outage() == "slow":
            seconds += self.chooser.span(f"outage/{exchange.name}", 5, 60)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if not self.story.fault("no-date", exchange.name):
            given["Date"] = format_datetime(self.clock(), usegmt=True)
        content = json.dumps(body).encode()
        self.world.after(seconds, lambda: exchange.answer((status, content, given)))

    def clock(self) -> datetime:
        """What the provider takes for the time."""
        return self.world.date + timedelta(seconds=self.clock_ahead)

    # -- POST /call ---------------------------------------------------------------------------------------------

    def _dial(self, exchange: Exchange) -> None:
        name, contact = exchange.name, self.story.contact_of(exchange.body["name"])

        def happens(kind: str) -> bool:
            return bool(self.story.fault(kind, name, contact))

        if happens("dial-429"):
            wait = self.chooser.whole(f"retry-after/{name}", 0, 8)
            headers = {"Retry_After": str(wait)} if wait else {}
            self._reply(exchange, 429, {"message": "Rate limit exceeded", "statusCode": 429}, **headers)
        elif happens("dial-fault-before"):
            self._reply(exchange, 500, {"message": "Internal server error", "statusCode": 500})
        elif happens("dial-odd-400"):
            self.story.books.refused_oddly(
                exchange.body["assistantOverrides"]["metadata"]["autolynx_campaign_id"], contact
            )
            self._refuse(exchange, ["assistantOverrides.property foo should not exist"])
        elif self.story.fault("dial-bad-number", contact):
            self._refuse(exchange, ["customer.number must be a valid phone number in the E.164 format."])
        elif happens("dial-nothing"):
            self._stay_silent(exchange)
        elif happens("dial-beyond"):
            self._create_later(exchange, self.chooser.span(f"beyond/{name}", 615, 1500))
            self._stay_silent(exchange)
        elif happens("dial-late"):
            self._create_later(exchange, self.chooser.span(f"late/{name}", 5, VISIBLE_AFTER))
            self._stay_silent(exchange)
        elif happens("dial-fault-after"):
            self._create_later(exchange, self.chooser.span(f"after/{name}", 0, FAULT_CREATES_WITHIN))
            self._reply(exchange, 500, {"message": "Internal server error", "statusCode": 500})
        elif happens("dial-fault-hidden"):
            self._create_later(exchange, self.chooser.span(f"after/{name}", 0, FAULT_CREATES_WITHIN), is_hidden=True)
            self._reply(exchange, 500, {"message": "Internal server error", "statusCode": 500})
        else:
            self._dial_as_it_should(exchange, happens)

    def _refuse(self, exchange: Exchange, message: str | list[str], **others: Any) -> None:
        self._reply(exchange, 400, {"message": message, "error": "Bad Request", "statusCode": 400} | others)

    def _stay_silent(self, exchange: Exchange) -> None:
        """The client learns nothing: the connection breaks, or its patience ends."""
        if self.chooser.unit(f"broken/{exchange.name}") < 0.5:
            error = httpx.RemoteProtocolError("Server disconnected without sending a response.")
            self.world.after(self.chooser.span(f"breaks/{exchange.name}", 0.05, 15), lambda: exchange.answer(error))

    def _create_later(self, exchange: Exchange, seconds: float, *, is_hidden: bool = False) -> None:
        self.on_the_way += 1

        def create() -> None:
            self.on_the_way -= 1
            call = self._create(exchange)
            if is_hidden:
                call.is_untold = True
                call.listed_at = self.world.now + self.chooser.span(f"hidden/{call.key}", 30, 150)
            self._begin(call) if self._has_line() else self._end_without_line(call)

        self.world.after(max(exchange.sent_at + seconds - self.world.now, 0), create)

    def _dial_as_it_should(self, exchange: Exchange, happens: Callable[[str], bool]) -> None:
        if not self._has_line():
            self.story.found_no_line()
            self._answer_without_line(exchange, self.chooser.pick(f"form/{exchange.name}", self._plan.over_limit_forms))
            return
        call = self._create(exchange)
        self._begin(call)
        if happens("dial-lost"):
            self._stay_silent(exchange)
            return
        seconds = self.chooser.span(f"slow/{exchange.name}", 1, 60) if happens("dial-slow") else None
        self._reply(exchange, 201, self._created(call, exchange.name), seconds)

    def _create(self, exchange: Exchange) -> Call:
        body, world = exchange.body, self.world
        metadata = body["assistantOverrides"]["metadata"]
        contact = self.story.contact_of(body["name"])
        key = self.story.numbered(f"call/{contact}")
        lag = self.chooser.span(f"lag/{key}", 2, 300) if self.story.fault("list-lag", key, contact) else 0.0
        latest = max(exchange.sent_at + VISIBLE_AFTER, world.now)
        call = Call(
            id=str(UUID(int=(0x19D << 116) + len(self.calls) + 1)),
            key=key,
            number=body["customer"]["number"],
            campaign_id=metadata["autolynx_campaign_id"],
            line=body["phoneNumberId"],
            our_id=metadata["autolynx_call_id"],
            said=body,
            departed_at=exchange.sent_at,
            created_at=world.now,
            created_date=self.clock(),
            listed_at=min(world.now + lag, latest),
            is_bare=self.story.fault("echo-bare", "account"),
        )
        if self.story.fault("get-404", key, contact):
            call.lost_from = world.now + self.chooser.span(f"lost/{key}", 0, 30)
            call.lost_until = call.lost_from + self.chooser.span(f"lost-for/{key}", 20, 280)
        call.is_untold = self.story.fault("message-none", key, contact)
        self.calls[call.id] = call
        self.story.tell("provider", f"creates {key}")
        return call

    def _created(self, call: Call, name: str, **limits: Any) -> dict[str, Any]:
        found = call.shown()
        if self.story.fault("dial-no-control-url", name):
            found.pop("monitor")
        if self._plan.told_limits or limits:
            told = {"concurrencyBlocked": False, "concurrencyLimit": self._plan.lines_at_provider}
            found["subscriptionLimits"] = told | limits
        return found

    # -- lines --------------------------------------------------------------------------------------------------

    def _has_line(self) -> bool:
        return self._busy() < self._plan.lines_at_provider

    def _busy(self) -> int:
        return self.inbound + sum(call.is_live and not call.is_waiting for call in self.calls.values())

    def _answer_without_line(self, exchange: Exchange, form: str) -> None:
        limits = {"concurrencyBlocked": True, "concurrencyLimit": self._plan.lines_at_provider}
        if form == "400":
            self._reply(exchange, 400, {"error": "Over Concurrency Limit"})
        elif form == "400-told":
            self._refuse(exchange, "Over Concurrency Limit.", subscriptionLimits=limits)
        elif form == "429":
            self._reply(exchange, 429, {"message": "Over Concurrency Limit", "statusCode": 429})
        else:
            call = self._create(exchange)
            if form == "201-waits":
                call.is_waiting = True
                self._waiting.append(call)
                self.story.created(call)
                self._reply(exchange, 201, self._created(call, exchange.name, concurrencyBlocked=True))
                return
            if form == "201-ended":
                self._end_without_line(call)
                self._reply(exchange, 201, self._created(call, exchange.name, concurrencyBlocked=True))
            else:
                self._reply(exchange, 201, self._created(call, exchange.name))
                self._end_without_line(call)

    def _end_without_line(self, call: Call) -> None:
        call.is_blocked = True
        self._end(call, NO_LINE)

    def line_is_free(self) -> None:
        """Whoever waits longest gets it."""
        while self._waiting and self._has_line():
            call = self._waiting.pop(0)
            if call.is_live:
                call.is_waiting = False
                self._live(call)

    # -- the life of a call -------------------------------------------------------------------------------------

    def _begin(self, call: Call) -> None:
        self.story.created(call)
        self._live(call)

    def _live(self, call: Call) -> None:
        self._at(call, self.chooser.span(f"dials/{call.key}", 0.3, 3), lambda: self._ring(call))

    def _at(self, call: Call, seconds: float, do: Callable[[], None]) -> None:
        """Later, if it still lives then."""

        def then() -> None:
            if call.is_live:
                do()

        self.world.after(seconds, then)

    def _ring(self, call: Call) -> None:
        call.status, call.rang_at = "ringing", self.world.now
        self._messenger.tell(call, "ringing")
        drawn = self.chooser.unit(f"fate/{call.key}")
        span = self.chooser.span
        if drawn < 0.15:
            self._at(call, span(f"rings/{call.key}", 20, 30), lambda: self._end(call, "customer-did-not-answer"))
        elif drawn < 0.25:
            self._at(call, span(f"rings/{call.key}", 2, 8), lambda: self._end(call, "customer-busy"))
        else:
            self._at(call, span(f"rings/{call.key}", 2, 12), lambda: self._answered(call, drawn))

    def _answered(self, call: Call, drawn: float) -> None:
        call.status, call.started = "in-progress", self.clock()
        self._messenger.tell(call, "in-progress")
        reason = "voicemail" if drawn < 0.33 else "customer-ended-call" if drawn < 0.7 else "assistant-ended-call"
        is_long = self.chooser.unit(f"long/{call.key}") < 0.15 and not self.chooser.is_calm
        talks = (
            self.chooser.span(f"talks/{call.key}", 70, 200)
            if is_long
            else self.chooser.span(f"talks/{call.key}", 5, 45)
        )
        self._at(call, talks, lambda: self._end(call, reason))

    def _end(self, call: Call, reason: str) -> None:
        call.status, call.ended_reason = "ended", reason
        call.ended, call.ended_at, call.is_waiting = self.clock(), self.world.now, False
        self.story.tell("provider", f"{call.key} ends: {reason}")
        self._messenger.tell(call, "ended")
        self.on_the_way += 1
        self.world.after(self.chooser.span(f"analysis/{call.key}", 2, 8), lambda: self._report(call))
        self.line_is_free()

    def _report(self, call: Call) -> None:
        self.on_the_way -= 1
        call.has_result = True
        call.result = {"cost": round(0.002 + self.chooser.unit(f"cost/{call.key}") / 3, 4)}
        if call.started is not None:
            turns = [{"role": "bot", "message": "Hello."}, {"role": "user", "message": f"This is {call.key}."}]
            call.result |= {
                "analysis": {
                    "summary": f"Talked with {call.key}.",
                    "successEvaluation": "true" if self.chooser.unit(f"won/{call.key}") < 0.5 else "false",
                },
                "artifact": {
                    "messages": turns,
                    "transcript": f"AI: Hello.\nUser: This is {call.key}.\n",
                    "recordingUrl": f"https://storage.vapi.test/{call.id}-mono.wav",
                },
            }
        self._messenger.tell(call, "report")

    # -- reading, hanging up ------------------------------------------------------------------------------------

    def _list(self, exchange: Exchange) -> None:
        self._lists += 1
        name = exchange.name
        if self.story.fault("list-fails", name):
            self._reply(exchange, 502, {"message": "Bad Gateway", "statusCode": 502})
            return
        asked = exchange.url.params
        since = datetime.fromisoformat(asked["createdAtGe"])
        until = datetime.fromisoformat(asked["createdAtLe"]) if "createdAtLe" in asked else None
        found = [
            call
            for call in self.calls.values()
            if call.created_date >= since
            and (until is None or call.created_date <= until)
            and asked.get("phoneNumberId") in (None, call.line)
            and self._is_listed(call)
        ]
        found.sort(key=lambda call: (call.created_date, call.id), reverse=True)
        few = self.chooser.whole(f"short/{name}", 5, 10)
        size = few if self.story.fault("list-short", name) else int(asked["limit"])
        shown = [call.shown() for call in found[:size]]
        self._reply(exchange, 200, shown, self._slowness("list-slow", name))

    def _is_listed(self, call: Call) -> bool:
        if self.world.now < call.listed_at:
            return False
        if self.world.now >= call.departed_at + VISIBLE_AFTER:
            return True
        forgets = self.story.fault("list-forgets", f"{call.key}/{self._lists}", call.key.split("/")[1])
        call.is_left_out = call.is_left_out or forgets
        return not forgets

    def _slowness(self, kind: str, name: str) -> float | None:
        return self.chooser.span(f"slow/{name}", 1, 60) if self.story.fault(kind, name) else None

    def _get(self, exchange: Exchange) -> None:
        name = exchange.name
        call = self.calls.get(exchange.url.path.removeprefix("/call/"))
        if self.story.fault("get-fails", name):
            self._reply(exchange, 500, {"message": "Internal server error", "statusCode": 500})
        elif call is None or call.lost_from <= self.world.now < call.lost_until:
            if call is not None and self.chooser.unit(f"not-found/{call.key}") < 0.3:
                self._reply(exchange, 200, {"id": call.id, "status": "not-found"})
            else:
                self._reply(exchange, 404, {"message": "Call not found", "error": "Not Found", "statusCode": 404})
        else:
            self._reply(exchange, 200, call.shown(), self._slowness("get-slow", name))

    def _control(self, exchange: Exchange) -> None:
        name = exchange.name
        call = self.calls.get(exchange.url.path.split("/")[1])
        if self.story.fault("control-fails", name):
            self._reply(exchange, 500, {"message": "Internal server error", "statusCode": 500})
        elif call is None or not call.is_live:
            self._reply(exchange, 404, {"message": "Not Found", "statusCode": 404})
        else:
            seconds = self.chooser.span(f"ends/{name}", 0.05, 1)
            self._at(call, seconds, lambda: self._end(call, "manually-canceled"))
            self._reply(exchange, 200, {}, self._slowness("control-slow", name))

    # -- the books ----------------------------------------------------------------------------------------------

    @property
    def is_quiet(self) -> bool:
        """Nothing is under way, and nothing will come."""
        on_the_way = self.on_the_way + self._messenger.on_the_way
        return on_the_way == 0 and not any(call.is_live for call in self.calls.values())
