"""The session guard: the first statement of every page.

Streamlit runs a file in `pages/` directly on a deep link until `st.navigation` has run once in the process,
past `app.py` and its gate (streamlit 1.67, script_runner.py, `_mpa_v1`). So each page asks for itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from autolynx import access
from autolynx.errors import AutoLynxError, Forbidden, Unauthorized
from autolynx.models import User
from autolynx.settings import settings
from autolynx.ui.frame import chrome, edge, entrance, navigation, resources

_RECHECK_SECONDS = 1.0
_GO_TO_SIGN_IN = (
    "<script>window.location.assign('/sign-in?next=' + "
    "encodeURIComponent(window.location.pathname + window.location.search))</script>"
)
_in_app: ContextVar[bool] = ContextVar("in_app", default=False)


@contextmanager
def opened() -> Iterator[None]:
    """Around a page that `app.py` runs; a page outside of it has been run directly."""
    token = _in_app.set(True)
    try:
        yield
    finally:
        _in_app.reset(token)


def require() -> User:
    """Who looks at this page. For nobody the run ends here, with the gate and nothing else on the page."""
    if not _in_app.get():
        _enter_through_app()
    return require_again()


def require_again() -> User:  # noqa: RET503 - st.stop() does not return
    """The same, in a run of `app.py` or a fragment's: signing out anywhere ends every open page."""
    with edge.sentences(can_retry=_in_app.get()):
        try:
            return admitted()
        except (Forbidden, Unauthorized) as error:
            show_out(error)
    st.stop()


def show_out(error: Forbidden | Unauthorized, *, add: str = "") -> None:
    """Say that a visitor may not be here, and lead to the sign-in page where that is the way in."""
    if isinstance(error, Forbidden):
        _show_gate(f"{add}{error.message}")
        return
    _show_gate(f"{add}{'Sign in to go on.' if entrance.is_serving() else _no_sign_in_here(error)}")
    if entrance.is_serving():
        st.html(_GO_TO_SIGN_IN, unsafe_allow_javascript=True)


def is_admitted() -> bool:
    """Whether there is somebody; nothing is shown and nothing ends here."""
    try:
        admitted()
    except AutoLynxError:
        return False
    return True


def admitted() -> User:
    """Who looks at this page; the database is asked once a second. Raises Unauthorized or Forbidden.

    For drawing only: who acts is asked anew, see `acting.py`.
    """
    checked_at, visitor = st.session_state.get("_visitor", (None, None))
    if visitor is None or checked_at is None or time.monotonic() - checked_at > _RECHECK_SECONDS:
        return asked_anew()
    found: User = visitor
    return found


def asked_anew() -> User:
    """Who is at this page now, as the database says; also what the page is drawn for next. Raises as `admitted`."""
    st.session_state.pop("_visitor", None)
    token, is_local = credentials()
    visitor = access.admit(resources.database(), token, is_local=is_local)
    st.session_state["_visitor"] = (time.monotonic(), visitor)
    return visitor


def credentials() -> tuple[str | None, bool]:
    """The session cookie, and whether the browser runs on this machine: those of the page's opening."""
    headers = st.context.headers
    client = st.context.ip_address or "127.0.0.1"  # streamlit says None for this machine's own address
    return st.context.cookies.get(entrance.COOKIE), access.is_local(
        client, headers.get("Host"), headers.keys(), is_simulated=settings().is_simulated
    )


def _enter_through_app() -> None:
    """Register the navigation, so that the next run goes through `app.py`, and start that run."""
    chrome.begin()
    navigation.register("hidden")
    if st.session_state.get("_was_sent_to_app"):
        st.error("A page cannot be opened without app.py; start AutoLynx with `python -m autolynx up`.")
        st.stop()
    st.session_state["_was_sent_to_app"] = True
    st.rerun()


def _show_gate(sentence: str) -> None:
    with st.container(border=True, key="gate"):
        st.subheader("AutoLynx", icon=":material/lock:")
        st.write(sentence)


def _no_sign_in_here(error: Unauthorized) -> str:
    return f"{error.message} Start AutoLynx with `python -m autolynx.ui.serving.server` to sign in."
