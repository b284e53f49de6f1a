"""What moves by itself on a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from autolynx.models import User
from autolynx.ui.frame import edge, guard


def redrawn(draw: Callable[[User], None], *, every_seconds: float | None) -> None:
    """Draw now and, if `every_seconds` is set, again and again; each time for who may look then."""

    @st.fragment(run_every=every_seconds)
    def fragment() -> None:
        with edge.sentences():
            draw(guard.require_again())

    fragment()
