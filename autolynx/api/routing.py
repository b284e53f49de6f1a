"""What the routes have in common: the token they show on the OpenAPI page, bounded JSON, the form of their errors."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from autolynx.api.errors import ErrorAnswer
from autolynx.api.reading import BoundedRoute
from autolynx.api.tokens import ShowsToken

#: of a route's description: whatever else it answers is an error
ERRORS: dict[int | str, dict[str, Any]] = {"default": {"model": ErrorAnswer, "description": "What went wrong"}}


def api_router(prefix: str, *tags: str) -> APIRouter:
    """The routes below a path, all of which want API_TOKEN."""
    return APIRouter(prefix=prefix, tags=[*tags], dependencies=[ShowsToken], route_class=BoundedRoute, responses=ERRORS)
