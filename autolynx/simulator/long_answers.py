"""Answers with many calls in them, which may be megabytes each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from .padding import Padding

Shown = tuple[dict[str, Any], Padding | None]


def array(items: Sequence[Shown]) -> Response:
    """Return an answer that is a bare array."""
    if not _is_long(items):
        return JSONResponse([item for item, _ in items])
    return StreamingResponse(_pieces(b"[", items, b"]"), media_type="application/json")


def with_array(answer: dict[str, Any], name: str, items: Sequence[Shown]) -> Response:
    """Return an answer that is an object with one array added."""
    if not _is_long(items):
        return JSONResponse({**answer, name: [item for item, _ in items]})
    before = _encoded(answer).removesuffix(b"}") + f',"{name}":['.encode()
    return StreamingResponse(_pieces(before, items, b"]}"), media_type="application/json")


def _is_long(items: Sequence[Shown]) -> bool:
    return any(padding is not None for _, padding in items)


async def _pieces(before: bytes, items: Sequence[Shown], after: bytes) -> AsyncIterator[bytes]:
    """Yield an answer one item at a time, so that only one of them is there at its full length."""
    for item, padding in items:
        yield before + _encoded(item if padding is None else padding.lengthened(item))
        before = b","
    yield after


def _encoded(value: Any) -> bytes:
    return bytes(JSONResponse(value).body)
