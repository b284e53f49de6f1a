"""What fields make of what is typed, and what keeps a campaign from being created."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autolynx.contacts.reading import read_contacts
from autolynx.errors import InvalidInput
from autolynx.models import Assistant, CallingHours, CampaignMode, PhoneLine
from autolynx.ui.campaigns.new import Caller, Way, what_is_missing
from autolynx.ui.contacts.step import ContactList
from autolynx.ui.frame.fields import Field, read_whole_number


@pytest.mark.parametrize(("typed", "value"), [("1", 1), (" 8 ", 8), ("50", 50), ("08", 8)])
def test_it_reads_a_whole_number_when_it_is_in_range(typed: str, value: int) -> None:
    assert read_whole_number("Calls at once", typed, 1, 50).checked() == value


@pytest.mark.parametrize("typed", ["", " ", "0", "51", "500", "-1", "+8", "8.0", "8,5", "1e1", "eight", "٨", "9" * 30])
def test_it_says_what_is_accepted_when_a_number_cannot_be_used(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Calls at once is .*; accepted is a whole number from 1 to 50\.$"):
        read_whole_number("Calls at once", typed, 1, 50).checked()


def contacts() -> ContactList:
    content = b"name,business_name,phone\nAna,Acme,+14155550123"
    read = read_contacts(content, max_rows=10, max_bytes=1000)
    return ContactList(content, "none", read, st.container())


def caller() -> Caller:
    line = PhoneLine(id="a", number="+14155550100", name=None, provider="twilio", is_active=True)
    assistant = Assistant.model_construct(id=uuid4(), name="Ada")
    return Caller(assistant, line)


def way(name: Field[str], cap: Field[int]) -> Way:
    return Way(name, cap, CampaignMode.CONTINUOUS, False, None)


def test_it_creates_no_campaign_of_a_list_whose_countries_nobody_has_seen() -> None:
    good = way(Field("Spring"), Field(8))

    assert "who will be called" in (what_is_missing(contacts(), caller(), good, is_seen=False) or "")
    assert what_is_missing(contacts(), caller(), good, is_seen=True) is None


def test_it_creates_no_campaign_when_a_field_cannot_be_used() -> None:
    def missing(name: Field[str], cap: Field[int]) -> str | None:
        return what_is_missing(contacts(), caller(), way(name, cap), is_seen=True)

    assert missing(Field("Spring"), Field(None, "The cap is off.")) == "The cap is off."
    assert missing(Field(None, "Too long."), Field(8)) == "Too long."
    assert missing(Field(""), Field(8)) == "Give the campaign a name first."


def look(given: object, hours: object) -> None:
    """The script of a page that has nothing else."""
    import streamlit as st

    from autolynx.ui.campaigns import new

    st.session_state["is_seen"] = new.has_seen(given, hours)


def test_it_counts_as_seen_only_the_list_with_its_region_and_hours() -> None:
    one = contacts()
    hours = CallingHours.model_validate({"from": "09:00", "until": "18:00", "days": [1], "time_zone": "UTC"})
    later = hours.model_copy(update={"until": "20:00"})
    shown = [
        (None, None), (one, None), (one, None), (one, hours), (one, hours), (one, later), (one, later),
        (replace(one, region="US"), later), (replace(one, content=b"other"), later), (one, later), (one, later),
    ]  # fmt: skip
    page = AppTest.from_function(look, args=shown[0])
    seen = []
    for given in shown:
        page.args = given
        page.run()
        assert not page.exception
        seen.append(page.session_state["is_seen"])

    assert seen == [False, False, True, False, True, False, True, False, False, False, True]
