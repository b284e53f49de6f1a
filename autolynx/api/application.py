"""The application: the webhook, the JSON API, health and metrics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from autolynx.api import docs_page
from autolynx.api.answers.messages import MessageAnswer
from autolynx.api.errors import handle_errors
from autolynx.api.gate import Gate
from autolynx.api.routes import assistants, calls, campaigns, operations, people
from autolynx.api.routes.webhooks import PATH, VapiWebhook, shown_message
from autolynx.api.routing import ERRORS
from autolynx.api.services import Services
from autolynx.api.wrong_tokens import WrongTokens
from autolynx.calls.intake import AT_ONCE
from autolynx.database import Database, connect
from autolynx.operations.health import Health
from autolynx.operations.metrics import Metrics
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient

log = structlog.get_logger(__name__)

_API_CONNECTIONS = 12
_HEALTH_CONNECTIONS = 1  # one check goes on at a time


@dataclass(frozen=True, slots=True)
class Databases:
    """The ways to the database: each kind of request has connections of its own, so that none waits for another's."""

    messages: Database
    api: Database
    health: Database


@contextmanager
def connected(settings: Settings) -> Iterator[Databases]:
    """Connect when needed, and close at the end."""
    with ExitStack() as stack:
        yield Databases(
            *(stack.enter_context(connect(settings, each)) for each in (AT_ONCE, _API_CONNECTIONS, _HEALTH_CONNECTIONS))
        )


def create_app(settings: Settings, databases: Databases, client: VapiClient) -> ASGIApp:
    """The application: the webhook, the JSON API, health and metrics. The caller closes what it passes in."""
    if settings.webhook_secret is None:
        log.warning("webhook_closed", reason="WEBHOOK_SHARED_SECRET is not set: every message is refused")
    if settings.api_token is None:
        log.warning("api_closed", reason="API_TOKEN is not set: every request to the API is refused")
    health = Health(databases.health, client, settings)
    metrics = Metrics()
    app = described_api()
    wrong_tokens = WrongTokens(databases.api, metrics)
    add_api(app, Services(settings, databases.api, client, health, metrics, wrong_tokens))
    return FrontDoor(VapiWebhook(settings, databases.messages, metrics, wrong_tokens), app)


def described_api() -> FastAPI:
    """Every route with its description, and nothing behind them yet."""
    app = FastAPI(
        title="AutoLynx",
        summary="An outbound AI-calling desk",
        description='Every error answers `{"error": {"code", "message", "details"}}`.',
        docs_url=None,  # ours is in `api/docs_page.py`
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_api_route(
        PATH,
        shown_message,
        methods=["POST"],
        tags=["webhook"],
        summary="Take a message of Vapi",
        response_model=MessageAnswer,
        responses=ERRORS,
    )
    for module in (campaigns, assistants, calls, people, operations, docs_page):
        app.include_router(module.router)
    return app


def add_api(app: FastAPI, services: Services) -> None:
    """Put the services behind the routes, the gate before them, and give every error its form."""
    app.state.services = services
    handle_errors(app)
    app.add_middleware(Gate, settings=services.settings, wrong_tokens=services.wrong_tokens)


class FrontDoor:
    """Lets Vapi's messages past FastAPI and its middleware, of which they need nothing."""

    def __init__(self, webhook: ASGIApp, api: ASGIApp) -> None:
        self._webhook = webhook
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to who answers it."""
        is_message = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST"
        await (self._webhook if is_message else self._api)(scope, receive, send)
