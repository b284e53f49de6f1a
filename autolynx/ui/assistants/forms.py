"""Dialogs of the assistant directory: create, change, import, clone, look, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from autolynx.assistants import directory
from autolynx.assistants.config import DEFAULT_MODEL, part, system_prompt
from autolynx.models import Assistant
from autolynx.secrecy.masking import MASK
from autolynx.ui.frame import acting, chrome, fields, resources
from autolynx.ui.frame.fields import Field
from autolynx.ui.frame.formats import plain

_MODELS = ["gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini"]
_VOICE_PROVIDERS = ["11labs", "vapi", "openai", "azure", "cartesia", "deepgram", "playht"]
_SECONDS = 300  # of a new assistant's longest call
_VAPIS_SECONDS = 600  # where an assistant does not say (VapiAI/docs OpenAPI, 2026-08-18)
_PLACEHOLDERS = (
    "`{{name}}` and `{{business_name}}` stand for the contact's own; any other column of the list works too."
)


@st.dialog("New assistant", width="medium", icon=":material/add:")
def create() -> None:
    """Ask for a new assistant and create it at Vapi and here."""
    with st.form("new_assistant", border=False):
        name, config = _fields("new", "", {})
        if st.form_submit_button("Create assistant", type="primary", key="create_assistant"):
            _done(
                lambda actor: directory.create_assistant(
                    resources.database(),
                    resources.client(),
                    name=name.checked(),
                    config=config(),
                    actor=actor,
                ),
                f"{name.value} is ready to call.",
            )


@st.dialog("Change assistant", width="medium", icon=":material/edit:")
def change(assistant: Assistant) -> None:
    """Ask what to change; Vapi's copy changes too."""
    with st.form("change_assistant", border=False):
        name, config = _fields(f"change_{assistant.id}", assistant.name, assistant.config_json)
        if st.form_submit_button("Save", type="primary", key="save_assistant"):
            _done(
                lambda actor: directory.update_assistant(
                    resources.database(),
                    resources.client(),
                    assistant.id,
                    name=name.checked(),
                    config=config(),
                    actor=actor,
                ),
                f"{name.value} is saved.",
            )


@st.dialog("Import from Vapi", icon=":material/cloud_download:")
def take_in() -> None:
    """Ask for the id of an assistant that exists at Vapi."""
    st.write("Bring an assistant from your Vapi account into the directory, or refresh it.")
    with st.form("import_assistant", border=False):
        wanted = st.text_input("Assistant id", key="import_id", help="Vapi's dashboard shows it under the name.")
        if st.form_submit_button("Import", type="primary", key="import_now"):
            _done(
                lambda actor: directory.import_assistant(
                    resources.database(),
                    resources.client(),
                    provider_assistant_id=wanted,
                    actor=actor,
                ),
                "The assistant is in the directory.",
            )


@st.dialog("Clone assistant", icon=":material/content_copy:")
def clone(assistant: Assistant) -> None:
    """Ask for the copy's name."""
    st.write(f"A copy of **{plain(assistant.name)}** that is yours to change.")
    with st.form("clone_assistant", border=False):
        suggested = f"{assistant.name[: directory.MAX_NAME_LENGTH - 5]} copy"
        name = fields.name(
            "Name of the copy", directory.MAX_NAME_LENGTH, key=f"clone_name_{assistant.id}", default=suggested
        )
        if st.form_submit_button("Clone", type="primary", key="clone_now"):
            _done(
                lambda actor: directory.clone_assistant(
                    resources.database(),
                    resources.client(),
                    assistant.id,
                    name=name.checked(),
                    actor=actor,
                ),
                f"{name.value} is ready to call.",
            )


@st.dialog("Delete assistant?", icon=":material/delete:")
def delete(assistant: Assistant) -> None:
    """Ask before it is gone from the directory."""
    st.write(f"**{plain(assistant.name)}** leaves the directory. Vapi and finished campaigns keep their copies.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep", key="keep_assistant"):
            st.rerun()
        if st.button("Delete", key="delete_now", type="primary"):
            _done(
                lambda actor: directory.delete_assistant(resources.database(), assistant.id, actor=actor),
                f"{assistant.name} is deleted.",
            )


