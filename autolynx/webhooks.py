"""What Vapi reports comes in here: `POST /webhooks/vapi`, and the application it is a route of."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from autolynx import events
from autolynx.api import Services, add_api
from autolynx.api.answers import Answer
from autolynx.api.errors import SOMETHING_WENT_WRONG, error_answer
from autolynx.api.wrong_tokens import WrongTokens
from autolynx.database import Database
from autolynx.errors import Unauthorized, Unavailable
from autolynx.metrics import Metrics
from autolynx.operations import Health
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.signature import is_signed, shows_secret, verify

log = structlog.get_logger(__name__)

PATH = "/webhooks/vapi"
MAX_BODY_BYTES = 10 * 1024**2
#: Threads that wait for the database; more than its connections would only queue there.
AT_ONCE = 16
#: Longer than one call to the database lasts; with the database gone, messages queue for the threads as well.
RECORD_WITHIN_SECONDS = 13.0

_NOT_PROVEN = "This message does not prove that it comes from our Vapi account."


def create_app(settings: Settings, database: Database, client: VapiClient) -> ASGIApp:
    """The application: the webhook, the JSON API, health and metrics. The caller closes what it passes in."""
    if settings.webhook_secret is None:
        log.warning("webhook_closed", reason="WEBHOOK_SHARED_SECRET is not set: every message is refused")
    if settings.api_token is None:
        log.warning("api_closed", reason="API_TOKEN is not set: every request to the API is refused")
    health = Health(database, client, settings)
    metrics = Metrics(health)
    app = FastAPI(
        title="AutoLynx",
        summary="An outbound AI-calling desk",
        description='Every error answers `{"error": {"code", "message", "details"}}`.',
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_api_route(
        PATH, _shown_message, methods=["POST"], tags=["webhook"], summary="Take a message of Vapi"
    )
    wrong_tokens = WrongTokens(database, metrics)
    add_api(app, Services(settings, database, client, health, metrics, wrong_tokens))
    return FrontDoor(VapiWebhook(settings, database, metrics, wrong_tokens), app)


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
    413 over 10 MB, 503 not stored: send it again.
    """
    # For the OpenAPI page alone: the front door lets no message come so far.


class BodyTooLarge(Exception):
    """More than 10 MB."""


class SenderGone(Exception):
    """The connection was lost before the whole message had come."""


class VapiWebhook:
    """Verify, record, answer: 2xx only for what is committed. The unproven reach no parser, no database."""

    def __init__(
        self, settings: Settings, database: Database, metrics: Metrics, wrong_tokens: WrongTokens
    ) -> None:
        self._settings = settings
        self._secret = settings.webhook_secret
        self._database = database
        self._metrics = metrics
        self._wrong_tokens = wrong_tokens
        # Measured per message: 70 µs of CPU, where anyio.to_thread takes 150.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one message."""
        began = time.perf_counter()
        result, answer = await self._result(scope, receive)
        if answer is not None:
            await answer(scope, receive, send)
        self._metrics.count_webhook(result, time.perf_counter() - began)

    async def _result(self, scope: Scope, receive: Receive) -> tuple[str, Answer | None]:
        try:
            receipt = await self._recorded(await self._proven_body(scope, receive))
            return receipt.result, Answer({"result": receipt.result})
        except Unauthorized as error:
            return "unproven", self._wrong_tokens.answer("webhook", scope, error)
        except BodyTooLarge:
            return "too_large", error_answer(413, "too_large", "The message is larger than 10 MB.")
        except events.NotAnObject as error:
            return "not_an_object", error_answer(400, error.code, error.message)
        except Unavailable as error:
            log.warning("event_not_recorded", error=str(error), details=error.details)
            return "unavailable", error_answer(503, error.code, Unavailable().message)
        except SenderGone:
            return "sender_gone", None
        except Exception:
            log.exception("event_not_recorded")
            return "failed", error_answer(500, "internal", SOMETHING_WENT_WRONG)

    async def _recorded(self, body: bytes) -> events.Receipt:
        """Record it in time, or raise Unavailable: it may still be recorded then, and its repetition is no other."""
        recording = asyncio.get_running_loop().run_in_executor(
            self._threads, events.receive, self._database, self._settings, body
        )
        try:
            async with asyncio.timeout(RECORD_WITHIN_SECONDS):
                return await recording
        except TimeoutError as error:
            raise Unavailable(details=f"not recorded within {RECORD_WITHIN_SECONDS:g} s") from error

    async def _proven_body(self, scope: Scope, receive: Receive) -> bytes:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if int(dict(headers).get(b"content-length", 0)) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if not (shows_secret(headers, self._secret) or is_signed(headers)):
            raise Unauthorized(_NOT_PROVEN)
        body = await _read(receive)
        if not verify(headers, body, self._secret, now=time.time()):
            raise Unauthorized(_NOT_PROVEN)
        return body


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return bytes(body)
