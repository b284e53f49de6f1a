"""What can be done to a campaign in its state."""

from __future__ import annotations

import streamlit as st

from autolynx import access
from autolynx.campaigns import lifecycle
from autolynx.models import Campaign, CampaignStatus, User
from autolynx.ui.frame import acting, resources
from autolynx.ui.frame.formats import counted, plain

_ONLY_LOOK = "Your account may only look."


def buttons(campaign: Campaign, visitor: User) -> None:
    """The buttons valid now. Somebody who may only look sees them and cannot press them."""
    may, database = access.may_change(visitor), resources.database()
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if campaign.status is CampaignStatus.CREATED:
            _button(
                "Start",
                ":material/play_arrow:",
                lambda actor: lifecycle.start_campaign(database, campaign.id, actor=actor),
                may,
                is_main=True,
            )
        if campaign.status.is_live:
            _button(
                "Pause",
                ":material/pause:",
                lambda actor: lifecycle.pause_campaign(database, campaign.id, actor=actor),
                may,
            )
        if campaign.status is CampaignStatus.PAUSED:
            _button(
                "Resume",
                ":material/play_arrow:",
                lambda actor: lifecycle.resume_campaign(database, campaign.id, actor=actor),
                may,
                is_main=True,
            )
        if not campaign.status.is_over and st.button(
            "Stop", key="stop", icon=":material/stop:", disabled=not may, help=None if may else _ONLY_LOOK
        ):
            st.session_state["_asks_to_stop"] = True
            st.rerun()


def _button(label: str, icon: str, deed: acting.Deed, may: bool, *, is_main: bool = False) -> None:
    kind = "primary" if is_main else "secondary"
    help_text = None if may else _ONLY_LOOK
    is_pressed = st.button(label, key=label.lower(), icon=icon, type=kind, disabled=not may, help=help_text)  # type: ignore[arg-type]
    if is_pressed and acting.act(deed, moves=True):
        st.rerun()


def ask_to_stop(campaign: Campaign) -> None:
    """Open the question, if Stop was pressed."""
    if st.session_state.pop("_asks_to_stop", False):
        _confirm_stop(campaign)


@st.dialog("Stop this campaign?", icon=":material/stop_circle:")
def _confirm_stop(campaign: Campaign) -> None:
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
        if st.button("Stop for good", key="stop_for_good", type="primary") and acting.act(
            lambda actor: lifecycle.stop_campaign(resources.database(), campaign.id, actor=actor, hang_up=hang_up)
        ):
            st.rerun()
