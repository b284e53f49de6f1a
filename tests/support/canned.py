"""A provider of canned answers under the real client, and a clock that stands still unless told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from autolynx.vapi.client import VapiClient

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class StillClock:
    """Time that passes only by sleeping."""

    def __init__(self, now: datetime) -> None:
        self.began = self.wall = now

    def now(self) -> datetime:
        return self.wall

    def elapsed(self) -> float:
        return (self.wall - self.began).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)

    def spread(self, seconds: float) -> float:
        return seconds


class CannedProvider:
    """Gives its answers in turn, the last for ever; keeps what it was asked. `now`: what its `Date` tells."""

    def __init__(self, *answers: Answer, now: datetime | None = None) -> None:
        self.answers = list(answers)
        self.now = now
        self.requests: list[httpx.Request] = []

    def client(self, clock: StillClock) -> VapiClient:
        return VapiClient("https://api.vapi.example", "key", transport=httpx.MockTransport(self._answer), clock=clock)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if trace := request.extensions.get("trace"):  # as httpcore does when the connection stands
            trace("http11.send_request_headers.started", {"request": request})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        found = answer if isinstance(answer, httpx.Response) else answer(request)
        dated = {"Date": format_datetime(self.now, usegmt=True)} if self.now else {}
        return httpx.Response(found.status_code, headers=dict(found.headers) | dated, content=found.content)


def answer(status: int, body: Any = None) -> httpx.Response:
    """JSON as escapes, so that it may hold what no UTF-8 can."""
    content = None if body is None else json.dumps(body)
    return httpx.Response(status, content=content, headers={"Content-Type": "application/json"})


def refusal(status: int, message: str) -> httpx.Response:
    return answer(status, {"message": message, "error": "Reason", "statusCode": status})
