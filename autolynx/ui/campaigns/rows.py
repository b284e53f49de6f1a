"""Campaigns as rows: status, progress, cost, and the way in."""

from __future__ import annotations

import streamlit as st

from autolynx.models import Campaign
from autolynx.ui.frame import navigation, resources
from autolynx.ui.frame.formats import campaign_look, moment, money, plain, shows_costs


def draw(campaigns: list[Campaign], *, key: str) -> None:
    """One bordered row a campaign."""
    for campaign in campaigns:
        with st.container(border=True, key=f"{key}_{campaign.id}"):
            _row(campaign)


def _row(campaign: Campaign) -> None:
    look, now = campaign_look(campaign.status), campaign.progress
    name, status, progress, cost = st.columns([4, 2, 4, 1.6], vertical_alignment="center")
    with name:
        st.page_link(navigation.CAMPAIGN, label=f"**{plain(campaign.name)}**", query_params={"id": str(campaign.id)})
        created = moment(campaign.created_at, resources.zone(), resources.now())
        st.caption(f"{plain(campaign.assistant_name)} · created {created}")
    status.badge(look.label, icon=look.icon, color=look.color)  # type: ignore[arg-type]
    share = now.settled / now.total if now.total else 0.0
    told = f"{now.settled:,} of {now.total:,} settled"
    if now.on_line:
        told += f" · {now.on_line:,} on the line"
    progress.progress(min(share, 1.0), text=told)
    with cost:
        if shows_costs():
            st.markdown(f"**{plain(money(now.cost_usd))}**")
        st.caption(f"{now.humans_reached:,} reached")
