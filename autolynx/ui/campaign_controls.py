"""What can be done to a campaign in its state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from autolynx import access, campaigns
from autolynx.models import Campaign, CampaignStatus, User
from autolynx.ui import edge, resources
from autolynx.ui.formats import counted, plain


def buttons(campaign: Campaign, visitor: User) -> None:
    """The buttons valid now. Somebody who may only look sees them and cannot press them."""
    may = access.may_change(visitor)
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if campaign.status is CampaignStatus.CREATED:
            _button(
                "Start",
                ":material/play_arrow:",
                campaigns.start_campaign,
                campaign,
                visitor,
                may,
                is_main=True,
            )
        if campaign.status.is_live:
            _button("Pause", ":material/pause:", campaigns.pause_campaign, campaign, visitor, may)
        if campaign.status is CampaignStatus.PAUSED:
            _button(
                "Resume",
                ":material/play_arrow:",
                campaigns.resume_campaign,
                campaign,
                visitor,
                may,
                is_main=True,
            )
        if not campaign.status.is_over and st.button(
            "Stop", key="stop", icon=":material/stop:", disabled=not may, help=None if may else _ONLY_LOOK
        ):
            st.session_state["_asks_to_stop"] = True
            st.rerun()


_ONLY_LOOK = "Your account may only look."


def _button(
    label: str,
    icon: str,
    action: Callable[..., object],
    campaign: Campaign,
    visitor: User,
    may: bool,
    *,
    is_main: bool = False,
) -> None:
    kind = "primary" if is_main else "secondary"
    help_text = None if may else _ONLY_LOOK
    if st.button(label, key=label.lower(), icon=icon, type=kind, disabled=not may, help=help_text) and _do(  # type: ignore[arg-type]
        action, campaign, visitor
    ):
        st.rerun()


def _do(action: Callable[..., object], campaign: Campaign, visitor: User) -> bool:
    def permitted() -> None:
        access.require_change_right(visitor)
        action(resources.database(), campaign.id, actor=access.actor(visitor))

    return edge.attempt(permitted)


def ask_to_stop(campaign: Campaign, visitor: User) -> None:
    """Open the question, if Stop was pressed."""
    if st.session_state.pop("_asks_to_stop", False):
        _confirm_stop(campaign, visitor)


@st.dialog("Stop this campaign?", icon=":material/stop_circle:")
def _confirm_stop(campaign: Campaign, visitor: User) -> None:
    waiting, active = campaign.progress.waiting, campaign.progress.active_calls
    st.write(
        f"**{plain(campaign.name)}** ends for good. {counted(waiting, 'contact')} will not be called; "
        f"{counted(active, 'call')} under way will finish and be recorded, unless you hang up."
    )
    hang_up = st.checkbox("Hang up the calls under way", key="hang_up")
    st.caption("To go on later, pause it instead.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it going", key="keep_going"):
            st.rerun()
        if st.button("Stop for good", key="stop_for_good", type="primary") and _do(
            partial(campaigns.stop_campaign, hang_up=hang_up), campaign, visitor
        ):
            st.rerun()
