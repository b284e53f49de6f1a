"""What an administrator deletes for good: a campaign that is over, and whatever is kept of one person."""

from __future__ import annotations

import streamlit as st

from autolynx import access
from autolynx.campaigns import deleting
from autolynx.contacts import erasing
from autolynx.models import Campaign, Erasure, User
from autolynx.ui.frame import acting, chrome, navigation, resources
from autolynx.ui.frame.formats import counted, plain

_AT_VAPI = "Vapi keeps copies of its own; delete them in its dashboard."


def ways(campaign: Campaign, visitor: User) -> None:
    """The ways to delete, at the foot of a campaign's page; shown to administrators alone."""
    if not access.may_delete(visitor):
        return
    with st.container(horizontal=True, gap="small", key="deleting"):
        if st.button("Erase a person", key="erase_person", icon=":material/person_off:", type="tertiary"):
            _erase()
        if campaign.status.is_deletable and st.button(
            "Delete campaign", key="delete_campaign", icon=":material/delete_forever:", type="tertiary"
        ):
            _delete(campaign)


@st.dialog("Delete this campaign?", icon=":material/delete_forever:")
def _delete(campaign: Campaign) -> None:
    progress = campaign.progress
    st.write(
        f"**{plain(campaign.name)}** goes for good, with {counted(progress.total, 'contact')}, "
        f"{counted(progress.calls, 'call')}, conversations and results. Nothing brings them back."
    )
    st.caption(_AT_VAPI)
    typed = st.text_input(f"Type the campaign's name, {campaign.name}, to confirm", key="delete_name")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="keep_campaign"):
            st.rerun()
        if st.button("Delete for good", key="delete_for_good", type="primary") and acting.act(
            lambda actor: deleting.delete_campaign(resources.database(), campaign.id, actor=actor, confirmation=typed)
        ):
            chrome.notice(f"{campaign.name} is deleted.")
            st.switch_page(navigation.CAMPAIGNS)


@st.dialog("Erase a person", icon=":material/person_off:")
def _erase() -> None:
    st.write(
        "Every contact with this number leaves every campaign for good, with calls, conversations and results. "
        "Costs and counts of those campaigns change with it."
    )
    phone = st.text_input("Their number, with the country code", key="erase_phone", placeholder="+14155550123")
    is_kept_out = st.checkbox(
        "Keep the number, and nothing else, on the do-not-call list", value=True, key="erase_keep_out"
    )
    st.caption(_AT_VAPI)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep them", key="keep_person"):
            st.rerun()
        erased: list[Erasure] = []
        if st.button("Erase for good", key="erase_for_good", type="primary") and acting.act(
            lambda actor: erased.append(
                erasing.erase_person(resources.database(), phone, actor=actor, is_kept_out=is_kept_out)
            )
        ):
            if erased[0].contacts:
                chrome.notice(erased[0].told)
                st.rerun()
            st.warning(erased[0].told, icon=":material/person_search:")
