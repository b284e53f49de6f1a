"""The directory as cards."""

from __future__ import annotations

import streamlit as st

from autolynx.access import may_change
from autolynx.assistants.config import part
from autolynx.models import Assistant, AssistantSource, User
from autolynx.ui.assistants import forms
from autolynx.ui.frame.formats import counted, duration, plain, source_look


def draw(assistants: list[Assistant], visitor: User) -> None:
    """A card an assistant, as many beside each other as fit."""
    with st.grid(3, min_column_width=300):
        for assistant in assistants:
            with st.container(border=True, height="stretch", key=f"assistant_{assistant.id}"):
                _card(assistant, visitor)


def _card(assistant: Assistant, visitor: User) -> None:
    look, config = source_look(assistant.source), assistant.config_json
    st.markdown(f"#### {plain(assistant.name)}")
    with st.container(horizontal=True, gap="small"):
        st.badge(look.label, icon=look.icon, color=look.color)  # type: ignore[arg-type]
        if not assistant.active:
            st.badge("Off", icon=":material/power_off:", color="gray")
    st.caption(
        f"“{plain(str(config['firstMessage']))}”" if config.get("firstMessage") else "Waits for the person to speak."
    )
    model, voice = part(config, "model"), part(config, "voice")
    facts = [model.get("model") or "", voice.get("voiceId") or ""]
    longest = config.get("maxDurationSeconds")
    facts += [f"up to {duration(longest)}"] if longest else []
    st.caption(" · ".join(plain(fact) for fact in facts if fact))
    st.caption(f":material/campaign: {_usage(assistant)}")
    _actions(assistant, visitor)


def _usage(assistant: Assistant) -> str:
    if not assistant.campaigns_total:
        return "Not used yet"
    used = f"Used by {counted(assistant.campaigns_total, 'campaign')}"
    return f"{used}, {assistant.campaigns_open} open" if assistant.campaigns_open else used


def _actions(assistant: Assistant, visitor: User) -> None:
    can, key = may_change(visitor), assistant.id
    is_template = assistant.source is AssistantSource.TEMPLATE
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if st.button("View", key=f"view_{key}", icon=":material/visibility:", type="tertiary"):
            forms.look(assistant)
        if st.button("Clone", key=f"clone_{key}", icon=":material/content_copy:", type="tertiary", disabled=not can):
            forms.clone(assistant)
        if is_template:
            return
        if st.button("Change", key=f"change_{key}", icon=":material/edit:", type="tertiary", disabled=not can):
            forms.change(assistant)
        label, icon = ("Switch off", "toggle_on") if assistant.active else ("Switch on", "toggle_off")
        if st.button(label, key=f"switch_{key}", icon=f":material/{icon}:", type="tertiary", disabled=not can):
            forms.set_active(assistant, is_active=not assistant.active)
        if st.button("Delete", key=f"delete_{key}", icon=":material/delete:", type="tertiary", disabled=not can):
            forms.delete(assistant)
