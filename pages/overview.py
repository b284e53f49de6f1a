"""The first page: what is going on now, and what happened today."""

from autolynx.ui import guard

visitor = guard.require()

import streamlit as st

from autolynx.ui import live, overview_parts

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title("Overview", width="content", anchor=False)
    overview_parts.new_campaign_link()

live.redrawn(overview_parts.draw, every_seconds=2.0)
