"""`/assistant`: create, list, read, change and delete assistants."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .clock import iso, parse_iso_ms
from .errors import not_found
from .lines import ORG_ID
from .requests import json_object, selected, simulator, validated


async def create(request: Request) -> JSONResponse:
    """Answer `POST /assistant`."""
    body = await json_object(request)
    validated(body, "assistant")
    now = iso(simulator(request).clock.now_ms())
    assistant = {
        **_without_nulls(body),
        "id": str(uuid.uuid4()),
        "orgId": ORG_ID,
        "createdAt": now,
        "updatedAt": now,
    }
    _keep(request, assistant)
    return JSONResponse(assistant, 201)


async def listed(request: Request) -> JSONResponse:
    """Answer `GET /assistant`, newest first."""
    return JSONResponse(selected(request, reversed(simulator(request).assistants.values()), moments))


async def read(request: Request) -> JSONResponse:
    """Answer `GET /assistant/{id}`."""
    return JSONResponse(_found(request))


async def change(request: Request) -> JSONResponse:
    """Answer `PATCH /assistant/{id}`: fields sent replace fields there, whole; a null clears one."""
    assistant = _found(request)
    body = await json_object(request)
    validated(body, "assistant")
    changed = _without_nulls({**assistant, **body, "updatedAt": iso(simulator(request).clock.now_ms())})
    _keep(request, changed)
    return JSONResponse(changed)


async def delete(request: Request) -> JSONResponse:
    """Answer `DELETE /assistant/{id}` with what was deleted."""
    assistant = _found(request)
    del simulator(request).assistants[assistant["id"]]
    simulator(request).store.delete_assistant(assistant["id"])
    return JSONResponse(assistant)


def moments(document: dict[str, Any]) -> dict[str, float]:
    """Return when a document was created and changed."""
    return {name: parse_iso_ms(document[name]) for name in ("createdAt", "updatedAt")}


def _found(request: Request) -> dict[str, Any]:
    identifier = request.path_params["id"]
    assistant = simulator(request).assistants.get(identifier)
    if assistant is None:
        raise not_found("Assistant", identifier)
    return assistant


def _keep(request: Request, assistant: dict[str, Any]) -> None:
    simulator(request).assistants[assistant["id"]] = assistant
    simulator(request).store.save_assistant(assistant)


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}


ROUTES = [
    Route("/assistant", create, methods=["POST"]),
    Route("/assistant", listed, methods=["GET"]),
    Route("/assistant/{id}", read, methods=["GET"]),
    Route("/assistant/{id}", change, methods=["PATCH"]),
    Route("/assistant/{id}", delete, methods=["DELETE"]),
]
