"""Every page, registered in one place: order, titles and addresses are ours, not the folder's."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

ROOT = Path(__file__).parents[3]
OVERVIEW = "pages/overview.py"
CAMPAIGNS = "pages/campaigns.py"
NEW_CAMPAIGN = "pages/new_campaign.py"
CAMPAIGN = "pages/campaign.py"
ASSISTANTS = "pages/assistants.py"


def register(position: Literal["sidebar", "hidden"] = "sidebar") -> Page:
    """Register every page and return the one that was asked for."""
    return st.navigation(
        [
            st.Page(OVERVIEW, title="Overview", icon=":material/space_dashboard:", default=True),
            st.Page(CAMPAIGNS, title="Campaigns", icon=":material/campaign:", url_path="campaigns"),
            st.Page(NEW_CAMPAIGN, title="New campaign", icon=":material/add_call:", url_path="new_campaign"),
            st.Page(ASSISTANTS, title="Assistants", icon=":material/support_agent:", url_path="assistants"),
            st.Page(CAMPAIGN, title="Campaign", url_path="campaign", visibility="hidden"),
        ],
        position=position,
    )
