"""What the provider posts to the webhook server, and what it is answered while the database is away."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.support.web import PROOF, problem

PATH = "/webhooks/vapi"
MESSAGE = b'{"message": {"type": "speech-update"}}'


def status_update(provider_call_id: str, status: str = "ringing", **others: Any) -> dict[str, Any]:
    return {"message": {"type": "status-update", "status": status, "call": {"id": provider_call_id}, **others}}


def post(web: httpx.Client, message: Any, headers: dict[str, str] = PROOF) -> httpx.Response:
    return web.post(PATH, content=json.dumps(message).encode(), headers=headers)


def assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert problem(answer) == {
        "code": "unavailable",
        "message": "The database cannot be reached; please try again.",
        "details": None,
    }
