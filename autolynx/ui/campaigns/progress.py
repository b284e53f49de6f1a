"""A campaign as it goes: where it stands, who is on the lines, what came of it."""

from __future__ import annotations

from html import escape

import streamlit as st

from autolynx.models import ActiveCall, Campaign
from autolynx.ui.calls import doubt
from autolynx.ui.frame import charts, resources
from autolynx.ui.frame.formats import (
    MODES,
    NOTHING,
    call_look,
    campaign_look,
    clock,
    counted,
    duration,
    moment,
    money,
    plain,
    shows_costs,
    since,
)

_LINES_SHOWN = 20  # of the calls in doubt that hold no line; caps bound the others
_COLORS = {"blue": "#6f93b8", "orange": "#d08a2e", "green": "#3f9270", "gray": "#8d9a94"}


def is_moving(campaign: Campaign) -> bool:
    """True while something may still change by itself: it is not over, or its last calls are."""
    return not campaign.status.is_over or campaign.progress.calling > 0


def title(campaign: Campaign) -> None:
    """Name, status and the reason for it."""
    look = campaign_look(campaign.status)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(plain(campaign.name), width="content", anchor=False)
        with st.container(key="campaign_status", width="content"):
            st.badge(look.label, icon=look.icon, color=look.color)  # type: ignore[arg-type]
    zone, now = resources.zone(), resources.now()
    st.caption(
        f":material/support_agent: {plain(campaign.assistant_name)} · {MODES[campaign.mode]}, "
        f"{counted(campaign.cap, 'line')} at most · created {moment(campaign.created_at, zone, now)} "
        f"by {plain(campaign.created_by)}" + _span(campaign)
    )
    if campaign.status_reason:
        tell = st.error if campaign.status == "FAILED" else st.warning
        tell(plain(campaign.status_reason), icon=look.icon)


def _span(campaign: Campaign) -> str:
    if campaign.started_at is None:
        return ""
    zone, now = resources.zone(), resources.now()
    if campaign.completed_at is None:
        return f" · first call {moment(campaign.started_at, zone, now)}"
    return f" · finished {moment(campaign.completed_at, zone, now)}"


def _took(campaign: Campaign) -> str:
    if campaign.started_at is None or campaign.completed_at is None:
        return NOTHING
    return since(campaign.started_at, campaign.completed_at)


def progress(campaign: Campaign) -> None:
    """How far it is, in figures."""
    now = campaign.progress
    share = now.settled / now.total if now.total else 0.0
    rest = [
        f"{now.on_line:,} on the line" if now.on_line else "",
        f"{now.in_doubt:,} in doubt" if now.in_doubt else "",
        counted(now.awaiting_result, "awaits its result", "await their results") if now.awaiting_result else "",
        f"{now.waiting:,} waiting" if now.waiting else "",
    ]
    told = " · ".join([f"**{now.settled:,} of {now.total:,}** contacts settled", *filter(None, rest)])
    st.progress(min(share, 1.0), text=told)
    with st.grid(6, min_column_width=140):
        if is_moving(campaign):
            st.metric("Lines busy", f"{now.active_calls} of {campaign.cap}", border=True)
        else:
            st.metric("Took", _took(campaign), border=True)
        st.metric("Calls made", f"{now.calls:,}", border=True)
        st.metric("People reached", f"{now.humans_reached:,}", border=True)
        st.metric("Successes", f"{now.successes:,}", border=True, help="As the call's own evaluation says.")
        st.metric("Talk time", duration(now.talk_seconds), border=True)
        if shows_costs():
            st.metric("Cost", plain(money(now.cost_usd)), border=True)


def lines_and_outcomes(campaign: Campaign) -> None:
    """Who is on the lines now, and what came of the others."""
    moving = is_moving(campaign)
    left, right = st.columns(2) if moving else (None, st.container())
    if left is not None:
        with left.container(border=True, height=330, key="lines"):
            st.markdown("#### On the lines now")
            _lines(campaign)
    with right.container(border=True, height=330 if moving else "content", key="outcome_card"):
        st.markdown("#### Outcomes")
        charts.draw(campaign.progress.by_outcome, is_moving=moving)


def _lines(campaign: Campaign) -> None:
    given_back = [call for call in campaign.calls_in_doubt if not call.status.is_active]
    if campaign.active_calls:
        _table(campaign.active_calls)
    else:
        st.caption("All lines are free." if campaign.status.is_live else "No call is under way.")
    if given_back:
        whose = counted(len(given_back), "call is", "calls are")
        st.caption(f":material/help: {whose} in doubt and off the lines: the lines were given back meanwhile.")
        _table(given_back[:_LINES_SHOWN])


def _table(calls: list[ActiveCall]) -> None:
    st.html(f'<table class="lx-lines">{"".join(map(_line, calls))}</table>')


def _line(call: ActiveCall) -> str:
    zone, now = resources.zone(), resources.now()
    look = call_look(call.status, dial_state=call.dial_state)
    start = call.started_at or call.dialed_at or call.created_at
    who = f'<strong>{escape(call.name)}</strong> <span class="muted">{escape(call.business_name)}</span>'
    remark = doubt.of_line(call, zone, now)
    if remark:
        who += f'<span class="remark">{escape(remark)}</span>'
    return (
        f'<tr><td><span class="lx-dot" style="background:{_COLORS[look.color]}"></span>{look.label}</td>'
        f"<td>{who}</td>"
        f'<td class="time" title="since {clock(start, zone)}">{since(start, now)}</td></tr>'
    )
