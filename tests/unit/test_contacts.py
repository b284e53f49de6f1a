"""Contact lists: which rows become contacts, which are skipped with which reason, what each column is used as."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from autolynx.contacts.reading import MAX_VARIABLE_LENGTH, ContactImport, NewContact
from autolynx.models.import_report import called_in
from tests.support.lists import HEADER, only, read, reasons, refusal, rows

SAMPLE = Path(__file__).parents[2] / "samples" / "contacts.csv"

# The whole of it


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


# Columns


@pytest.mark.parametrize(
    "header",
    [
        "NAME,Business Name,Phone Number",
        "Full name,Company,Mobile",
        " contact , business-name , PHONE_NUMBER ",
        "Contact Name,Organisation,Tel.",
        "\ufeffName,Company Name,Cell Phone",
        '"Name","Company","Phone\nNumber"',
        "Customer,Account Name,Téléphone No",
    ],
)
def test_it_finds_the_columns_when_the_header_spells_them_otherwise(header: str):
    contact = only(rows("Ann,Acme,+14155550123", header=header))

    assert (contact.name, contact.business_name, contact.phone) == ("Ann", "Acme", "+14155550123")
    assert contact.variables == {}


def test_it_finds_the_columns_when_they_stand_in_another_order():
    contact = only(rows("+14155550123,9,Acme,Ann", header="phone,no,company,name"))

    assert (contact.name, contact.business_name, contact.variables) == ("Ann", "Acme", {"no": "9"})


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("First Name,Last Name,Company,Phone", "Ann,Lee,Acme,+14155550123", "Ann Lee"),
        ("last_name,company,phone,first_name", "Lee,Acme,+14155550123,Ann", "Ann Lee"),
        ("First Name,Last Name,Company,Phone", ",Lee,Acme,+14155550123", "Lee"),
        ("First Name,Company,Phone", "Ann,Acme,+14155550123", "Ann"),
        ("Name,First Name,Company,Phone", "Ms Lee,Ann,Acme,+14155550123", "Ms Lee"),
    ],
)
def test_it_joins_first_and_last_name_when_there_is_no_name(header: str, row: str, name: str):
    assert only(rows(row, header=header)).name == name


def test_it_takes_the_best_name_when_two_columns_could_be_meant():
    contact = only(
        rows("Ann,+14155550124,Acme Inc,Acme,+14155550123", header="Name,Mobile,Company,Business Name,Phone")
    )

    assert (contact.business_name, contact.phone) == ("Acme", "+14155550123")
    assert contact.variables == {"mobile": "+14155550124", "company": "Acme Inc"}


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


def test_it_gives_each_column_a_name_of_its_own_and_tells_them():
    header = f"{HEADER},Sales,Sales %,sales_2,#,%,€,☎,Zip code,zip-code"
    result = rows("Ann,Acme,+14155550123,a,b,c,d,e,f,g,h,i", header=header)

    assert only(result).variables == {
        "sales": "a",
        "sales_3": "b",
        "sales_2": "c",
        "number_sign": "d",
        "percent_sign": "e",
        "euro_sign": "f",
        "black_telephone": "g",
        "zip_code": "h",
        "zip_code_2": "i",
    }
    named = {column.title: column.used_as for column in result.report.columns}
    assert (named["Sales %"], named["#"], named["phone"]) == ("sales_3", "number_sign", "phone")
    assert list(named) == header.split(",")
    assert [column.title for column in result.report.renamed] == ["Sales %", "#", "%", "€", "☎", "zip-code"]


def test_it_names_long_titles_apart_when_they_begin_alike():
    title = "x" * 80
    result = rows("Ann,Acme,+14155550123,a,b", header=f"{HEADER},{title}1,{title}2")

    assert only(result).variables == {"x" * 60: "a", f"{'x' * 60}_2": "b"}


def test_it_names_a_column_without_a_title_only_when_it_holds_something():
    result = rows("Ann,x,Acme,,+14155550123", header="name,,business_name,,phone")

    assert [column.model_dump() for column in result.report.ignored_columns] == [
        {"title": "column 2", "reason": "It has no title."}
    ]


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


def test_it_leaves_columns_without_a_name_out():
    header = "name,,business_name,phone,,"
    result = rows("Ann,x,Acme,+14155550123,,", "Bob,,Bolt,+14155550124", header=header)

    assert [contact.variables for contact in result.contacts] == [{}, {}]
    assert result.report.skipped == []


def test_it_names_what_is_missing_and_what_is_there_when_a_column_is_missing():
    message = refusal("name,e-mail\nAnn,ann@example.com")

    assert "no column business_name and no column phone" in message
    assert "name, e-mail" in message
    assert "needs the columns name, business_name and phone" in message


@pytest.mark.parametrize("title", ["Phone 1", "Mobile (private)", "Cell #2", "Tel. 1", "Work telephone no."])
def test_it_takes_no_number_for_a_phone_when_another_title_tells_of_phones(title: str):
    message = refusal(f"Name,Company,Number,{title}\nAnn,Acme,4155550100,4155550123")

    assert "no column phone" in message


@pytest.mark.parametrize("title", ["Hotel", "Cancelled", "Note"])
def test_it_takes_a_number_for_a_phone_when_nothing_else_may_be_one(title: str):
    assert only(rows("Ann,Acme,+14155550123,x", header=f"Name,Company,Number,{title}")).phone == "+14155550123"


def test_it_keeps_columns_that_are_alike_as_variables_when_they_are_not_needed():
    header = f"{HEADER},First,First,surname,Surname,Company,company,Mobile,mobile"
    result = rows("Ann,Acme,+14155550123,a,b,c,d,e,f,g,h", header=header)

    assert only(result).name == "Ann"
    assert only(result).variables == {
        "first": "a", "first_2": "b", "surname": "c", "surname_2": "d",
        "company": "e", "company_2": "f", "mobile": "g", "mobile_2": "h",
    }  # fmt: skip


def test_it_refuses_the_file_when_first_names_are_needed_and_there_twice():
    assert '"First" and "first" have the same name' in refusal("First,Company,Phone,first\n1,2,3,4")


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("name,Phone,business_name,phone", ("Phone", "phone")),
        (f"Company,{HEADER},business-name", ("business_name", "business-name")),
    ],
)
def test_it_refuses_the_file_when_two_columns_have_the_same_name(header: str, named: tuple[str, str]):
    message = refusal(f"{header}\n1,2,3,4,5")

    assert f'"{named[0]}" and "{named[1]}" have the same name' in message


# Rows


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
