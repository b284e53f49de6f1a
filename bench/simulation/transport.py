"""What stands for the network between one process and the provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from bench.simulation.world import Process, Waiter

if TYPE_CHECKING:
    from bench.simulation.provider import Provider

BASE = "https://api.vapi.test"


@dataclass
class Exchange:
    """A request on its way, and how to answer it; only the first answer counts, and only while somebody waits."""

    name: str
    method: str
    url: httpx.URL
    body: dict[str, Any]
    sent_at: float
    answer: Callable[[Any], None]


class Transport(httpx.BaseTransport):
    """One process's way to the provider, for its HTTP client."""

    def __init__(self, provider: Provider, process: Process) -> None:
        self._provider, self._process = provider, process

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, wait for the answer, as long as the client would."""
        provider, process, world = self._provider, self._process, self._provider.world
        process.check_alive()
        body = json.loads(request.content or b"{}")
        is_dial = request.method == "POST" and request.url.path == "/call"
        subject = provider.story.contact_of(body["name"]) if is_dial else request.url.path
        name = provider.story.numbered(f"{'dial' if is_dial else process.name + request.method}/{subject}")
        provider.story.connecting(process, request)
        self._connect(name, subject if is_dial else "", request)
        if trace := request.extensions.get("trace"):
            trace("http11.send_request_headers.started", {"request": request})
        process.check_alive()
        if is_dial:
            provider.story.departed(process, body)
        waiter = Waiter(world)
        exchange = Exchange(name, request.method, request.url, body, world.now, waiter.wake)
        world.after(provider.chooser.span(f"wire/{name}", 0.005, 0.08), lambda: provider.arrived(exchange))
        answer = world.wait(waiter, request.extensions["timeout"]["read"])
        process.check_alive()
        if answer is None:
            raise httpx.ReadTimeout("no answer", request=request)
        if isinstance(answer, Exception):
            raise answer
        status, content, headers = answer
        return httpx.Response(status, headers=headers, content=content, request=request)

    def _connect(self, name: str, subject: str, request: httpx.Request) -> None:
        provider = self._provider
        is_dial = bool(subject)
        if provider.story.outage() == "unreachable" or (
            is_dial and provider.story.fault("dial-unreachable", name, subject)
        ):
            provider.world.sleep(provider.chooser.span(f"refused/{name}", 0.01, 3))
            raise httpx.ConnectError("no route", request=request)
        if is_dial and provider.story.fault("dial-slow-connection", name, subject):
            provider.world.sleep(provider.chooser.span(f"connecting/{name}", 0.3, 6))
        self._process.check_alive()
