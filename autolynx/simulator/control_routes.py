"""`/_simulator/`: what the real provider does not have: health, knobs, reset and the books."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .books import call_entry, dials_by_number, requests_by_route
from .errors import bad_request
from .knobs import KnobError, Knobs
from .long_answers import with_array
from .posts import posts
from .requests import json_object, simulator


async def health(request: Request) -> JSONResponse:
    """Answer `GET /_simulator/health`."""
    office = simulator(request)
    return JSONResponse({"status": "ok", "seed": office.seed, "speed": office.speed, "active": office.exchange.active})


async def knobs(request: Request) -> JSONResponse:
    """Answer `/_simulator/knobs`: GET reads, PATCH turns some, PUT sets all (those not named to default)."""
    office = simulator(request)
    if request.method != "GET":
        body = await json_object(request)
        try:
            office.turn((Knobs() if request.method == "PUT" else office.knobs).changed(body))
        except KnobError as error:
            raise bad_request(str(error)) from error
    return JSONResponse(office.knobs.as_json())


async def reset(request: Request) -> JSONResponse:
    """Answer `POST /_simulator/reset`: forget calls and counts; with `{"assistants": true}` those too."""
    body = await json_object(request)
    simulator(request).reset(assistants=bool(body.get("assistants")))
    return JSONResponse({"status": "ok"})


async def books(request: Request) -> Response:
    """Answer `GET /_simulator/books`; `?calls=false` and `?posts=false` leave those out."""
    office = simulator(request)
    calls = office.exchange.calls.values()
    answer = {
        "dials_by_number": dials_by_number(calls),
        "calls_total": len(calls),
        "calls_to_come": len(office.late_calls),
        "peak_concurrency": office.tally.peak,
        "peak_by_line": office.tally.peak_by_line,
        "peak_by_campaign": office.tally.peak_by_campaign,
        "active": office.exchange.active,
        "inbound": office.knobs.inbound_calls,
        "active_by_line": +office.exchange.active_by_line,
        "webhooks": {name: office.tally.webhooks[name] for name in _WEBHOOK_COUNTS},
        "requests": requests_by_route(office.tally),
        "requests_by_number": office.store.requests_by_number(),
    }
    if _is_wanted(request, "posts"):
        answer["posts"] = posts(office.store)
    if _is_wanted(request, "calls"):
        return with_array(answer, "calls", [call_entry(call, office.reporter, office.links) for call in calls])
    return JSONResponse(answer)


def _is_wanted(request: Request, part: str) -> bool:
    return request.query_params.get(part, "true").lower() not in ("false", "0", "no")


_WEBHOOK_COUNTS = ("sent", "delivered", "failed", "retried", "dropped", "doubled", "reordered", "late")

ROUTES = [
    Route("/_simulator/health", health, methods=["GET"]),
    Route("/_simulator/knobs", knobs, methods=["GET", "PUT", "PATCH"]),
    Route("/_simulator/reset", reset, methods=["POST"]),
    Route("/_simulator/books", books, methods=["GET"]),
]
