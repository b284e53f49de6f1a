"""The JSON API: routes that check what was given, call one service and answer. See docs/api.md."""

from __future__ import annotations

from fastapi import FastAPI

from autolynx.api import docs_page
from autolynx.api.errors import handle_errors
from autolynx.api.gate import Gate
from autolynx.api.routes import assistants, calls, campaigns, operations, people
from autolynx.api.services import Services

__all__ = ["Services", "add_api"]


def add_api(app: FastAPI, services: Services) -> None:
    """Add the API's routes, its gate and its error answers to an application."""
    app.state.services = services
    routers = (campaigns, assistants, calls, people, operations, docs_page)
    for router in (module.router for module in routers):
        app.include_router(router)
    handle_errors(app)
    app.add_middleware(Gate, settings=services.settings, wrong_tokens=services.wrong_tokens)
