"""The routes that open and close a session."""

from __future__ import annotations

import asyncio
import time
from functools import cache, partial

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from autolynx import access
from autolynx.errors import RETRY_AFTER_SECONDS, AutoLynxError, Unauthorized
from autolynx.ui.frame import entrance, resources
from autolynx.ui.serving import gate, sign_in_form, sign_in_page
from autolynx.ui.serving.tally import Tally
from autolynx.ui.serving.turnstile import TooBusy, Turnstile

log = structlog.get_logger(__name__)

_MOST_SLOWED = 128  # attempts that wait because of others' failures; they hold no thread
_failures = access.Failures()
_turnstile = Turnstile()
_slowed: set[access.Attempt] = set()
_turned_away = Tally("sign_ins_turned_away")


async def show(request: Request) -> Response:
    """The form, or where it would lead, for somebody who is in already."""
    wanted = safe_path(request.query_params.get("next"))
    try:
        await gate.entry(request.scope)
    except Unauthorized:
        return sign_in_page.form(wanted)
    except AutoLynxError as error:
        return sign_in_page.closed(error.message, 503 if error.code == "unavailable" else 403)
    return _to(wanted)


async def sign_in(request: Request) -> Response:
    """Check what was typed; the token goes into a cookie that no script can read."""
    typed = await sign_in_form.read(request)
    email, password = typed.get("email", ""), typed.get("password", "")
    wanted = safe_path(typed.get("next"))
    refusal = partial(sign_in_page.form, wanted, email=email)
    source = gate.source(request.scope)
    try:
        session = await _session(email, password, source, request.headers.get("origin"))
    except (access.TooManyAttempts, TooBusy) as error:
        _turned_away.count(source, code=error.code)
        return refusal(refusal=error.message, status=429, retry_after=_seconds(error))
    except Unauthorized as error:
        return refusal(refusal=error.message, status=401)
    except AutoLynxError as error:
        return refusal(refusal=error.message, status=503)
    return _signed_in(request, session, wanted)


async def _session(email: str, password: str, source: str, page_origin: str | None) -> access.Session:
    """Open a session, within what this address and this source may try."""
    try:
        address = access.claimed_address(email)
    except Unauthorized:
        _turned_away.count(source, code="no_address")
        raise
    attempt = _failures.begin(address, source, time.monotonic())
    try:
        await _slow_down(attempt)
        return await _turnstile.run(partial(_check, attempt, password, page_origin))
    finally:
        attempt.dropped()


async def _slow_down(attempt: access.Attempt) -> None:
    if not attempt.slow_seconds:
        return
    if attempt.is_in_line and access.hides_others(attempt.source):
        _tell_of_proxy(attempt.source)
    if len(_slowed) >= _MOST_SLOWED:
        raise TooBusy
    _slowed.add(attempt)
    try:
        await asyncio.sleep(attempt.slow_seconds)
    finally:
        _slowed.discard(attempt)


@cache
def _tell_of_proxy(source: str) -> None:
    """Once: people wait for each other's failures who have nothing to do with each other."""
    log.warning(
        "sign_ins_wait_for_each_other",
        source=source,
        reason="Many failed from here. If this is a proxy, let it send X-Forwarded-For; the README has the lines.",
    )


def _check(attempt: access.Attempt, password: str, page_origin: str | None) -> access.Session:
    """On the turnstile's thread, which goes on when the visitor has left: what was tried, counts."""
    try:
        session = access.sign_in(
            resources.database(), attempt.address, password, source=attempt.source, origin=page_origin
        )
    except access.WrongCredentials as error:
        _note_failure(attempt, error)
        raise
    attempt.succeeded()
    log.info("signed_in", user_id=str(session.user.id), source=attempt.source)
    return session


def _note_failure(attempt: access.Attempt, error: access.WrongCredentials) -> None:
    """Every failure is a line in the log: no more than passwords can be computed. The audit log has the first ones."""
    news = attempt.failed(time.monotonic())
    whose = {"user_id": error.user_id, "address_hash": access.shortened(attempt.address), "source": attempt.source}
    log.warning("sign_in_failed", **whose, is_locked_now=news == "locked")
    if news:
        access.note_refusal(
            resources.database(), address=attempt.address, source=attempt.source, reason=news, user_id=error.user_id
        )


def _signed_in(request: Request, session: access.Session, wanted: str) -> Response:
    gate.remember(session.token)
    response = _to(wanted)
    page_is_secure = request.headers.get("origin", "").startswith("https:")  # a proxy may not tell the scheme
    response.set_cookie(
        entrance.COOKIE,
        session.token,
        max_age=access.SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or page_is_secure,
    )
    return response


async def ask_to_sign_out(request: Request) -> Response:
    """A link changes nothing: somebody who follows one is asked."""
    try:
        await gate.entry(request.scope)
    except Unauthorized:
        return _to("/sign-in")
    except AutoLynxError as error:
        return sign_in_page.closed(error.message, 503 if error.code == "unavailable" else 403)
    return sign_in_page.leaving()


async def sign_out(request: Request) -> Response:
    """End the session, here and in every open page. The gate has seen that a page of ours asks for it."""
    if token := gate.session_token(request.headers):
        try:
            await to_thread.run_sync(access.sign_out, resources.database(), token)
        except AutoLynxError as error:
            return sign_in_page.closed(error.message, 503)
    response = _to("/sign-in")
    response.delete_cookie(entrance.COOKIE, httponly=True, samesite="lax")
    return response


async def behind_a_proxy(_request: Request) -> Response:
    """Where a page goes that cannot reach its server; `front_page` finds that out."""
    return sign_in_page.closed(gate.HIDDEN_ADDRESS, 403, title="A proxy hides the address")


def safe_path(wanted: str | None) -> str:
    """A path on this site, whatever was asked for."""
    path = wanted or "/"
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\", "/sign-")) and path.isprintable()
    return path if is_ours else "/"


def _to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def _seconds(error: access.TooManyAttempts | TooBusy) -> int:
    return error.retry_after_seconds if isinstance(error, access.TooManyAttempts) else RETRY_AFTER_SECONDS


ROUTES = [
    Route("/sign-in", show, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", ask_to_sign_out, methods=["GET"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/behind-a-proxy", behind_a_proxy, methods=["GET"]),
]