@st.dialog("Configuration", width="medium", icon=":material/data_object:")
def look(assistant: Assistant) -> None:
    """The instruction in full, and the configuration as Vapi has it."""
    st.markdown(f"### {plain(assistant.name)}")
    st.caption(f"Version {assistant.version} · Vapi's id `{assistant.provider_assistant_id}`")
    st.markdown("##### Instruction")
    st.text(system_prompt(assistant.config_json) or "None.")
    st.markdown("##### As Vapi has it")
    if MASK in json.dumps(assistant.config_json, default=float):
        st.caption(f"`{MASK}` stands for a secret: it is kept, and shown to nobody.")
    st.json(json.dumps(assistant.config_json, default=float), expanded=1)


def set_active(assistant: Assistant, *, is_active: bool) -> None:
    """Switch an assistant on or off."""
    _done(
        lambda actor: directory.update_assistant(
            resources.database(),
            resources.client(),
            assistant.id,
            active=is_active,
            actor=actor,
        ),
        f"{assistant.name} is {'on' if is_active else 'off'}.",
    )


def _done(deed: acting.Deed, sentence: str) -> None:
    if acting.act(deed):
        chrome.notice(sentence)
        st.rerun()


def _fields(key: str, name: str, config: dict[str, Any]) -> tuple[Field[str], Callable[[], dict[str, Any]]]:
    """The form's fields, filled from a configuration; returns the name, and what to send if all can be used."""
    model, voice = part(config, "model") or DEFAULT_MODEL, part(config, "voice")
    typed_name = fields.name("Name", directory.MAX_NAME_LENGTH, key=f"{key}_name", default=name)
    first = st.text_input("First message", config.get("firstMessage") or "", key=f"{key}_first")
    prompt = st.text_area("Instruction (system prompt)", system_prompt(config), key=f"{key}_prompt", height=170)
    st.caption(_PLACEHOLDERS)
    left, middle, right = st.columns(3)
    model_name = _choice(left, "Model", _MODELS, model.get("model") or _MODELS[0], f"{key}_model")
    provider = _choice(middle, "Voice by", _VOICE_PROVIDERS, voice.get("provider") or "11labs", f"{key}_voice_provider")
    voice_id = right.text_input("Voice", voice.get("voiceId") or "sarah", key=f"{key}_voice")
    ending = st.text_input("Closing words", config.get("endCallMessage") or "", key=f"{key}_ending")
    machine = st.text_input(
        "Voicemail message",
        config.get("voicemailMessage") or "",
        key=f"{key}_voicemail",
        help="Left when a machine answers. Empty: hang up.",
    )
    seconds = int(config.get("maxDurationSeconds") or (_VAPIS_SECONDS if config else _SECONDS))
    longest = fields.whole_number("Longest call, in seconds", 10, 43_200, seconds, key=f"{key}_longest")
    shown = {"provider": voice.get("provider") or "11labs", "voiceId": voice.get("voiceId") or "sarah"}
    has = {"voice": bool(voice) or not config, "seconds": bool(config.get("maxDurationSeconds")) or not config}
    return typed_name, lambda: {
        "firstMessage": first or None,
        "systemPrompt": prompt,
        "model": {**model, "model": model_name},
        # what Vapi chooses stays Vapi's choice where nobody touched the field
        "voice": {**voice, "provider": provider, "voiceId": voice_id}
        if has["voice"] or shown != {"provider": provider, "voiceId": voice_id}
        else None,
        "endCallMessage": ending or None,
        "voicemailMessage": machine or None,
        "voicemailDetection": config.get("voicemailDetection") or ({"provider": "vapi"} if machine else None),
        "maxDurationSeconds": longest.checked() if has["seconds"] or longest.value != seconds else None,
    }


def _choice(place: Any, label: str, options: list[str], value: str, key: str) -> str:
    every = options if value in options else [value, *options]
    chosen: str | None = place.selectbox(label, every, every.index(value), key=key, accept_new_options=True)
    return chosen or value
