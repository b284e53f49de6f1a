"""The gate before everything: who may pass, by HTTP and WebSocket, and what answers tell browsers."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autolynx import access
from autolynx.errors import AutoLynxError, Forbidden, Unauthorized
from autolynx.models import User
from autolynx.settings import settings
from autolynx.ui import resources, sign_in_page

COOKIE = "autolynx_session"
#: Streamlit's own program, the same for everybody; the probe; and the way in.
_OPEN_PREFIXES = ("/static/",)
_OPEN_PATHS = frozenset({"/_stcore/health", "/sign-in", "/favicon.png", "/favicon.ico"})
#: Only we may say who somebody is.
_SPOOFABLE = (b"x-autolynx-", b"x-streamlit-user")
#: Streamlit needs inline styles and scripts, charts compile expressions; nothing needs another server.
_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "frame-ancestors 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
_HEADERS = [
    (b"content-security-policy", _CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_serving: list[bool] = []


def is_serving() -> bool:
    """True in a process where this gate stands, so that there is a sign-in page to send people to."""
    return bool(_serving)


class Gate:
    """ASGI middleware. Pages check again: this is the outer of two walls."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        _serving.append(True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        kept = [(name, value) for name, value in scope["headers"] if not name.lower().startswith(_SPOOFABLE)]
        scope = {**scope, "headers": kept}

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_our_headers(message.get("headers", []))
            await send(message)

        refusal = None if _is_open(scope["path"]) else await to_thread.run_sync(_refusal, scope)
        if refusal is None:
            await self._app(scope, receive, sent)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4401})
        else:
            await refusal(scope, receive, sent)


def visitor(scope: Scope) -> User:
    """Who sends this request. Raises Unauthorized, Forbidden or Unavailable."""
    headers = Headers(scope=scope)
    client = scope["client"][0] if scope.get("client") else None
    is_local = access.is_local(
        client, headers.get("host"), headers.keys(), is_simulated=settings().is_simulated
    )
    return access.admit(resources.database(), session_token(headers), is_local=is_local)


def session_token(headers: Headers) -> str | None:
    """The token in the session cookie."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _refusal(scope: Scope) -> Response | None:
    try:
        visitor(scope)
    except Unauthorized as error:
        if scope["type"] == "http" and _wants_page(scope):
            path = scope["path"] + (
                f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            )
            return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303, _NO_STORE)
        return Response(error.message, 401, _NO_STORE, "text/plain")
    except Forbidden as error:
        return sign_in_page.closed(error.message, 403)
    except AutoLynxError as error:
        return sign_in_page.closed(error.message, 503)
    return None


_NO_STORE = {"cache-control": "no-store"}


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or (path.startswith(_OPEN_PREFIXES) and ".." not in path)


def _wants_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _with_our_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {name for name, _ in _HEADERS} | {b"server"}
    return [(name, value) for name, value in headers if name.lower() not in ours] + _HEADERS
