"""What frames every page: logo, style, banners, and who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st

from autolynx.access import LOCAL_OPERATOR, Actor, reader_of
from autolynx.models import ProviderHealth, User
from autolynx.operations.health import Standing, get_standing
from autolynx.settings import settings
from autolynx.ui import ASSETS
from autolynx.ui.frame import resources
from autolynx.ui.frame.formats import moment, plain

SIMULATED = "The simulator stands in for Vapi: no real calls are made"
_START_ONE = "Start one with `python scheduler.py`."


def begin() -> None:
    """Title, logo and style; the same for a visitor and for nobody."""
    st.set_page_config(page_title="AutoLynx", page_icon=str(ASSETS / "icon.svg"), layout="wide")
    st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "icon.svg"))
    st.html(ASSETS / "desk.css")


def frame(visitor: User) -> None:
    """The banners above a page and the visitor's name beside it."""
    with st.sidebar, st.container(key="visitor"):
        st.caption(f":material/account_circle: {plain(visitor.name)} · {visitor.role}")
        if visitor != LOCAL_OPERATOR:
            st.html('<form method="post" action="/sign-out"><button class="lx-sign-out">Sign out</button></form>')
    if settings().is_simulated:
        st.html(f'<div class="lx-simulated" role="note"><strong>Simulation.</strong> {SIMULATED}.</div>')
    standing = _standing(reader_of(visitor))
    if not standing.scheduler.is_alive:
        st.warning(f"{standing.scheduler.told} {_START_ONE}", icon=":material/power_off:")
    _provider_banner(standing.provider)


def _provider_banner(provider: ProviderHealth) -> None:
    if provider.state != "closed":
        since = moment(provider.since, resources.zone(), resources.now())
        st.warning(
            f"Vapi has trouble since {since}, so dialing is held back and tried again by itself: "
            f"{plain(provider.reason or 'no answer')}",
            icon=":material/cloud_off:",
        )


@st.cache_data(ttl=5, show_spinner=False)
def _standing(_reader: Actor) -> Standing:
    """Who is alive; at most five seconds old, and the same for everybody."""
    return get_standing(resources.database(), actor=_reader)


@contextmanager
def heading(title: str) -> Iterator[None]:
    """A page's title; what is drawn within stands beside it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(title, width="content", anchor=False)
        yield


def notice(sentence: str) -> None:
    """Say something on the next page that is drawn."""
    st.session_state["_notice"] = sentence


def show_notice() -> None:
    """Show what `notice` left, once."""
    if sentence := st.session_state.pop("_notice", None):
        st.toast(plain(sentence), icon=":material/check_circle:")


def empty(title: str, sentence: str, icon: str) -> None:
    """A page, or a part of one, that has nothing to show yet."""
    with st.container(border=True, key=f"empty_{''.join(c if c.isalnum() else '_' for c in title.lower())}"):
        st.markdown(f"### {icon} {title}")
        st.write(sentence)


def download(label: str, address: str) -> None:
    """A link, looking like a button, to what one of our own routes streams."""
    st.html(
        f'<a class="lx-button" href="{escape(address)}" target="_self" download>{escape(label)}</a>',
        width="content",
    )
