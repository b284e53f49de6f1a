"""What fields make of what is typed, and what keeps a campaign from being created."""

from __future__ import annotations

from uuid import uuid4

import pytest

from autolynx.contacts import read_contacts
from autolynx.errors import InvalidInput
from autolynx.models import Assistant, CampaignMode, PhoneLine
from autolynx.ui.contact_step import ContactList
from autolynx.ui.fields import Field, read_whole_number
from autolynx.ui.new_campaign_parts import Caller, Way, what_is_missing


@pytest.mark.parametrize(("typed", "value"), [("1", 1), (" 8 ", 8), ("50", 50), ("08", 8)])
def test_it_reads_a_whole_number_when_it_is_in_range(typed: str, value: int) -> None:
    assert read_whole_number("Calls at once", typed, 1, 50).checked() == value


@pytest.mark.parametrize("typed", ["", " ", "0", "51", "500", "-1", "+8", "8.0", "8,5", "1e1", "eight", "٨", "9" * 30])
def test_it_says_what_is_accepted_when_a_number_cannot_be_used(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Calls at once is .*; accepted is a whole number from 1 to 50\.$"):
        read_whole_number("Calls at once", typed, 1, 50).checked()


def contacts(*, is_seen: bool) -> ContactList:
    content = b"name,business_name,phone\nAna,Acme,+14155550123"
    read = read_contacts(content, max_rows=10, max_bytes=1000)
    return ContactList(content, "none", read, is_seen)


def caller() -> Caller:
    line = PhoneLine(id="a", number="+14155550100", name=None, provider="twilio", is_active=True)
    assistant = Assistant.model_construct(id=uuid4(), name="Ada")
    return Caller(assistant, line)


def way(name: Field[str], cap: Field[int]) -> Way:
    return Way(name, cap, CampaignMode.CONTINUOUS, False, None)


def test_it_creates_no_campaign_of_a_list_whose_countries_nobody_has_seen() -> None:
    good = way(Field("Spring"), Field(8))

    assert "who will be called" in (what_is_missing(contacts(is_seen=False), caller(), good) or "")
    assert what_is_missing(contacts(is_seen=True), caller(), good) is None


def test_it_creates_no_campaign_when_a_field_cannot_be_used() -> None:
    seen = contacts(is_seen=True)

    assert what_is_missing(seen, caller(), way(Field("Spring"), Field(None, "The cap is off."))) == "The cap is off."
    assert what_is_missing(seen, caller(), way(Field(None, "Too long."), Field(8))) == "Too long."
    assert what_is_missing(seen, caller(), way(Field(""), Field(8))) == "Give the campaign a name first."
