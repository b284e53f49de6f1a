"""Requests that are answered late, or held and never answered."""

from __future__ import annotations

import asyncio
import contextlib
import re

from starlette.types import Receive, Scope, Send

from .chance import chance
from .simulator import Simulator

_LONGEST_HELD_SECONDS = 120
_ROUTES = {
    "POST /call": re.compile("POST /call"),
    "GET /call": re.compile("GET /call"),
    "GET /call/{id}": re.compile("GET /call/[^/]+"),
    "POST control": re.compile("POST /[^/]+/[^/]+/control"),
}


async def take_time(simulator: Simulator, scope: Scope) -> None:
    """Wait as long as the answer to a request is to be late; others are served meanwhile."""
    knobs, route = simulator.knobs, _route(scope)
    if knobs.answer_seconds is None or route not in knobs.slow_paths:
        return
    subject = f"answer {route} {scope.get('state', {}).get('number', '')}"
    simulator.tally.attempts[subject] += 1
    source = chance(simulator.seed, subject, simulator.tally.attempts[subject])
    await asyncio.sleep(source.uniform(*knobs.answer_seconds))


async def never_answered(scope: Scope, receive: Receive, _send: Send) -> None:
    """Hold a request for two minutes, or until its client gives up, and cut it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_HELD_SECONDS):
            await _gone(receive)
    await cut(scope, receive)


async def cut(scope: Scope, receive: Receive) -> None:
    """Cut the connection of a request; no answer can follow."""
    scope["state"]["is_cut"] = True
    scope["state"]["transport"].abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _route(scope: Scope) -> str:
    asked = f"{scope['method']} {scope['path']}"
    return next((name for name, form in _ROUTES.items() if form.fullmatch(asked)), "other")
