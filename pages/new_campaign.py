"""A new campaign: a list, who calls, and how."""

from autolynx.ui import guard

visitor = guard.require()

import streamlit as st

from autolynx.ui import chrome, contact_step, navigation, new_campaign_parts

new_campaign_parts.leave_if_created()

with chrome.heading("New campaign"):
    st.page_link(navigation.CAMPAIGNS, label="All campaigns", icon=":material/arrow_back:")
first = st.container()
caller = new_campaign_parts.caller()
with first:  # it offers the chosen line's country
    contacts = contact_step.contact_list(caller.line if caller else None)
way = new_campaign_parts.way()
contact_step.who_will_be_called(contacts, way.hours)
new_campaign_parts.buttons(contacts, caller, way, visitor)
