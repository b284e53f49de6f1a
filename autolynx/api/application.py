"""What Vapi reports comes in here: `POST /webhooks/vapi`, and the application it is a route of."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from autolynx.api import Services, add_api
from autolynx.api.answers import Answer
from autolynx.api.errors import SOMETHING_WENT_WRONG, error_answer
from autolynx.api.wrong_tokens import WrongTokens
from autolynx.calls.intake import AT_ONCE, Intake
from autolynx.calls.payloads import NotAnObject
from autolynx.database import Database, connect
from autolynx.errors import Unauthorized, Unavailable
from autolynx.http.bodies import (
    BadLength,
    BodyTooLarge,
    BodyTooSlow,
    PutAside,
    SenderGone,
    Unproven,
    announced_bytes,
    read,
)
from autolynx.operations.health import Health
from autolynx.operations.metrics import Metrics
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.signature import is_signed, shows_secret, verify

log = structlog.get_logger(__name__)

PATH = "/webhooks/vapi"
MAX_BODY_BYTES = 10 * 1024**2

_API_CONNECTIONS = 12
_HEALTH_CONNECTIONS = 1  # one check goes on at a time
_NOT_PROVEN = "This message does not prove that it comes from our Vapi account."
_TOO_MUCH = "Too much comes in at once; please send it again."


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
    app = FastAPI(
        title="AutoLynx",
        summary="An outbound AI-calling desk",
        description='Every error answers `{"error": {"code", "message", "details"}}`.',
        docs_url=None,  # ours is in `api/docs_page.py`
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_api_route(PATH, _shown_message, methods=["POST"], tags=["webhook"], summary="Take a message of Vapi")
    wrong_tokens = WrongTokens(databases.api, metrics)
    add_api(app, Services(settings, databases.api, client, health, metrics, wrong_tokens))
    return FrontDoor(VapiWebhook(settings, databases.messages, metrics, wrong_tokens), app)


class FrontDoor:
    """Lets Vapi's messages past FastAPI and its middleware, of which they need nothing."""

    def __init__(self, webhook: ASGIApp, api: ASGIApp) -> None:
        self._webhook = webhook
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to who answers it."""
        is_message = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST"
        await (self._webhook if is_message else self._api)(scope, receive, send)


async def _shown_message() -> None:
    """Record one server message: `{"message": {"type": ...}}`, proven by X-Vapi-Secret, bearer token or HMAC.

    200 `{"result"}`: applied, duplicate, unmatched, unused or unreadable. 400 no JSON object, 401 not proven,
    408 not here in time, 413 over 10 MB, 503 not stored: send it again.
    """
    # For the OpenAPI page alone: the front door lets no message come so far.


class VapiWebhook:
    """Verify, record, answer: 2xx only for what is committed. The unproven reach no parser, no database."""

    def __init__(self, settings: Settings, database: Database, metrics: Metrics, wrong_tokens: WrongTokens) -> None:
        self._secret = settings.webhook_secret
        self._intake = Intake(settings, database)
        self._unproven = Unproven()
        self._metrics = metrics
        self._wrong_tokens = wrong_tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one message."""
        began = time.perf_counter()
        result, answer = await self._result(scope, receive)
        if answer is not None:
            await answer(scope, receive, send)
        self._metrics.count_webhook(result, time.perf_counter() - began)

    async def _result(self, scope: Scope, receive: Receive) -> tuple[str, Answer | None]:
        try:
            receipt = await self._intake.record(await self._proven_body(scope, receive))
            return receipt.result, Answer({"result": receipt.result})
        except Unauthorized as error:
            return "unproven", self._wrong_tokens.answer("webhook", scope, error)
        except BadLength:
            return "bad_length", error_answer(400, "invalid_input", "Content-Length is no number.")
        except BodyTooLarge:
            return "too_large", error_answer(413, "too_large", "The message is larger than 10 MB.")
        except BodyTooSlow:
            return "too_slow", error_answer(408, "too_slow", "The message did not come in time.")
        except PutAside:
            log.warning("message_put_aside", reason="too much comes in of which nobody knows who sent it")
            return "put_aside", error_answer(503, "unavailable", _TOO_MUCH)
        except NotAnObject as error:
            return "not_an_object", error_answer(400, error.code, error.message)
        except Unavailable as error:
            log.warning("event_not_recorded", error=str(error), details=error.details)
            return "unavailable", error_answer(503, error.code, Unavailable().message)
        except SenderGone:
            return "sender_gone", None
        except Exception:
            log.exception("event_not_recorded")
            return "failed", error_answer(500, "internal", SOMETHING_WENT_WRONG)

    async def _proven_body(self, scope: Scope, receive: Receive) -> bytes:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        now = time.time()
        if announced_bytes(headers) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if shows_secret(headers, self._secret):
            return await read(receive, MAX_BODY_BYTES)
        if not self._secret or not is_signed(headers, now=now):
            raise Unauthorized(_NOT_PROVEN)
        body = await self._unproven.read(receive, MAX_BODY_BYTES)
        if not verify(headers, body, self._secret, now=now):
            raise Unauthorized(_NOT_PROVEN)
        return body
