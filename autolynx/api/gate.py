"""What every request to the API passes before a route sees it, or its body is read."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autolynx.api.errors import SOMETHING_WENT_WRONG, error_answer, too_large
from autolynx.api.tokens import check_token, door
from autolynx.api.wrong_tokens import WrongTokens
from autolynx.errors import Unauthorized
from autolynx.settings import Settings

log = structlog.get_logger(__name__)

#: What a multipart form adds around a file: boundaries, headers, the other fields.
FORM_BYTES = 64 * 1024


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
        if scope["path"].startswith("/api/"):
            try:
                check_token(scope["path"], scope["headers"], self._settings)
            except Unauthorized as error:
                await self._wrong_tokens.answer(door(scope["path"]), scope, error)(scope, receive, send)
                return
            receive = BoundedBody(receive, scope, self._max_bytes)
        await self._answer_whatever_happens(scope, receive, send)

    async def _answer_whatever_happens(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noting_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except Exception:
            if has_begun:
                raise  # the server cuts the connection, so that half an answer is not taken for a whole one
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            await error_answer(500, "internal", SOMETHING_WENT_WRONG)(scope, receive, send)


class BoundedBody:
    """A request's body that ends in a 413 when it is announced as, or grows, larger than the limit."""

    def __init__(self, receive: Receive, scope: Scope, max_bytes: int) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._announced = int(dict(scope["headers"]).get(b"content-length", 0))
        self._received = 0

    async def __call__(self) -> Any:
        """Pass one piece of the body."""
        message = {} if self._is_too_large(self._announced) else await self._receive()
        self._received += len(message.get("body", b""))
        if self._is_too_large(max(self._announced, self._received)):
            raise too_large(self._max_bytes)
        return message

    def _is_too_large(self, size: int) -> bool:
        return size > self._max_bytes + FORM_BYTES
