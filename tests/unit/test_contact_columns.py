"""The columns of a contact list: what each is used as, and what it is called."""

from __future__ import annotations

import pytest

from tests.support.lists import HEADER, only, refusal, rows


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
