"""The parts of the first page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from autolynx.access import reader_of
from autolynx.analysis.overview import get_overview
from autolynx.models import IN_DOUBT, LatestCall, Overview, User
from autolynx.ui.calls import doubt
from autolynx.ui.campaigns import rows
from autolynx.ui.frame import navigation, resources
from autolynx.ui.frame.formats import call_look, call_statuses, duration, money, outcome_words, plain, shows_costs


def new_campaign_link() -> None:
    """The button that leads to a new campaign."""
    if st.button("New campaign", key="to_new_campaign", icon=":material/add_call:", type="primary"):
        st.switch_page(navigation.NEW_CAMPAIGN)


def draw(visitor: User) -> None:
    """Everything that moves."""
    now = resources.now().astimezone(resources.zone())
    day_start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    overview = get_overview(resources.database(), actor=reader_of(visitor), day_start=day_start)
    if overview.campaigns_total == 0:
        _first_steps(overview)
        return
    _figures(overview)
    st.header("Under way", anchor=False)
    if overview.open_campaigns:
        rows.draw(overview.open_campaigns, key="open")
    else:
        with st.container(border=True, key="nothing_under_way"):
            st.caption("No campaign is dialing. Start one, and it shows here.")
    st.header("Latest calls", anchor=False)
    _latest(overview.latest_calls)


def _figures(overview: Overview) -> None:
    today = overview.today
    with st.grid(5, min_column_width=150):
        st.metric("Lines busy", f"{overview.active_calls} of {overview.organization_cap}", border=True)
        st.metric("Calls today", f"{today.calls:,}", border=True)
        st.metric("People reached", f"{today.humans_reached:,}", border=True)
        st.metric("Successes", f"{today.successes:,}", border=True)
        if shows_costs():
            st.metric("Cost today", plain(money(today.cost_usd)), border=True)


def _latest(calls: list[LatestCall]) -> None:
    if not calls:
        with st.container(border=True, key="no_calls_yet"):
            st.caption("No calls yet.")
        return
    looks = call_statuses()
    column = st.column_config
    st.dataframe(
        pd.DataFrame([_row(call) for call in calls]),
        key="latest_calls",
        on_select=lambda: _chosen(calls),
        selection_mode="single-row",
        hide_index=True,
        placeholder="",
        column_config={
            "When": column.DatetimeColumn(format="D MMM, HH:mm:ss", timezone=str(resources.zone())),
            "Status": column.MultiselectColumn(
                options=[look.label for look in looks], color=[look.color for look in looks]
            ),
            "Cost": column.NumberColumn(format="$%.2f") if shows_costs() else None,
        },
        alt="The latest calls of all campaigns",
    )
    if chosen := st.session_state.pop("_latest_call_chosen", None):
        st.switch_page(navigation.CAMPAIGN, query_params=chosen)


def _chosen(calls: list[LatestCall]) -> None:
    rows = st.session_state["latest_calls"].selection.rows
    if rows and rows[0] < len(calls):
        call = calls[rows[0]]
        st.session_state["_latest_call_chosen"] = {"id": str(call.campaign_id), "call": str(call.id)}


def _row(call: LatestCall) -> dict[str, object]:
    look = call_look(call.status, dial_state=call.dial_state, is_guess=call.status_is_guess)
    return {
        "When": call.created_at,
        "Contact": call.name,
        "Business": call.business_name,
        "Status": [look.label],
        "Outcome": doubt.ANSWER_LOST if call.dial_state == IN_DOUBT else call.outcome and outcome_words(call.outcome),
        "Length": None if call.duration_seconds is None else duration(call.duration_seconds),
        "Cost": None if call.cost_usd is None or not shows_costs() else float(call.cost_usd),
    }


def _first_steps(overview: Overview) -> None:
    st.markdown("Welcome. Three steps to your first calls:")
    one, two, three = st.columns(3)
    with one.container(border=True, height="stretch", key="step_1"):
        st.markdown("### :material/support_agent: 1. Pick a voice")
        ready = overview.assistants_total
        st.write(
            f"{ready} assistants are ready in the directory: clone a template, or write your own."
            if ready
            else "Write an assistant, or import one from your Vapi account."
        )
        st.page_link(navigation.ASSISTANTS, label="Assistants", icon=":material/arrow_forward:")
    with two.container(border=True, height="stretch", key="step_2"):
        st.markdown("### :material/upload_file: 2. Bring your list")
        st.write("A CSV with name, business and phone number. You see what can be called before anything happens.")
        st.page_link(navigation.NEW_CAMPAIGN, label="New campaign", icon=":material/arrow_forward:")
    with three.container(border=True, height="stretch", key="step_3"):
        st.markdown("### :material/phone_in_talk: 3. Press start")
        st.write("Watch the calls as they go, listen to what was said, and export the results.")
        st.page_link(navigation.CAMPAIGNS, label="Campaigns", icon=":material/arrow_forward:")
