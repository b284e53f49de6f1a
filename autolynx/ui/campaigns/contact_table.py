"""A campaign's contacts: filtered, searched and paged by the database; a click opens the call."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd
import streamlit as st

from autolynx.access import Actor
from autolynx.contacts.listing import list_contacts
from autolynx.models import CallOutcome, Campaign, Contact, ContactState, Page
from autolynx.ui.campaigns import explanation
from autolynx.ui.frame import chrome, resources
from autolynx.ui.frame.formats import call_statuses, contact_look, counted, duration, outcome_words, shows_costs

PAGE_SIZE = 25
_STATES = {ContactState.WAITING: "Waiting", ContactState.CALLING: "Under way", ContactState.SETTLED: "Settled"}
_EVERYBODY = "everybody"
_EVALUATION = {True: "Yes", False: "No", None: None}


def draw(campaign: Campaign, reader: Actor) -> None:
    """The table with its filter, its search and its pages."""
    shown, search = _filters(campaign)
    page_key = f"contact_page_{_digest(shown, search)}"
    found = _page(campaign, reader, shown, search, page_key)
    if not found.items:
        _nobody(shown != _EVERYBODY or bool(search))
        return
    key = _key(found)
    st.dataframe(
        _rows(found.items),
        key=key,
        on_select=lambda: _chosen(key, found.items, reader),
        selection_mode="single-row",
        hide_index=True,
        height=35 * min(len(found.items), 15) + 38,
        column_config=_columns(),
        placeholder="",
        alt="Contacts and what their calls came to",
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"{counted(found.total, 'contact')}. Tick a row to see its call.")
        if found.pages > 1:
            st.pagination(found.pages, key=page_key, width=300)
    if st.session_state.pop("_call_chosen", False):
        st.rerun()


def _filters(campaign: Campaign) -> tuple[str, str]:
    """Who is shown - everybody, those of a state or those of an outcome - and what is searched."""
    outcomes = sorted(campaign.progress.by_outcome, key=outcome_words)
    options = [_EVERYBODY, *map(str, _STATES), *map(str, outcomes)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Show",
            options,
            key="contact_filter",
            format_func=lambda option: _option_label(option, campaign),
            width=280,
        )
        search = st.text_input(
            "Search",
            key="contact_search",
            placeholder="Name, business or number",
            icon=":material/search:",
            width=320,
        )
    return chosen or _EVERYBODY, (search or "").strip()


def _option_label(option: str, campaign: Campaign) -> str:
    now = campaign.progress
    if option in _STATES:
        label, count = _STATES[ContactState(option)], getattr(now, option)
    elif option == _EVERYBODY:
        label, count = "Everybody", now.total
    else:
        outcome = CallOutcome(option)
        label, count = outcome_words(outcome), now.by_outcome.get(outcome, 0)
    return f"{label} ({count:,})"


def _page(campaign: Campaign, reader: Actor, shown: str, search: str, page_key: str) -> Page[Contact]:
    number = st.session_state.get(page_key, 1)
    found = list_contacts(
        resources.database(),
        campaign.id,
        actor=reader,
        state=shown if shown in _STATES else None,
        outcome=shown if shown not in (_EVERYBODY, *_STATES) else None,
        search=search,
        page=number,
        limit=PAGE_SIZE,
    )
    if not found.items and number > 1:  # the filter holds fewer pages than a moment ago
        st.session_state.pop(page_key)
        return _page(campaign, reader, shown, search, page_key)
    return found


def _key(found: Page[Contact]) -> str:
    """A selection is a position: other people in the table make another table."""
    people = _digest(*(contact.id for contact in found.items))
    return f"contacts_{people}_{st.session_state.get('_drawers_closed', 0)}"


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr([str(part) for part in parts]).encode()).hexdigest()[:12]


def _chosen(key: str, items: list[Contact], reader: Actor) -> None:
    rows = st.session_state[key].selection.rows
    if not rows or rows[0] >= len(items):
        return
    contact = items[rows[0]]
    if contact.call_id is None:
        chrome.notice(explanation.of_contact(contact, reader))
    else:
        st.query_params["call"] = str(contact.call_id)
    st.session_state["_call_chosen"] = True


def _rows(items: list[Contact]) -> pd.DataFrame:
    return pd.DataFrame([_row(contact) for contact in items])


def _row(contact: Contact) -> dict[str, Any]:
    return {
        "#": contact.position,
        "Contact": contact.name,
        "Business": contact.business_name,
        "Phone": contact.phone,
        "Status": [contact_look(contact).label],
        "Outcome": contact.outcome and outcome_words(contact.outcome),
        "Length": duration(contact.duration_seconds) if contact.started_at else None,
        "Cost": None if contact.cost_usd is None or not shows_costs() else float(contact.cost_usd),
        "Success": _EVALUATION[contact.success_evaluation],
        "Ended": contact.ended_at,
    }


def _columns() -> dict[str, Any]:
    looks = call_statuses()
    column = st.column_config
    return {
        "#": column.NumberColumn(width=45, format="%d"),
        "Contact": column.TextColumn(width=140),
        "Business": column.TextColumn(width=170),
        "Phone": column.TextColumn(width=110),
        "Status": column.MultiselectColumn(
            options=[look.label for look in looks], color=[look.color for look in looks], width=90
        ),
        "Outcome": column.TextColumn(width=150),
        "Length": column.TextColumn(width=60),
        "Cost": column.NumberColumn(format="$%.2f", width=60) if shows_costs() else None,
        "Success": column.TextColumn(width=65),
        "Ended": column.DatetimeColumn(format="HH:mm:ss", timezone=str(resources.zone()), width=75),
    }


def _nobody(is_filtered: bool) -> None:
    sentence = "Nobody on the list fits the filter and the search." if is_filtered else "The list has no contacts."
    chrome.empty("Nobody here", sentence, ":material/person_search:")
