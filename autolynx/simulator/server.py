"""The HTTP server: the routes behind the gate, and the process around them."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import assistant_routes, call_routes, control_routes, line_routes, open_routes
from .admission import created
from .errors import LostAnswer, Refusal
from .gate import Gate, refused
from .simulator import Simulator
from .slowness import cut


def create_app(
    base: str, home: Path, seed: int | None, speed: float, knobs: Mapping[str, Any] | None = None
) -> Starlette:
    """Return the ASGI application; `base` is the address it is reached at, for the links it hands out."""
    simulator = Simulator(base, home, seed, speed, knobs)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        simulator.start(created)
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


async def _answer_refusal(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refused(refusal)


async def _answer_unknown_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = 404 if error.status_code == 405 else error.status_code
    return refused(Refusal(status, f"Cannot {request.method} {request.url.path}"))


async def _cut_connection(request: Request, _error: Exception) -> Response:
    """Cut the connection; what is returned goes nowhere."""
    await cut(request.scope, request.receive)
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
        date_header=False,  # the gate tells the provider's time
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        backlog=1024,
    )
    print(f"Vapi simulator on {base} (seed {app.state.simulator.seed}, speed {speed:g})", flush=True)
    Server(config).run()
