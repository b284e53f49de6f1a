"""The gate before everything: who may pass, by HTTP and WebSocket, and what answers tell browsers."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autolynx import access
from autolynx.errors import AutoLynxError, Forbidden, Unauthorized
from autolynx.models import User
from autolynx.settings import settings
from autolynx.ui.frame import entrance
from autolynx.ui.serving import origin, sign_in_page
from autolynx.ui.serving.lookups import LookUps
from autolynx.ui.serving.strangers import Strangers, TooCrowded
from autolynx.ui.serving.tally import Tally

#: Streamlit's own program, the same for everybody; the probe; and the way in.
_OPEN_PREFIXES = ("/static/",)
_PROBE = "/_stcore/health"
_OPEN_PATHS = frozenset({_PROBE, "/sign-in", "/behind-a-proxy", "/favicon.png", "/favicon.ico"})
#: What may be asked for from anywhere, by a link; anything else is an act and must come from a page of ours.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: Where a passed request keeps the names by which this page may reach its server.
PAGE_HOSTS = "autolynx.page_hosts"
#: Where it keeps who sends it.
_VISITOR = "autolynx.visitor"
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
_NO_STORE = {"cache-control": "no-store"}
HIDDEN_ADDRESS = (
    "The proxy in front of AutoLynx does not pass on the address that you see in your browser, so this page cannot be "
    "told from another site's. It must send the header `Host` along: AutoLynx's README has the lines for nginx and "
    "Caddy."
)
_FROM_ELSEWHERE = f"This was not sent by a page of AutoLynx, as far as can be told. If it was: {HIDDEN_ADDRESS}"
_look_ups = LookUps()
_strangers, _probes = Strangers(), Strangers()
_from_elsewhere = Tally("refused_from_elsewhere")


class Gate:
    """ASGI middleware. Pages check again: this is the outer of two walls."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        entrance.begin_serving()

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

        refusal = await _refusal(scope)
        if refusal is None:
            await self._app(scope, receive, sent)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4401})
        else:
            await refusal(scope, receive, sent)


async def entry(scope: Scope) -> access.Entry:
    """Who sends this request. Raises Unauthorized, Forbidden or Unavailable."""
    headers = Headers(scope=scope)
    return await _look_ups.enter(session_token(headers), is_local=_is_local(scope, headers))


def visitor(scope: Scope) -> User:
    """Whom the gate has let in with this request. Raises Unauthorized where it stands open to everybody."""
    found: User | None = scope.get(_VISITOR)
    if found is None:
        raise Unauthorized
    return found


def source(scope: Scope) -> str:
    """Where a request comes from, as strangers are counted."""
    return access.source_of(_client(scope))


def remember(token: str) -> None:
    """Somebody has just signed in: the next request with this token waits behind no made-up one."""
    _look_ups.remember(token)


def session_token(headers: Headers) -> str | None:
    """The token in the session cookie."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(entrance.COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


async def _refusal(scope: Scope) -> Response | None:
    """What to answer instead of letting it pass."""
    is_act = scope["type"] == "websocket" or scope["method"] not in _READING
    session_origin = None
    try:
        await _let_strangers_wait(scope)
    except TooCrowded as error:
        return Response(error.message, 429, _NO_STORE | {"retry-after": "60"}, "text/plain")
    if not _is_open(scope["path"]):
        try:
            found = await entry(scope)
            session_origin, scope[_VISITOR] = found.origin, found.user
        except AutoLynxError as error:
            return _closed(scope, error)
    headers = Headers(scope=scope)
    if is_act and not origin.is_ours(headers, session_origin):
        _from_elsewhere.count(source(scope))
        return sign_in_page.closed(_FROM_ELSEWHERE, 403, title="Sent from elsewhere")
    scope[PAGE_HOSTS] = [*origin.hosts(headers), *([origin.netloc(session_origin)] if session_origin else [])]
    if scope["type"] == "websocket":
        scope["headers"] = _asked_for_by_its_page(headers)
    return None


async def _let_strangers_wait(scope: Scope) -> None:
    headers = Headers(scope=scope)
    if _look_ups.knows(session_token(headers), is_local=_is_local(scope, headers)):
        return
    await (_probes if scope["path"] == _PROBE else _strangers).take_turn(source(scope))


def _is_local(scope: Scope, headers: Headers) -> bool:
    return access.is_local(_client(scope), headers.get("host"), headers.keys(), is_simulated=settings().is_simulated)


def _client(scope: Scope) -> str | None:
    return scope["client"][0] if scope.get("client") else None


def _closed(scope: Scope, error: AutoLynxError) -> Response:
    if isinstance(error, Unauthorized):
        if scope["type"] == "http" and _wants_page(scope):
            path = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303, _NO_STORE)
        return Response(error.message, 401, _NO_STORE, "text/plain")
    return sign_in_page.closed(error.message, 403 if isinstance(error, Forbidden) else 503)


def _asked_for_by_its_page(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers of a live connection that may pass, with the page's own address as Host.

    Streamlit compares the two again, for want of a match believes any page of this machine, and asks a server outside
    what our address is (streamlit 1.67, server_util.py, `is_url_from_allowed_origins`).
    """
    page = headers.get("origin")
    if page is None:
        return headers.raw
    host = (b"host", origin.netloc(page).encode("latin-1"))
    return [host, *((name, value) for name, value in headers.raw if name.lower() != b"host")]


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or (path.startswith(_OPEN_PREFIXES) and ".." not in path)


def _wants_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _with_our_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {name for name, _ in _HEADERS} | {b"server"}
    return [(name, value) for name, value in headers if name.lower() not in ours] + _HEADERS
