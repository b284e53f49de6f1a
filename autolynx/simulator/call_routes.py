"""`/call`: start, list, read, rename and erase calls, and fetch their recordings."""

from __future__ import annotations

import asyncio
import contextlib
import functools

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .admission import created
from .artifact import is_recorded
from .call import Call
from .call_creation import refuse_if_odd
from .clock import Clock
from .errors import LostAnswer, Refusal, bad_request, not_found
from .faults import Faults
from .long_answers import array
from .order import Admitted, Order, numbers
from .recording import KINDS
from .requests import json_object, selected, simulator, validated
from .simulator import Simulator
from .visibility import is_found, listed_calls

_EARLY_PATIENCE_SECONDS = 10
_LINK_LIFE_MS = 5 * 60 * 1000


async def create(request: Request) -> Response:
    """Answer `POST /call`; the faults that knobs ask for strike before or after the call exists."""
    body = await json_object(request)
    office = simulator(request)
    faults = Faults.drawn(office, next(iter(numbers(body)), ""))
    faults.strike_before()
    validated(body, "call")
    if body.get("customers") is None:
        refuse_if_odd(office, next(iter(numbers(body)), ""))
    order = Order(body, request.state.requested_ms, faults.early_webhook)
    answer, early = await _done(office, order, faults)
    if early is not None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(early.tried.wait(), _EARLY_PATIENCE_SECONDS)
    if faults.lost_answer:
        raise LostAnswer
    faults.strike_after()
    await asyncio.sleep(faults.late_seconds)
    return JSONResponse(answer, 201)


async def _done(office: Simulator, order: Order, faults: Faults) -> Admitted:
    """Do an order at once, or leave it to be done later and wait for it, or do not even wait."""
    if faults.late_creation_seconds is None:
        return created(office, order)
    coming = office.late_calls.take(order, faults.late_creation_seconds)
    outcome = faults.late_creation_refusal or await coming
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def listed(request: Request) -> Response:
    """Answer `GET /call`, newest first."""
    office = simulator(request)
    exact = {
        "id": lambda call: call.id,
        "assistantId": lambda call: call.document.get("assistantId"),
        "phoneNumberId": lambda call: call.line_id,
    }
    found = selected(request, listed_calls(office), functools.partial(_moments, office.clock), exact)
    return array([office.reporter.shown(call) for call in found])


async def read(request: Request) -> JSONResponse:
    """Answer `GET /call/{id}`."""
    call = _found(request)
    if not is_found(simulator(request), call):
        raise not_found("Call", call.id)
    return JSONResponse(simulator(request).reporter.as_document(call))


async def rename(request: Request) -> JSONResponse:
    """Answer `PATCH /call/{id}`, which takes a name and nothing else."""
    call = _found(request)
    body = await json_object(request)
    validated(body, "call_change")
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
