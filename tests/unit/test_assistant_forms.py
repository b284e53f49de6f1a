"""The form that changes an assistant opens for whatever can be stored."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from autolynx.assistant_config import merged
from autolynx.config_types import check_config

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

    from autolynx.ui import assistant_forms

    with st.form("change"):
        _, wanted = assistant_forms._fields("it", "Ada", config)
        if st.form_submit_button("Save", key="save"):
            st.session_state["wanted"] = wanted()


@pytest.mark.parametrize("config", STORED.values(), ids=STORED)
def test_it_opens_whatever_is_stored(config: dict[str, Any]) -> None:
    check_config(config)

    page = AppTest.from_function(form, args=(config,), default_timeout=30).run()

    assert not page.exception
    assert "None" not in [field.value for field in (*page.text_input, *page.text_area, *page.selectbox)]


@pytest.mark.parametrize("stored", ["nothing", "nulls", "nulls within the model", "nulls within the voice"])
def test_it_saves_what_it_shows_where_nothing_was_stored(stored: str) -> None:
    page = AppTest.from_function(form, args=(STORED[stored],), default_timeout=30).run()
    page.button(key="save").click().run()

    saved = merged(STORED[stored], page.session_state["wanted"])
    check_config(saved)
    assert saved["voice"] == {"provider": "11labs", "voiceId": "sarah"}
    assert saved["model"]["model"] == "gpt-4.1"
    assert saved["maxDurationSeconds"] == 300
