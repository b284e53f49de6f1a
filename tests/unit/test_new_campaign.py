"""Whatever can be chosen of a new campaign can be chosen on the page, by the API and on the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import streamlit as st
from pydantic import ValidationError

from autolynx.api.uploads import FORM_SCHEMA, _campaign
from autolynx.commands import new_campaign
from autolynx.contacts.reading import read_contacts
from autolynx.models import Assistant, CallingHours, CampaignMode, NewCampaign, PhoneLine, told_fields
from autolynx.ui.campaigns.new import Caller, Way, asked_for
from autolynx.ui.contacts.step import ContactList
from autolynx.ui.frame.fields import Field
from rig.product import ROOT

HOURS = {"from": "08:30", "until": "17:00", "days": [1, 6], "time_zone": "Asia/Tokyo"}
#: nothing in it is a default
FULL = NewCampaign(
    name="Spring",
    assistant_id="0a000000-0000-4000-8000-000000000001",
    phone_number_id="line-2",
    region="GB",
    cap=3,
    mode="batch",
    quiet_line=True,
    calling_hours=CallingHours.model_validate(HOURS),
)
OPTIONS = {
    "name": ["--name", "Spring"],
    "assistant_id": ["--assistant", FULL.assistant_id],
    "phone_number_id": ["--line", "line-2"],
    "region": ["--region", "GB"],
    "cap": ["--cap", "3"],
    "mode": ["--mode", "batch"],
    "quiet_line": ["--quiet-line"],
    "calling_hours": [
        "--calling-from=08:30", "--calling-until=17:00", "--calling-days=1,6", "--time-zone=Asia/Tokyo",
    ],
}  # fmt: skip


def by_the_api() -> NewCampaign:
    values = FULL.model_dump(by_alias=True)
    return _campaign(
        {name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in values.items()}
    )


def by_the_api_in_camel_case() -> NewCampaign:
    told = {
        "name": "Spring", "assistantId": FULL.assistant_id, "phoneNumberId": "line-2", "region": "GB", "cap": "3",
        "mode": "batch", "quietLine": "true", "callingHours": json.dumps(HOURS),
    }  # fmt: skip
    return _campaign(told)


def by_command() -> NewCampaign:
    return parsed(*(word for words in OPTIONS.values() for word in words))


def parsed(*words: str) -> NewCampaign:
    parser = argparse.ArgumentParser(exit_on_error=False)
    new_campaign.add_options(parser)
    return new_campaign.asked_for(parser.parse_args(words))


def on_the_page() -> NewCampaign:
    content = b"name,business_name,phone\nAna,Acme,+14155550123"
    contacts = ContactList(content, "GB", read_contacts(content, max_rows=10, max_bytes=1000), st.container())
    line = PhoneLine(id="line-2", number=None, name=None, provider="twilio", is_active=True)
    caller = Caller(Assistant.model_construct(id=UUID(FULL.assistant_id), name="Ada"), line)
    way = Way(Field("Spring"), Field(3), CampaignMode.BATCH, True, FULL.calling_hours)
    return asked_for(contacts, caller, way)


def test_it_has_a_value_here_for_every_field_that_is_no_default() -> None:
    """Who adds a field is led by the next test to the page, the API and the command line."""
    defaults = {name: field.default for name, field in NewCampaign.model_fields.items()}

    assert FULL.model_fields_set == set(defaults) == set(OPTIONS)
    assert [name for name, default in defaults.items() if getattr(FULL, name) == default] == []


@pytest.mark.parametrize("way", [by_the_api, by_the_api_in_camel_case, by_command, on_the_page])
def test_it_reaches_every_field(way: Callable[[], NewCampaign]) -> None:
    asked = way()

    assert asked.model_fields_set == set(NewCampaign.model_fields)
    assert asked.model_dump() == FULL.model_dump()


def test_it_describes_every_field_in_the_form_and_in_the_help() -> None:
    form = FORM_SCHEMA["requestBody"]["content"]["multipart/form-data"]["schema"]
    parser = argparse.ArgumentParser(prog="create")
    new_campaign.add_options(parser)
    told = " ".join(parser.format_help().split())

    assert set(form["properties"]) == {"contacts", *NewCampaign.model_fields}
    assert form["required"] == ["contacts", "name", "assistant_id"]
    for name, field in told_fields().items():
        assert form["properties"][name]["description"].startswith(field["description"])
        assert field["description"].replace("-", "") in told.replace("- ", "").replace("-", "")


def test_it_names_every_field_in_the_manual() -> None:
    manual = (ROOT / "docs" / "api.md").read_text()

    assert [name for name in NewCampaign.model_fields if f"`{name}`" not in manual] == []


def test_it_asks_on_the_command_line_for_no_more_than_a_name_and_an_assistant() -> None:
    asked = parsed("--name", "Spring", "--assistant", "a")

    assert asked == NewCampaign(name="Spring", assistant_id="a")
    assert asked.calling_hours is None


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        (["--calling-from=09:00", "--calling-until=18:00"], ("09:00", "18:00", [1, 2, 3, 4, 5], "UTC")),
        (["--time-zone=Asia/Tokyo"], ("", "", [1, 2, 3, 4, 5], "Asia/Tokyo")),
    ],
)
def test_it_keeps_working_days_and_utc_when_hours_say_no_other(words: list[str], hours: tuple[Any, ...]) -> None:
    given = parsed("--name=S", "--assistant=a", *words).calling_hours

    assert given is not None
    assert (given.from_, given.until, given.days, given.time_zone) == hours


@pytest.mark.parametrize("days", ["", "1,", "Mon", "1-5"])
def test_it_refuses_days_that_are_no_numbers(days: str) -> None:
    with pytest.raises(argparse.ArgumentError, match="accepted are numbers like 1,2,3"):
        parsed("--name=S", "--assistant=a", f"--calling-days={days}")


def test_it_stays_as_it_was_asked_for() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        FULL.cap = 4  # type: ignore[misc]
