"""What moves by itself on a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from autolynx.ui import edge, guard


def redrawn(draw: Callable[[], None], *, every_seconds: float | None) -> None:
    """Draw now and, if `every_seconds` is set, again and again; each time for somebody who may still look."""

    @st.fragment(run_every=every_seconds)
    def fragment() -> None:
        with edge.sentences():
            guard.require_again()
            draw()

    fragment()
