"""What the provider posts to the webhook server, how it is signed, and what it is answered without a database."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx

from tests.support.web import PROOF, SECRET, problem

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


def hmac_headers(signature: str | bytes, name: str = "X-Vapi-Signature", at: float | None = None) -> dict[str, Any]:
    return {"X-Timestamp": str(int(at or time.time())), name: signature}


def signature(at: float, encode: Any = bytes.hex, body: bytes = MESSAGE) -> str:
    digest = hmac.new(SECRET.encode(), str(int(at)).encode() + b"." + body, hashlib.sha256).digest()
    encoded: str = encode(digest)
    return encoded
