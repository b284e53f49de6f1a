"""A new campaign: a list, who calls, and how."""

from autolynx.ui import guard

visitor = guard.require()

import streamlit as st

from autolynx.ui import new_campaign_parts

new_campaign_parts.leave_if_created()

st.title("New campaign", anchor=False)
contacts = new_campaign_parts.contact_list()
caller = new_campaign_parts.caller()
way = new_campaign_parts.way()
new_campaign_parts.buttons(contacts, caller, way, visitor)
