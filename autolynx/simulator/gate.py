"""The gate that every request passes: the key, the knobs of every endpoint, the counts, and what marks an answer."""

from __future__ import annotations

import re
from email.utils import formatdate

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .chance import chance
from .errors import Refusal
from .faults import rate_limited
from .posts import noted, settled
from .simulator import Simulator
from .slowness import never_answered, take_time

_MARK = (b"x-autolynx-simulator", b"1")
_IDENTIFIER = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}")
_OPEN = re.compile(r"/_simulator/|/recordings/|/[^/]+/[^/]+/control$")
_BAD_KEY = "Invalid Key. Hot tip, you may be using the private key instead of the public key, or vice versa."


class Gate:
    """Checks the key, applies the knobs of every endpoint, counts, and marks each answer as ours."""

    def __init__(self, app: ASGIApp, simulator: Simulator) -> None:
        self._app = app
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _is_dial(scope):
            receive = await noted(self._simulator.store, scope, receive)
        answers: list[int] = []
        is_heard: list[bool] = []

        async def marked_send(message: Message) -> None:
            if message["type"] == "http.response.start" and not _is_cut(scope):
                if not _is_ours(scope):
                    await take_time(self._simulator, scope)
                answers.append(message["status"])
                is_heard.append(not _is_gone(scope))
                message["headers"] = [*message.get("headers", []), *self._marks()]
            await send(message)

        try:
            await self._chosen(scope)(scope, receive, marked_send)
        except Exception:
            if not answers:
                await refused(Refusal(500, "Internal server error"))(scope, receive, marked_send)
            raise
        finally:
            self._count(scope, answers, is_heard=is_heard == [True])

    def _chosen(self, scope: Scope) -> ASGIApp:
        """Return what answers a request: the route, a refusal, or nobody."""
        if self._simulator.knobs.outage_cut and not _is_ours(scope):
            return never_answered
        refusal = self._refusal(scope)
        return self._app if refusal is None else refused(refusal)

    def _marks(self) -> list[tuple[bytes, bytes]]:
        """Return the headers of every answer: that it is ours, and the time by the provider's clock."""
        if not self._simulator.knobs.clock_in_date:
            return [_MARK]
        date = formatdate(self._simulator.clock.now_ms() / 1000, usegmt=True)
        return [_MARK, (b"date", date.encode())]

    def _refusal(self, scope: Scope) -> Refusal | None:
        if _OPEN.match(scope["path"]):
            return None
        knobs = self._simulator.knobs
        if knobs.outage:
            return Refusal(503, "Service Unavailable")
        key = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        if not key:
            return Refusal(401, "Missing Authorization Header.")
        scheme, _, token = key.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or knobs.api_key not in (None, token):
            return Refusal(401, _BAD_KEY)
        if knobs.api_429_rate and not _is_dial(scope) and self._strikes(knobs.api_429_rate):
            return rate_limited(knobs.retry_after)
        return None

    def _strikes(self, rate: float) -> bool:
        tally = self._simulator.tally
        tally.attempts["api"] += 1
        return chance(self._simulator.seed, "api", tally.attempts["api"]).random() < rate

    def _count(self, scope: Scope, answers: list[int], *, is_heard: bool) -> None:
        is_lost = _is_cut(scope)
        settled(self._simulator.store, scope, answers[0] if is_heard else None, is_lost=is_lost)
        if _is_ours(scope):
            return
        path = _IDENTIFIER.sub("/{id}", scope["path"])
        if path.startswith("/recordings/"):
            path = "/recordings/{name}"
        if path.endswith("/control"):
            path = "/{id}/{token}/control"
        outcome = "lost" if is_lost else str(answers[0] if answers else "none")
        self._simulator.tally.requests[f"{scope['method']} {path} {outcome}"] += 1


def _is_dial(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] == "/call")


def _is_ours(scope: Scope) -> bool:
    """Tell whether it is about what the real provider does not have."""
    return str(scope["path"]).startswith("/_simulator/")


def _is_cut(scope: Scope) -> bool:
    return bool(scope.get("state", {}).get("is_cut"))


def _is_gone(scope: Scope) -> bool:
    """Tell whether the client has closed its connection."""
    transport = scope.get("state", {}).get("transport")
    return transport is not None and bool(transport.is_closing())


def refused(refusal: Refusal) -> JSONResponse:
    """Return the answer that says it."""
    return JSONResponse(refusal.body(), refusal.status, refusal.headers)
