"""What a page says of how a list is read."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page(row: str) -> None:
    from autolynx.contacts.reading import read_contacts
    from autolynx.ui.contacts import import_report

    read = read_contacts(f"name,business_name,phone\n{row}".encode(), max_rows=10, max_bytes=1000)
    import_report.treatment(read.report, key="treatment")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('Ann,"  Acme  ",+14155550123', ["White space around values is left out."]),
        ("Ann, Acme, +14155550123", ["White space around values is left out."]),
        ("Ann,Acme,+14155550123", []),
    ],
)
def test_it_says_that_white_space_is_left_out_when_there_was_any(row: str, told: list[str]) -> None:
    shown = AppTest.from_function(page, args=(row,)).run()

    assert [one.label for one in shown.expander] == ["How it is read: white space left out"] * len(told)
    assert [one.value for one in shown.markdown] == told


def test_it_names_an_extension_that_is_moved() -> None:
    shown = AppTest.from_function(page, args=("Ann,Acme,+1 617-555-0121 ext 33",)).run()

    (table,) = [one.value for one in shown.dataframe]
    assert list(table["Why"]) == ["The extension 33 is kept as {{phone_extension}}."]
    assert list(table["As it is used"]) == ["+16175550121"]
