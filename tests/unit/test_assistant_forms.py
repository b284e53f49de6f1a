"""The form that changes an assistant opens for whatever can be stored."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from autolynx.assistants.config import merged
from autolynx.assistants.config_types import check_config

NULLS = dict.fromkeys(
    ["firstMessage", "model", "voice", "endCallMessage", "voicemailMessage", "voicemailDetection", "maxDurationSeconds"]
)
STORED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "nulls": NULLS,
    "no length": {"maxDurationSeconds": None},
    "half a second": {"maxDurationSeconds": 0.5},
    "a number of thirty digits": {"maxDurationSeconds": 10**30},
    "a negative length": {"maxDurationSeconds": -1},
    "nulls within the model": {"model": {"provider": None, "model": None, "messages": None, "temperature": None}},
    "nulls within a message": {"model": {"messages": [{"role": None, "content": None}, {}]}},
    "an instruction of null": {"model": {"messages": [{"role": "system", "content": None}]}},
    "an instruction in parts": {"model": {"messages": [{"role": "system", "content": [{"text": "x"}]}]}},
    "an empty model": {"model": {"model": ""}, "voice": {}},
    "nulls within the voice": {"voice": {"provider": None, "voiceId": None}},
    "a voice by an unknown provider": {"voice": {"provider": "somebody new", "voiceId": ""}},
    "no voicemail": {"voicemailDetection": "off"},
}


def form(config: dict) -> None:
    """The script of a page that has nothing else."""
    import streamlit as st

    from autolynx.ui.assistants import forms

    with st.form("change"):
        _, wanted = forms._fields("it", "Ada", config)
        if st.form_submit_button("Save", key="save"):
            st.session_state["wanted"] = wanted()


@pytest.mark.parametrize("config", STORED.values(), ids=STORED)
def test_it_opens_whatever_is_stored(config: dict[str, Any]) -> None:
    check_config(config)

    page = AppTest.from_function(form, args=(config,), default_timeout=30).run()

    assert not page.exception
    assert "None" not in [field.value for field in (*page.text_input, *page.text_area, *page.selectbox)]


def saved(stored: dict[str, Any], **typed: str) -> dict[str, Any]:
    """What the form makes of a configuration when these fields are typed into and Save is pressed."""
    page = AppTest.from_function(form, args=(stored,), default_timeout=30).run()
    for field, text in typed.items():
        page.text_input(key=f"it_{field}").set_value(text)
    page.button(key="save").click().run()
    after = merged(stored, page.session_state["wanted"])
    check_config(after)
    return after


def test_it_saves_what_it_shows_of_a_new_assistant() -> None:
    after = saved({})

    assert after["voice"] == {"provider": "11labs", "voiceId": "sarah"}
    assert (after["model"]["model"], after["maxDurationSeconds"]) == ("gpt-4.1", 300)


@pytest.mark.parametrize("stored", ["nulls", "nulls within the model", "no voice", "an empty model"])
def test_it_leaves_what_vapi_chooses_where_nobody_touched_it(stored: str) -> None:
    config = STORED.get(stored, {"firstMessage": "Hi"})

    after = saved(config, first="Good morning")

    assert (after["firstMessage"], after.get("maxDurationSeconds")) == ("Good morning", None)
    assert not after.get("voice")


def test_it_saves_a_length_and_a_voice_that_somebody_typed() -> None:
    after = saved({"firstMessage": "Hi"}, longest="90", voice="adam")

    assert (after["maxDurationSeconds"], after["voice"]["voiceId"]) == (90, "adam")
