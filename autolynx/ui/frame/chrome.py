"""What frames every page: logo, style, banners, and who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import streamlit as st

from autolynx.access import LOCAL_OPERATOR
from autolynx.models import ProviderHealth, SchedulerLife, User
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
    life = SchedulerLife.model_validate(_health()["scheduler"])
    if not life.is_alive:
        st.warning(f"{life.told} {_START_ONE}", icon=":material/power_off:")
    _provider_banner(ProviderHealth.model_validate(_health()["provider"]))


def _provider_banner(provider: ProviderHealth) -> None:
    if provider.state != "closed":
        since = moment(provider.since, resources.zone(), resources.now())
        st.warning(
            f"Vapi has trouble since {since}, so dialing is held back and tried again by itself: "
            f"{plain(provider.reason or 'no answer')}",
            icon=":material/cloud_off:",
        )


@st.cache_data(ttl=5, show_spinner=False)
def _health() -> dict[str, Any]:
    """Who is alive and what is open; at most five seconds old."""
    found: dict[str, Any] = resources.database().call("get_health")
    return found


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
