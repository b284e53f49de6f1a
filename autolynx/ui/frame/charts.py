"""What calls came to: bars that do not flicker while calls go on, a chart to explore when they are over."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go
import streamlit as st

from autolynx.models import CallOutcome
from autolynx.ui.frame.formats import outcome_words

_GREEN, _AMBER, _BLUE, _RED, _GRAY = "#3f9270", "#d08a2e", "#6f93b8", "#bf5a45", "#8d9a94"
_COLORS = {
    CallOutcome.CONVERSATION: _GREEN,
    CallOutcome.ASSISTANT_ENDED: _GREEN,
    CallOutcome.TRANSFERRED: _GREEN,
    CallOutcome.VOICEMAIL: _AMBER,
    CallOutcome.WENT_SILENT: _AMBER,
    CallOutcome.TIME_LIMIT: _AMBER,
    CallOutcome.LINE_ENDED: _AMBER,
    CallOutcome.NO_ANSWER: _BLUE,
    CallOutcome.BUSY: _BLUE,
    CallOutcome.NOT_CONNECTED: _BLUE,
    CallOutcome.WRONG_NUMBER: _RED,
    CallOutcome.TECHNICAL_FAULT: _RED,
    CallOutcome.SETUP_PROBLEM: _RED,
    CallOutcome.TRANSFER_FAILED: _RED,
    CallOutcome.REFUSED: _RED,
    CallOutcome.LOST_TRACK: _AMBER,
}


def draw(by_outcome: dict[CallOutcome, int], *, is_moving: bool) -> None:
    """Show how many contacts came to what, the most frequent first."""
    ordered = sorted(by_outcome.items(), key=lambda item: (-item[1], outcome_words(item[0])))
    if not ordered:
        st.caption("Nothing yet: the first outcome appears when a call has ended.")
    elif is_moving:
        st.html(_bars(ordered))
    else:
        st.plotly_chart(
            _figure(ordered),
            key="outcomes",
            config={"displayModeBar": False},
            alt="Contacts by outcome: " + ", ".join(f"{outcome_words(outcome)} {count}" for outcome, count in ordered),
        )


def _bars(ordered: list[tuple[CallOutcome, int]]) -> str:
    most = ordered[0][1]
    rows = "".join(
        f'<div class="lx-bar"><span>{escape(outcome_words(outcome))}</span><span class="track"><span class="fill" '
        f'style="width:{100 * count / most:.1f}%;background:{_color(outcome)}"></span></span>'
        f'<span class="count">{count:,}</span></div>'
        for outcome, count in ordered
    )
    return f'<div class="lx-bars">{rows}</div>'


def _figure(ordered: list[tuple[CallOutcome, int]]) -> go.Figure:
    total = sum(count for _, count in ordered)
    outcomes, counts = zip(*reversed(ordered), strict=True)
    bars = go.Bar(
        x=counts,
        y=[outcome_words(outcome) for outcome in outcomes],
        orientation="h",
        marker={"color": [_color(outcome) for outcome in outcomes], "cornerradius": 4},
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


def _color(outcome: CallOutcome) -> str:
    return _COLORS.get(outcome, _GRAY)
