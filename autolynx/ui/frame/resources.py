"""What all visitors share: the database and the provider's client, connected once a process."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from autolynx import database as databases
from autolynx.database import Database
from autolynx.settings import settings
from autolynx.vapi.client import VapiClient


@st.cache_resource(show_spinner=False)
def database() -> Database:
    """The database; many threads may share it."""
    return databases.connect(settings())


@st.cache_resource(show_spinner=False)
def client() -> VapiClient:
    """Vapi, or the simulator that stands in."""
    return VapiClient.from_settings(settings())


def zone() -> tzinfo:
    """The reader's time zone, as their browser says."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError, OSError):  # a name this machine does not know, or no name at all
        return UTC


def now() -> datetime:
    """This moment, aware."""
    return datetime.now(UTC)
