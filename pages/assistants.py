"""The directory of voice assistants."""

from autolynx.ui.frame import guard

visitor = guard.require()

import streamlit as st

from autolynx.access import may_change, reader_of
from autolynx.assistants.directory import list_assistants
from autolynx.ui.assistants import cards, forms
from autolynx.ui.frame import chrome, resources

PAGE_SIZE = 12

with chrome.heading("Assistants"), st.container(horizontal=True, width="content"):
    can = may_change(visitor)
    if st.button("Import from Vapi", key="import", icon=":material/cloud_download:", disabled=not can):
        forms.take_in()
    if st.button("New assistant", key="new", icon=":material/add:", type="primary", disabled=not can):
        forms.create()

page = st.session_state.get("assistant_page", 1)
found = list_assistants(resources.database(), actor=reader_of(visitor), page=page, limit=PAGE_SIZE)

if found.items:
    cards.draw(found.items, visitor)
    if found.pages > 1:
        st.pagination(found.pages, key="assistant_page")
else:
    chrome.empty(
        "No assistants yet",
        "An assistant is the voice that calls: what it says first, what it wants, and how it sounds.",
        ":material/support_agent:",
    )
