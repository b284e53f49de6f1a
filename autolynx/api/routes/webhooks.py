"""`POST /webhooks/vapi`: what Vapi reports comes in here."""

from __future__ import annotations

import asyncio
import time
from functools import cache

import structlog
from starlette.types import Receive, Scope, Send

from autolynx.api.answers import Answer
from autolynx.api.answers.messages import MessageAnswer, MessageBody
from autolynx.api.errors import SOMETHING_WENT_WRONG, STOPPING, error_answer
from autolynx.api.wrong_tokens import WrongTokens
from autolynx.calls.intake import Intake
from autolynx.calls.payloads import NotAnObject
from autolynx.database import Database
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
from autolynx.operations.metrics import Metrics
from autolynx.settings import Settings
from autolynx.vapi.signature import is_signed, shows_secret, verify

log = structlog.get_logger(__name__)

PATH = "/webhooks/vapi"
MAX_BODY_BYTES = 10 * 1024**2

_NOT_PROVEN = "This message does not prove that it comes from our Vapi account."
_TOO_MUCH = "Too much comes in at once; please send it again."


async def shown_message(body: MessageBody) -> None:
    """Record one server message: `{"message": {"type": ...}}`, proven by X-Vapi-Secret, bearer token or HMAC.

    200 `{"result"}`: applied, duplicate, unmatched, unused or unreadable. 400 no JSON object, 401 not proven,
    408 not here in time, 413 over 10 MB, 503 not stored: send it again.
    """
    # For the OpenAPI page alone: the front door lets no message come so far.


@cache
def _taken(result: str) -> Answer:
    return Answer(MessageAnswer.model_validate({"result": result}))


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
            return receipt.result, _taken(receipt.result)
        except Unauthorized as error:
            return "unproven", self._wrong_tokens.answer("webhook", scope, error)
        except BadLength:
            return "bad_length", error_answer(400, "invalid_input", BadLength.MESSAGE)
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
        except asyncio.CancelledError:  # the server stops, and has waited as long as it may
            log.warning("event_not_recorded", error="the server stops")
            return "unavailable", error_answer(503, Unavailable.code, STOPPING)
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
