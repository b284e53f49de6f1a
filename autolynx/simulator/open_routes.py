"""What needs no key: signed recordings, and the control address of a live call."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .call import Call
from .errors import Refusal, bad_request
from .recording import KINDS, recording
from .requests import json_object, simulator

_COMMANDS = ("end-call", "say", "add-message", "control", "transfer", "handoff")


async def serve_recording(request: Request) -> Response:
    """Answer `GET /recordings/{id}-{kind}.wav`, whole or a range."""
    name = request.path_params["name"].removesuffix(".wav")
    call_id, _, kind = name.rpartition("-")
    query = request.query_params
    expires, signature = query.get("expires", ""), query.get("signature", "")
    office = simulator(request)
    now_ms = office.clock.now_ms()
    if not expires.isdigit() or not office.links.is_recording(call_id, kind, expires, signature, now_ms):
        raise Refusal(403, "Signature Is Not Valid Or Has Expired.")
    call = office.exchange.calls.get(call_id)
    if call is None or call.progress.is_deleted or kind not in KINDS:
        raise Refusal(404, "Recording Not Found.")
    content = await asyncio.to_thread(recording, call, kind, office.seed)
    return _ranged(content, request.headers.get("range"))


async def control(request: Request) -> JSONResponse:
    """Answer `POST {controlUrl}`: `end-call` hangs up; other commands are accepted and change little."""
    call = _controlled(request)
    body = await json_object(request)
    command = body.get("type")
    if command not in _COMMANDS:
        raise bad_request([f"type must be one of the following values: {', '.join(_COMMANDS)}"])
    if call.is_over:
        raise bad_request("Call Has Already Ended.")
    if command == "end-call":
        simulator(request).exchange.hang_up(call, "manually-canceled")
    if command == "say" and body.get("endCallAfterSpoken"):
        simulator(request).exchange.hang_up(call, "assistant-ended-call-after-message-spoken")
    return JSONResponse({"success": True})


def _controlled(request: Request) -> Call:
    office, call_id = simulator(request), request.path_params["id"]
    call = office.exchange.calls.get(call_id)
    if call is None or not office.links.is_control(call_id, request.path_params["token"]):
        raise Refusal(404, "Call Not Found.")
    plan = call.assistant.get("monitorPlan") or {}
    if plan.get("controlAuthenticationEnabled") and not request.headers.get("authorization"):
        raise Refusal(401, "Missing Authorization Header.")
    return call


def _ranged(content: bytes, asked: str | None) -> Response:
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private"}
    span = _span(asked, len(content))
    if span is None:
        return Response(content, headers=headers, media_type="audio/wav")
    first, last = span
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, "audio/wav")


def _span(asked: str | None, size: int) -> tuple[int, int] | None:
    """Return first and last byte of a simple range; anything else means the whole."""
    first, dash, last = (asked or "").removeprefix("bytes=").partition("-")
    if not dash or not (first + last).isdigit():
        return None
    if not first:
        return max(0, size - int(last)), size - 1
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else None


ROUTES = [
    Route("/recordings/{name}", serve_recording, methods=["GET", "HEAD"]),
    Route("/{id}/{token}/control", control, methods=["POST"]),
]
