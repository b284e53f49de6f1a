"""Contact lists: which rows become contacts, and which are skipped with which reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from autolynx.contacts.reading import ContactImport, NewContact
from tests.support.lists import HEADER, only, read, reasons, rows

SAMPLE = Path(__file__).parents[2] / "samples" / "contacts.csv"


def test_it_returns_contacts_and_a_report_when_some_rows_are_bad():
    result = rows("Ann,Acme,(415) 555-0100", "Bob,Bolt,12", "Cy,Cog,+44 20 7946 0123")

    assert [contact.model_dump() for contact in result.contacts] == [
        {
            "name": "Ann",
            "business_name": "Acme",
            "phone": "+14155550100",
            "time_zones": ("America/Los_Angeles",),
            "variables": {},
        },
        {
            "name": "Cy",
            "business_name": "Cog",
            "phone": "+442079460123",
            "time_zones": ("Europe/London",),
            "variables": {},
        },
    ]
    assert result.report.model_dump() == {
        "region": "US",
        "countries": [
            {"region": "GB", "name": "United Kingdom", "numbers": 1},
            {"region": "US", "name": "United States", "numbers": 1},
        ],
        "columns": [
            {"title": "name", "used_as": "name"},
            {"title": "business_name", "used_as": "business_name"},
            {"title": "phone", "used_as": "phone"},
        ],
        "ignored_columns": [],
        "changes": [],
        "do_not_call": 0,
        "numbers": {},
        "white_space_is_left_out": False,
        "encoding": "UTF-8",
        "total_rows": 3,
        "accepted": 2,
        "skipped": [
            {
                "row": 2,
                "reason": 'The phone number "12" is too short.',
                "data": {"name": "Bob", "business_name": "Bolt", "phone": "12"},
            }
        ],
    }


def test_it_reports_every_row_when_none_is_usable():
    result = rows(",Acme,+14155550100", "Bob,Bolt,nobody knows")

    assert result.contacts == []
    assert (result.report.total_rows, result.report.accepted, len(result.report.skipped)) == (2, 0, 2)


@pytest.mark.parametrize("region", [None, "US", "DE"])
def test_it_skips_six_rows_when_it_reads_the_sample(region: str | None):
    result = read(SAMPLE.read_bytes(), region=region)

    assert (result.report.total_rows, result.report.accepted) == (40, 34)
    assert sorted(reasons(result)) == [8, 17, 24, 30, 34, 38]
    fictitious = re.compile(r"\+1[2-9]\d{2}55501\d{2}|\+442079460\d{3}")
    assert all(fictitious.fullmatch(contact.phone) for contact in result.contacts)


def test_it_counts_rows_as_a_spreadsheet_shows_them_when_there_are_blank_lines_and_quoted_newlines():
    result = read(f'\n{HEADER}\n\n,A,+14155550100\n  \n,,\n"Two\nlines",B,+14155550101\n,C,+14155550102\n\n,,\n')

    assert reasons(result) == {2: "The name is missing.", 6: "The name is missing."}
    assert result.contacts[0].name == "Two lines"
    assert result.report.total_rows == 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Acme,+14155550100", "The name is missing."),
        (" \u200b ,Acme,+14155550100", "The name is missing."),
        ("Ann,,+14155550100", "The business name is missing."),
        ("Ann,Acme,", "The phone number is missing."),
        (f"{'n' * 201},Acme,+14155550100", "The name has 201 characters; at most 200 fit."),
        (f"Ann,{'n' * 1201},+14155550100", "The business name has 1,201 characters; at most 200 fit."),
        ("Ann,+14155550100", "The row has fewer cells than the header: 2, not 3."),
        ("Ann", "The row has fewer cells than the header: 1, not 3."),
        ("Ann,Acme, Inc,+14155550100", "The row has more cells than the header, which has 3."),
        ("Ann,Acme,+14155550100" + "," * 1000 + "x", "The row has more cells than the header, which has 3."),
    ],
)
def test_it_skips_only_the_bad_row_when_one_is_bad(row: str, reason: str):
    result = rows(row, "Bob,Bolt,+14155550199")

    assert reasons(result) == {1: reason}
    assert [contact.name for contact in result.contacts] == ["Bob"]


def test_it_shows_all_cells_when_a_row_is_too_long():
    (skipped,) = rows("Ann,Acme, Inc,+14155550100").report.skipped

    assert skipped.data == {
        "name": "Ann",
        "business_name": "Acme",
        "phone": "Inc",
        "more cells": "+14155550100",
    }


def test_it_keeps_a_row_when_only_empty_cells_are_beyond_the_header():
    assert only(rows("Ann,Acme,+14155550100,,,")).name == "Ann"


def test_it_keeps_the_first_row_when_a_number_is_there_again_in_another_form():
    result = rows("Ann,Acme,+14155550100", "Bob,Bolt,415.555.0100", "Cy,Cog,(415) 555-0100 x3")

    assert only(ContactImport(result.contacts, rows("A,B,+14155550100").report)).name == "Ann"
    assert reasons(result) == {2: "Row 1 has the same phone number.", 3: "Row 1 has the same phone number."}


def test_it_keeps_a_number_when_the_row_that_had_it_first_was_skipped():
    result = rows(",Acme,+14155550100", "Bob,Bolt,+14155550100", "Cy,Cog,+14155550100")

    assert [contact.name for contact in result.contacts] == ["Bob"]
    assert reasons(result)[3] == "Row 2 has the same phone number."


def test_it_keeps_formulas_and_words_like_na_as_they_are():
    result = rows("=cmd|' /C calc'!A0,@SUM(1),+14155550100", "NA,null,+14155550101", "007,1e5,+14155550102")

    assert [(contact.name, contact.business_name) for contact in result.contacts] == [
        ("=cmd|' /C calc'!A0", "@SUM(1)"),
        ("NA", "null"),
        ("007", "1e5"),
    ]


def test_it_strips_what_cannot_be_seen_or_stored():
    contact = only(rows("A\0n\x07n\u202e \t  Lee\ufeff,\u200bAc\x9fme,+14155550100"))

    assert (contact.name, contact.business_name) == ("Ann Lee", "Acme")


def test_it_keeps_letters_of_every_script_and_their_joiners():
    name = "علی\u200cرضا नेहा 👩\u200d🔧 Ðìñø"

    assert only(rows(f"{name},株式会社,+14155550100")).name == name


@pytest.mark.parametrize(
    "row",
    ['"Bob" Smith,Bolt,+14155550100', '"Bob"Smith,"Bolt","+14155550100"', 'Bob "B" Smith,Bolt,+14155550100'],
)
def test_it_loses_no_row_when_a_quotation_mark_is_out_of_place(row: str):
    result = rows("Ann,Acme,+14155550101", row, "", ",Cog,+14155550102", '"D ""the"" E",Dot,+14155550103')

    assert [contact.phone for contact in result.contacts] == ["+14155550101", "+14155550100", "+14155550103"]
    assert reasons(result) == {4: "The name is missing."}


def test_it_builds_no_contact_when_the_number_is_not_e164():
    with pytest.raises(ValidationError):
        NewContact(name="Ann", business_name="Acme", phone="415 555 0100")


def test_it_skips_only_the_row_when_a_cell_is_endless():
    result = rows(f"Ann,{'n' * 200_000},+14155550100", f"Bob,Bolt,{'1' * 140_000}", "Cy,Cog,+14155550101")

    assert [contact.name for contact in result.contacts] == ["Cy"]
    assert reasons(result)[1] == "The business name has 200,000 characters; at most 200 fit."
    assert "is too long" in reasons(result)[2]
    assert result.report.skipped[0].data["business_name"].endswith("nnn… (200,000 characters)")


def test_it_shows_every_cell_of_a_skipped_row_when_titles_are_alike():
    (skipped,) = rows("Ann,Acme,12,a,b,c", header=f"{HEADER},Sales,Sales,").report.skipped

    assert skipped.data == {
        "name": "Ann",
        "business_name": "Acme",
        "phone": "12",
        "Sales": "a",
        "Sales (column 5)": "b",
        "more cells": "c",
    }
