"""What every request to the API passes before a route sees it, or its body is read."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autolynx.api.errors import SOMETHING_WENT_WRONG, STOPPING, error_answer, too_large
from autolynx.api.services import ACTOR
from autolynx.api.tokens import METRICS_PATH, check_token, door
from autolynx.api.wrong_tokens import WrongTokens
from autolynx.errors import Unauthorized, Unavailable
from autolynx.http.bodies import BadLength, announced_bytes
from autolynx.settings import Settings

log = structlog.get_logger(__name__)

#: What a multipart form adds around a file: boundaries, headers, the other fields.
FORM_BYTES = 64 * 1024
#: From one piece of a body to the next. Who sends it is known, and his line may be slow: the whole may take longer.
PIECE_SECONDS = 30.0


class Gate:
    """Asks for the token, bounds the body, and turns what nobody caught into an answer."""

    def __init__(self, app: ASGIApp, settings: Settings, wrong_tokens: WrongTokens) -> None:
        self._app = app
        self._settings = settings
        self._wrong_tokens = wrong_tokens
        self._max_bytes = settings.max_upload_mb * 1024**2

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith("/api/") or scope["path"] == METRICS_PATH:
            try:
                scope[ACTOR] = check_token(scope["path"], scope["headers"], self._settings)
            except Unauthorized as error:
                await self._wrong_tokens.answer(door(scope["path"]), scope, error)(scope, receive, send)
                return
            try:
                receive = BoundedBody(receive, announced_bytes(scope["headers"]), self._max_bytes)
            except BadLength:
                await error_answer(400, "invalid_input", BadLength.MESSAGE)(scope, receive, send)
                return
        await self._answer_whatever_happens(scope, receive, send)

    async def _answer_whatever_happens(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noting_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except asyncio.CancelledError:  # the server stops, and has waited as long as it may
            if has_begun:
                raise
            log.warning("request_cut_off", method=scope["method"], path=scope["path"])
            await error_answer(503, Unavailable.code, STOPPING)(scope, receive, send)
        except Exception:
            if has_begun:
                raise  # the server cuts the connection, so that half an answer is not taken for a whole one
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            await error_answer(500, "internal", SOMETHING_WENT_WRONG)(scope, receive, send)


class BoundedBody:
    """A request's body that ends in a 413 when it is announced as, or grows, larger than the limit; in a 408 when it
    stops on its way."""

    def __init__(self, receive: Receive, announced: int, max_bytes: int) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._announced = announced
        self._received = 0
        self._is_whole = False

    async def __call__(self) -> Any:
        """Pass one piece of the body."""
        message = {} if self._is_too_large(self._announced) else await self._next()
        self._received += len(message.get("body", b""))
        if self._is_too_large(max(self._announced, self._received)):
            raise too_large(self._max_bytes)
        return message

    async def _next(self) -> Any:
        try:
            async with asyncio.timeout(None if self._is_whole else PIECE_SECONDS):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException(408, "The request did not come in time.") from error
        self._is_whole = not message.get("more_body", False)
        return message

    def _is_too_large(self, size: int) -> bool:
        return size > self._max_bytes + FORM_BYTES
