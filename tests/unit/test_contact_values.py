"""The values of a contact list: stored as they were written, or named in the report."""

from __future__ import annotations

import pytest

from autolynx.contacts.reading import MAX_VARIABLE_LENGTH
from autolynx.models.import_report import called_in
from tests.support.lists import HEADER, only, read, reasons, rows


def test_it_keeps_extra_columns_as_template_variables():
    contact = only(rows("Ann,Acme,+14155550123,Zürich,=1+1,", header=f"{HEADER},Home Town,Café-Score %,empty"))

    assert contact.variables == {"home_town": "Zürich", "cafe_score": "=1+1", "empty": ""}


def test_it_keeps_every_column_and_all_of_it_when_there_are_many_and_they_are_long():
    titles = [f"extra {number}" for number in range(200)]
    text = "Wörter, 'und' {{mehr}}; " * 208
    long = text.strip()
    result = rows(f'Ann,Acme,+14155550123,"{long}"{",y" * 199}', header=f"{HEADER},{','.join(titles)}")

    contact = only(result)
    assert 4_900 < len(long) <= MAX_VARIABLE_LENGTH
    assert contact.variables == {"extra_0": long} | {f"extra_{number}": "y" for number in range(1, 200)}
    assert (result.report.ignored_columns, result.report.changes) == ([], [])


def test_it_keeps_line_breaks_and_spaces_when_a_variable_has_them():
    text = "Line 1\r\n  Line 2\n\nLine\u00a04\tend"
    result = read(f'{HEADER},Note\r\nAnn,Acme,+14155550123,"{text}"\r\n')

    assert only(result).variables == {"note": text}
    assert result.report.changes == []


@pytest.mark.parametrize("sign", ["\u00a0", "\u2003", "\u3000", "\x1f", "\x1c", "\x85", "\v"])
def test_it_drops_no_sign_at_a_values_end_unless_it_says_so(sign: str):
    result = rows(f"{sign}Ann,Acme,+14155550123{sign},{sign}a{sign}\t ,{sign}", header=f"{HEADER},Note,")

    assert only(result).variables == {"note": f"{sign}a{sign}"}
    assert [(one.column, one.was, one.now) for one in result.report.changes] == [("name", f"{sign}Ann", "Ann")]
    assert result.report.ignored_columns == []


def test_it_counts_no_cell_of_white_space_beyond_the_header():
    assert only(rows("Ann,Acme,+14155550123,\u00a0,\u2003")).name == "Ann"


def test_it_skips_the_row_when_a_variable_is_longer_than_fits():
    result = rows(
        f"Ann,Acme,+14155550123,{'x' * 5_001}", f"Bob,Bolt,+14155550124,{'x' * 5_000}", header=f"{HEADER},Note"
    )

    assert reasons(result) == {1: 'The column "Note" has 5,001 characters; at most 5,000 fit.'}
    assert [contact.variables for contact in result.contacts] == [{"note": "x" * 5_000}]


def test_it_names_every_value_that_is_not_stored_as_it_was_written():
    result = rows(
        "Ann  Lee,Acme,0044 20 7946 0123,a\0b",
        'Bob,"Bolt\u200b Inc",4155550123.0,c',
        '"Cy" C,Cog,+1 415 555 0124 x7,d',
        "Dot,Day,(415) 555-0125,  e  ",
        header=f"{HEADER},Note",
    )

    assert [contact.phone for contact in result.contacts] == [
        "+442079460123", "+14155550123", "+14155550124", "+14155550125",
    ]  # fmt: skip
    assert [(one.row, one.column, one.was, one.now) for one in result.report.changes] == [
        (1, "name", "Ann  Lee", "Ann Lee"),
        (1, "phone", "0044 20 7946 0123", "+442079460123"),
        (1, "Note", "a\ufffdb", "ab"),
        (2, "business_name", "Bolt\u200b Inc", "Bolt Inc"),
        (2, "phone", "4155550123.0", "+14155550123"),
        (3, None, '"Cy" C,Cog,+1 415 555 0124 x7,d', "Cy C | Cog | +1 415 555 0124 x7 | d"),
        (3, "phone", "+1 415 555 0124 x7", "+14155550124"),
    ]
    assert result.report.changes[-1].reason == "The extension 7 is kept as {{phone_extension}}."
    assert all(one.reason.endswith(".") for one in result.report.changes)
    phones = {contact.phone for contact in result.contacts[:3]}  # by which they are erased with the person
    assert {one.phone for one in result.report.changes} == phones


def test_it_says_so_when_the_list_has_another_extension_than_the_number():
    result = rows("Ann,Acme,+14155550123 x7,8", header=f"{HEADER},phone_extension")

    assert only(result).variables == {"phone_extension": "8"}
    assert [(one.row, one.column) for one in result.report.changes] == [(1, "phone")]


@pytest.mark.parametrize(
    "row",
    [
        "Ann,Acme,+14155550123,a ",
        "Ann,Acme,+14155550123,\ta",
        'Ann,Acme,+14155550123,"  a  "',
        '"Ann\n",Acme,+14155550123,a',
        "Ann, Acme, +14155550123, a",
        ' Ann,Acme,+14155550123,"a, b"',
    ],
)
def test_it_says_once_that_white_space_around_values_is_left_out(row: str):
    report = rows(row, row.replace("0123", "0124"), header=f"{HEADER},Note").report

    assert report.white_space_is_left_out
    assert report.changes == []
    assert [one for one in report.sentences() if "White space" in one] == ["White space around values is left out."]


@pytest.mark.parametrize("row", ["Ann,Acme,+14155550123,a b", '"Ann",Acme,+14155550123,"a, b"', "A,B,+14155550123,"])
def test_it_says_nothing_of_white_space_when_there_is_none_around_a_value(row: str):
    report = rows(row, header=f"{HEADER}, Note").report

    assert not report.white_space_is_left_out
    assert [one for one in report.sentences() if "White space" in one] == []


def test_it_counts_the_numbers_of_each_country():
    numbers = ["+14155550123", "+14165550123", "+493023125004", "+493023125005", "+493023125006", "12"]
    result = rows(*(f"Ann,Acme,{number}" for number in numbers))

    assert [(one.name, one.numbers) for one in result.report.countries] == [
        ("Germany", 3), ("Canada", 1), ("United States", 1),
    ]  # fmt: skip
    assert called_in(result.report.countries) == (
        "3 numbers in Germany, 1 in Canada and 1 in the United States will be called"
    )


def test_it_keeps_the_extension_as_a_variable_unless_the_list_has_one():
    result = rows("Ann,Acme,+14155550123 x7,", "Bob,Bolt,+14155550124 x7,8", header=f"{HEADER},phone_extension")

    assert [contact.variables for contact in result.contacts] == [
        {"phone_extension": "7"},
        {"phone_extension": "8"},
    ]
