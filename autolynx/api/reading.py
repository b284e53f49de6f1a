"""How a request's JSON is read: no deeper, and with no longer numbers, than what can be stored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from autolynx.http.json_text import LARGE_BYTES, OutOfBounds, read_strictly


class BoundedRequest(Request):
    """A request whose JSON keeps to the bounds."""

    async def json(self) -> Any:
        """Read the body. Raises HTTPException, as FastAPI lets it pass while it reads; ValueError for no JSON."""
        body = await self.body()
        try:
            return read_strictly(body) if len(body) <= LARGE_BYTES else await run_in_threadpool(read_strictly, body)
        except OutOfBounds as error:
            raise HTTPException(422, error.message) from error


class BoundedRoute(APIRoute):
    """A route of the API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI makes it, for a request of ours."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            return await handle(BoundedRequest(request.scope, request.receive))

        return bounded
