"""`/call`: start, list, read, rename and erase calls, and fetch their recordings."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .artifact import is_recorded
from .call import Call
from .call_creation import (
    customers,
    limits,
    new_call,
    refuse_if_closed,
    refuse_if_full,
    resolved_assistant,
    resolved_line,
)
from .call_fields import CALL
from .clock import Clock
from .errors import Refusal, bad_request, not_found
from .faults import Faults, LostAnswer
from .recording import KINDS
from .requests import json_object, selected, simulator, validated
from .shapes import text
from .webhooks import Delivery

_EARLY_PATIENCE_SECONDS = 10
_LINK_LIFE_MS = 5 * 60 * 1000


async def create(request: Request) -> Response:
    """Answer `POST /call`; the faults that knobs ask for strike before or after the call exists."""
    body = await json_object(request)
    faults = Faults.drawn(simulator(request), _first_number(body))
    faults.strike_before()
    validated(body, CALL)
    answer, early = _created(request, body, early=faults.early_webhook)
    if early is not None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(early.tried.wait(), _EARLY_PATIENCE_SECONDS)
    if faults.lost_answer:
        raise LostAnswer
    faults.strike_after()
    await asyncio.sleep(faults.late_seconds)
    return JSONResponse(answer, 201)


def _created(
    request: Request, body: Mapping[str, Any], *, early: bool
) -> tuple[dict[str, Any], Delivery | None]:
    """Create what a body asks for; return the answer and, if one was sent ahead of it, a message."""
    office = simulator(request)
    people = customers(body)
    assistant = resolved_assistant(office, body)
    line_id = resolved_line(body)
    if body.get("customers") is None:
        return _admitted(request, body, assistant, line_id, people[0], early=early)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for customer in people:
        try:
            results.append(_admitted(request, body, assistant, line_id, customer, early=False)[0])
        except Refusal as refusal:
            errors.append({"customer": customer, "error": str(refusal.message)})
    for result in results:
        result.pop("subscriptionLimits", None)
    blocked = any("Over Concurrency Limit" in error["error"] for error in errors)
    answer = {"subscriptionLimits": limits(office, blocked=blocked), "results": results, "errors": errors}
    return answer, None


def _admitted(
    request: Request,
    body: Mapping[str, Any],
    assistant: dict[str, Any],
    line_id: str,
    customer: dict[str, Any],
    *,
    early: bool,
) -> tuple[dict[str, Any], Delivery | None]:
    office = simulator(request)
    refuse_if_closed(office, line_id, str(customer["number"]))
    if body.get("schedulePlan") is None:
        refuse_if_full(office)
    call = new_call(office, body, assistant, customer)
    blocked = call.fate.ended_reason == "call.start.error-subscription-concurrency-limit-reached"
    delivery = office.exchange.admit(call, early=early)
    return {"subscriptionLimits": limits(office, blocked=blocked), **call.document}, delivery


async def listed(request: Request) -> JSONResponse:
    """Answer `GET /call`, newest first."""
    office = simulator(request)
    visible = (call for call in reversed(office.exchange.calls.values()) if not call.progress.is_deleted)
    exact = {
        "id": lambda call: call.id,
        "assistantId": lambda call: call.document.get("assistantId"),
        "phoneNumberId": lambda call: call.line_id,
    }
    found = selected(request, visible, functools.partial(_moments, office.clock), exact)
    return JSONResponse([office.reporter.as_document(call) for call in found])


async def read(request: Request) -> JSONResponse:
    """Answer `GET /call/{id}`."""
    return JSONResponse(simulator(request).reporter.as_document(_found(request)))


async def rename(request: Request) -> JSONResponse:
    """Answer `PATCH /call/{id}`, which takes a name and nothing else."""
    call = _found(request)
    body = await json_object(request)
    validated(body, {"name": text(40)})
    simulator(request).exchange.rename(call, body.get("name"))
    return JSONResponse(simulator(request).reporter.as_document(call))


async def erase(request: Request) -> JSONResponse:
    """Answer `DELETE /call/{id}`: erases what is stored; it is no way to hang up."""
    call = _found(request)
    if call.progress.status not in ("ended", "scheduled"):
        raise bad_request("Couldn't Delete Call. It Has Not Ended Yet.")
    simulator(request).exchange.erase(call)
    return JSONResponse(simulator(request).reporter.as_document(call))


async def recorded(request: Request, kind: str) -> RedirectResponse:
    """Answer `GET /call/{id}/…-recording` with a link that works for five minutes, without a key."""
    call = _found(request)
    if not is_recorded(call):
        raise Refusal(404, "Recording Not Found.")
    expires_ms = simulator(request).clock.now_ms() + _LINK_LIFE_MS
    link = simulator(request).links.recording(call.id, kind, expires_ms)
    return RedirectResponse(link, 302)


def _found(request: Request) -> Call:
    identifier = request.path_params["id"]
    call = simulator(request).exchange.calls.get(identifier)
    if call is None or call.progress.is_deleted:
        raise not_found("Call", identifier)
    return call


def _moments(clock: Clock, call: Call) -> dict[str, float]:
    moments = {"createdAt": call.created_ms, "updatedAt": call.progress.updated_ms}
    return {name: clock.shown_ms(ms) for name, ms in moments.items()}


def _first_number(body: Mapping[str, Any]) -> str:
    several = body.get("customers")
    customer = body.get("customer") or (several[0] if isinstance(several, list) and several else {})
    return str(customer.get("number") or "") if isinstance(customer, dict) else ""


ROUTES = [
    Route("/call", create, methods=["POST"]),
    Route("/call", listed, methods=["GET"]),
    Route("/call/{id}", read, methods=["GET"]),
    Route("/call/{id}", rename, methods=["PATCH"]),
    Route("/call/{id}", erase, methods=["DELETE"]),
    *(
        Route(f"/call/{{id}}/{kind}-recording", functools.partial(recorded, kind=kind), methods=["GET"])
        for kind in KINDS
    ),
]
