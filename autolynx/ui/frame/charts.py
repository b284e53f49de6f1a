"""What calls came to: bars that do not flicker while calls go on, a chart to explore when they are over."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go
import streamlit as st

from autolynx.vapi.outcomes import Outcome

_GREEN, _AMBER, _BLUE, _RED, _GRAY = "#3f9270", "#d08a2e", "#6f93b8", "#bf5a45", "#8d9a94"
_COLORS = {
    Outcome.CONVERSATION: _GREEN,
    Outcome.ASSISTANT_ENDED: _GREEN,
    Outcome.TRANSFERRED: _GREEN,
    Outcome.VOICEMAIL: _AMBER,
    Outcome.WENT_SILENT: _AMBER,
    Outcome.TIME_LIMIT: _AMBER,
    Outcome.LINE_ENDED: _AMBER,
    Outcome.NO_ANSWER: _BLUE,
    Outcome.BUSY: _BLUE,
    Outcome.NOT_CONNECTED: _BLUE,
    Outcome.WRONG_NUMBER: _RED,
    Outcome.TECHNICAL_FAULT: _RED,
    Outcome.SETUP_PROBLEM: _RED,
    Outcome.TRANSFER_FAILED: _RED,
    "Refused by Vapi": _RED,  # this and the next are the database's own
    "Lost track of the call": _AMBER,
}


def draw(by_outcome: dict[str, int], *, is_moving: bool) -> None:
    """Show how many contacts came to what, the most frequent first."""
    ordered = sorted(by_outcome.items(), key=lambda item: (-item[1], item[0]))
    if not ordered:
        st.caption("Nothing yet: the first outcome appears when a call has ended.")
    elif is_moving:
        st.html(_bars(ordered))
    else:
        st.plotly_chart(
            _figure(ordered),
            key="outcomes",
            config={"displayModeBar": False},
            alt="Contacts by outcome: " + ", ".join(f"{name} {count}" for name, count in ordered),
        )


def _bars(ordered: list[tuple[str, int]]) -> str:
    most = ordered[0][1]
    rows = "".join(
        f'<div class="lx-bar"><span>{escape(name)}</span><span class="track"><span class="fill" '
        f'style="width:{100 * count / most:.1f}%;background:{_color(name)}"></span></span>'
        f'<span class="count">{count:,}</span></div>'
        for name, count in ordered
    )
    return f'<div class="lx-bars">{rows}</div>'


def _figure(ordered: list[tuple[str, int]]) -> go.Figure:
    total = sum(count for _, count in ordered)
    names, counts = zip(*reversed(ordered), strict=True)
    bars = go.Bar(
        x=counts,
        y=names,
        orientation="h",
        marker={"color": [_color(name) for name in names], "cornerradius": 4},
        text=[f"{count:,}" for count in counts],
        textposition="outside",
        cliponaxis=False,
        customdata=[count / total for count in counts],
        hovertemplate="%{y}<br>%{x} contacts, %{customdata:.0%}<extra></extra>",
    )
    figure = go.Figure(bars)
    figure.update_layout(
        height=38 * len(ordered) + 24,
        margin={"l": 0, "r": 36, "t": 4, "b": 4},
        bargap=0.42,
        font={"size": 13},
        xaxis={"visible": False, "fixedrange": True},
        yaxis={"fixedrange": True, "ticksuffix": "  ", "automargin": True},
    )
    return figure


def _color(outcome: str) -> str:
    return next((color for name, color in _COLORS.items() if name == outcome), _GRAY)
