"""The page's edge: whatever goes wrong on a page ends here, as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

import streamlit as st
import structlog

from autolynx.errors import AutoLynxError, ProviderError, Unavailable

log = structlog.get_logger(__name__)

_INTERNAL = "Something went wrong on our side. If it happens again, give your administrator the reference"


@contextmanager
def sentences(*, can_retry: bool = False) -> Iterator[None]:
    """Show an error as its sentence instead of a traceback. `can_retry`: at most once a page."""
    try:
        yield
    except Exception as error:
        show(error)
        if can_retry and isinstance(error, (Unavailable, ProviderError)):
            st.button("Try again", key="try_again", icon=":material/refresh:")


def show(error: Exception) -> bool:
    """Say what went wrong: an error of ours in its sentence, any other by a reference to the log."""
    if isinstance(error, AutoLynxError) and type(error) is not AutoLynxError:
        icon = ":material/cloud_off:" if isinstance(error, (Unavailable, ProviderError)) else ":material/error:"
        st.error(error.message, icon=icon)
    else:
        reference = token_hex(4)
        log.error("page_failed", reference=reference, exc_info=error)
        st.error(f"{_INTERNAL} **{reference}**.", icon=":material/error:")
    return True
