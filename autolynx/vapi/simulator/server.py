"""The HTTP server: the gate every request passes, and the process around it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import assistant_routes, call_routes, control_routes, line_routes, open_routes
from .chance import chance
from .errors import Refusal
from .faults import LostAnswer, rate_limited
from .simulator import Simulator

_HEADER = (b"x-autolynx-simulator", b"1")
_IDENTIFIER = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}")
_OPEN = re.compile(r"/_simulator/|/recordings/|/[^/]+/[^/]+/control$")
_BAD_KEY = "Invalid Key. Hot tip, you may be using the private key instead of the public key, or vice versa."


def create_app(
    base: str, home: Path, seed: int | None, speed: float, knobs: Mapping[str, Any] | None = None
) -> Starlette:
    """Return the ASGI application; `base` is the address it is reached at, for the links it hands out."""
    simulator = Simulator(base, home, seed, speed, knobs)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        simulator.start()
        try:
            yield
        finally:
            await simulator.stop()

    app = Starlette(
        routes=[
            *control_routes.ROUTES,
            *assistant_routes.ROUTES,
            *call_routes.ROUTES,
            *line_routes.ROUTES,
            *open_routes.ROUTES,
        ],
        lifespan=lifespan,
        exception_handlers={
            Refusal: _answer_refusal,
            LostAnswer: _cut_connection,
            HTTPException: _answer_unknown_route,
        },
    )
    app.state.simulator = simulator
    app.add_middleware(Gate, simulator=simulator)
    return app


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
        answers: list[int] = []

        async def marked_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answers.append(message["status"])
                message["headers"] = [*message.get("headers", []), _HEADER]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await _refused(refusal)(scope, receive, marked_send)
        else:
            await self._app(scope, receive, marked_send)
        self._count(scope, answers)

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
        is_dial = scope["method"] == "POST" and scope["path"] == "/call"
        if knobs.api_429_rate and not is_dial and self._strikes(knobs.api_429_rate):
            return rate_limited(knobs.retry_after)
        return None

    def _strikes(self, rate: float) -> bool:
        tally = self._simulator.tally
        tally.attempts["api"] += 1
        return chance(self._simulator.seed, "api", tally.attempts["api"]).random() < rate

    def _count(self, scope: Scope, answers: list[int]) -> None:
        path = _IDENTIFIER.sub("/{id}", scope["path"])
        if path.startswith("/_simulator/"):
            return
        if path.startswith("/recordings/"):
            path = "/recordings/{name}"
        if path.endswith("/control"):
            path = "/{id}/{token}/control"
        outcome = "lost" if scope.get("state", {}).get("is_cut") else str(answers[0] if answers else "none")
        self._simulator.tally.requests[f"{scope['method']} {path} {outcome}"] += 1


def _refused(refusal: Refusal) -> JSONResponse:
    return JSONResponse(refusal.body(), refusal.status, refusal.headers)


async def _answer_refusal(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return _refused(refusal)


async def _answer_unknown_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = 404 if error.status_code == 405 else error.status_code
    return _refused(Refusal(status, f"Cannot {request.method} {request.url.path}"))


async def _cut_connection(request: Request, _error: Exception) -> Response:
    """Cut the connection; what is returned goes nowhere."""
    request.scope["state"]["is_cut"] = True
    transport = request.scope["state"]["transport"]
    transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=500)


class Protocol(H11Protocol):
    """HTTP/1.1 that lets a handler get at its own connection, to cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection in the state of its requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """Uvicorn that leaves signals to us and so exits with code 0 when asked to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM or SIGINT; a second one stops without waiting for open requests."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(RuntimeError, ValueError, NotImplementedError):
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def run(
    port: int,
    home: Path,
    seed: int | None,
    speed: float,
    host: str = "127.0.0.1",
    knobs: Mapping[str, Any] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. State lives in `<home>/simulator.sqlite3` and survives any end."""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the simulator listens on loopback only, not on {host}")
    base = f"http://{host}:{port}"
    app = create_app(base, home, seed, speed, knobs)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Protocol,
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        backlog=1024,
    )
    print(f"Vapi simulator on {base} (seed {app.state.simulator.seed}, speed {speed:g})", flush=True)
    Server(config).run()
