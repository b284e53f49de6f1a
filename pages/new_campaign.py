"""A new campaign: a list, who calls, and how."""

from autolynx.ui.frame import guard

visitor = guard.require()

import streamlit as st

from autolynx.access import reader_of
from autolynx.ui.campaigns import new
from autolynx.ui.contacts import step
from autolynx.ui.frame import chrome, navigation

new.leave_if_created()
reader = reader_of(visitor)

with chrome.heading("New campaign"):
    st.page_link(navigation.CAMPAIGNS, label="All campaigns", icon=":material/arrow_back:")
first = st.container()
caller = new.caller(reader)
with first:  # it offers the chosen line's country
    contacts = step.contact_list(caller.line if caller else None)
way = new.way()
step.who_will_be_called(contacts, way.hours, reader)
new.buttons(contacts, caller, way, visitor)
