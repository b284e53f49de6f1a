"""Every `POST /call` that arrives, noted before anything is made of it."""

from __future__ import annotations

import json
from typing import Any

from starlette.types import Message, Receive, Scope

from .clock import iso, now_ms
from .order import numbers
from .store import Store

_UNANSWERED = "late"


async def noted(store: Store, scope: Scope, receive: Receive) -> Receive:
    """Note an arriving request; return what hands on its body, which this has read."""
    requested_ms = now_ms()
    body, is_whole = await _body(receive)
    try:
        asked = numbers(json.loads(body))
    except ValueError:
        asked = []
    state = scope.setdefault("state", {})
    state["number"] = next(iter(asked), "")
    state["requested_ms"] = requested_ms
    state["post"] = store.add_post(requested_ms, asked, _UNANSWERED)
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": not is_whole}]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    return again


def settled(store: Store, scope: Scope, answered: int | None, *, is_lost: bool) -> None:
    """Note what became of a request: its answer's status, or `lost` when it was cut.

    It stays `late` as long as nothing was answered, and for good when the client left before the answer came.
    """
    post = scope.get("state", {}).get("post")
    if post is not None and (is_lost or answered is not None):
        store.settle_post(post, "lost" if is_lost else answered)


def posts(store: Store) -> list[list[Any]]:
    """Return time, number and answer of the latest requests, oldest first."""
    return [[iso(at_ms), number, answer] for at_ms, number, answer in store.posts()]


async def _body(receive: Receive) -> tuple[bytes, bool]:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body, False
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body, True
