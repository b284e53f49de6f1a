"""Every campaign, newest first."""

from autolynx.ui.frame import guard

visitor = guard.require()

import streamlit as st

from autolynx.access import reader_of
from autolynx.campaigns.listing import list_campaigns
from autolynx.ui.campaigns import rows
from autolynx.ui.frame import chrome, resources
from autolynx.ui.frame.formats import counted
from autolynx.ui.overview import figures

PAGE_SIZE = 12

with chrome.heading("Campaigns"):
    figures.new_campaign_link()

page = st.session_state.get("campaign_page", 1)
found = list_campaigns(resources.database(), actor=reader_of(visitor), page=page, limit=PAGE_SIZE)

if found.items:
    rows.draw(found.items, key="campaign")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(counted(found.total, "campaign"))
        if found.pages > 1:
            st.pagination(found.pages, key="campaign_page", width=300)
else:
    chrome.empty(
        "No campaigns yet",
        "A campaign is a list of contacts, an assistant that calls them and a phone line it calls from.",
        ":material/campaign:",
    )
