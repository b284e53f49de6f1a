"""The routes that open and close a session."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from autolynx import access
from autolynx.errors import AutoLynxError, Unauthorized
from autolynx.ui import gate, resources, sign_in_page

_LARGEST_FORM = 8192  # bytes
_TRIES, _WINDOW_SECONDS = 10, 300.0
_TOO_MANY = "Too many attempts. Wait five minutes, then try again."
_failures: dict[str, deque[float]] = defaultdict(deque)
_lock = threading.Lock()


async def show(request: Request) -> Response:
    """The form, or where it would lead, for somebody who is in already."""
    wanted = safe_path(request.query_params.get("next"))
    try:
        await to_thread.run_sync(gate.visitor, request.scope)
    except Unauthorized:
        return sign_in_page.form(wanted)
    except AutoLynxError as error:
        return sign_in_page.closed(error.message, 503 if error.code == "unavailable" else 403)
    return _to(wanted)


async def sign_in(request: Request) -> Response:
    """Check what was typed; the token goes into a cookie that no script can read."""
    if (
        not _is_from_here(request)
        or int(request.headers.get("content-length") or _LARGEST_FORM + 1) > _LARGEST_FORM
    ):
        return Response("Sign in on AutoLynx's own page.", 403)
    typed = await request.form()
    email, password = str(typed.get("email", "")), str(typed.get("password", ""))
    wanted = safe_path(str(typed.get("next", "")))
    if _is_blocked(email):
        return sign_in_page.form(wanted, email=email, refusal=_TOO_MANY, status=429)
    try:
        session = await to_thread.run_sync(access.sign_in, resources.database(), email, password)
    except Unauthorized as error:
        _note_failure(email)
        return sign_in_page.form(wanted, email=email, refusal=error.message, status=401)
    except AutoLynxError as error:
        return sign_in_page.form(wanted, email=email, refusal=error.message, status=503)
    response = _to(wanted)
    response.set_cookie(
        gate.COOKIE,
        session.token,
        max_age=access.SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


async def sign_out(request: Request) -> Response:
    """End the session, here and in every open page. A link elsewhere cannot do it."""
    token = gate.session_token(request.headers)
    if token and _is_from_here(request):
        await to_thread.run_sync(access.sign_out, resources.database(), token)
    response = _to("/sign-in")
    response.delete_cookie(gate.COOKIE, httponly=True, samesite="lax")
    return response


def safe_path(wanted: str | None) -> str:
    """A path on this site, whatever was asked for."""
    path = wanted or "/"
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\", "/sign-")) and path.isprintable()
    return path if is_ours else "/"


def _to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def _is_from_here(request: Request) -> bool:
    """Browsers say where a request comes from; one that says nothing was typed or is a script's own."""
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _is_blocked(email: str) -> bool:
    with _lock:
        tries = _failures.get(email.strip().lower())
        while tries and tries[0] < time.monotonic() - _WINDOW_SECONDS:
            tries.popleft()
        return tries is not None and len(tries) >= _TRIES


def _note_failure(email: str) -> None:
    with _lock:
        if len(_failures) > 10_000:
            _failures.clear()
        _failures[email.strip().lower()].append(time.monotonic())


ROUTES = [
    Route("/sign-in", show, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["GET"]),
]
