"""Contact lists: what is read, what is skipped with which reason, what is refused whole."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from autolynx.contact_file import BLANK_LINES_ALLOWED, MAX_COLUMNS
from autolynx.contacts import ContactImport, NewContact, read_contacts
from autolynx.errors import InvalidInput
from autolynx.phones import read_phone

SAMPLE = Path(__file__).parents[2] / "samples" / "contacts.csv"
HEADER = "name,business_name,phone"
E164 = re.compile(r"\+[1-9][0-9]{1,14}")


def read(
    content: str | bytes, *, max_rows: int = 1_000, max_bytes: int = 1_000_000, region: str | None = "US"
) -> ContactImport:
    raw = content.encode() if isinstance(content, str) else content
    return read_contacts(raw, max_rows=max_rows, max_bytes=max_bytes, region=region)


def rows(*lines: str, header: str = HEADER) -> ContactImport:
    return read("\n".join([header, *lines]))


def only(result: ContactImport) -> NewContact:
    assert result.report.skipped == []
    (contact,) = result.contacts
    return contact


def reasons(result: ContactImport) -> dict[int, str]:
    return {row.row: row.reason for row in result.report.skipped}


def refusal(content: str | bytes, **limits: int) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(content, **limits)
    return caught.value.message


# The whole of it


def test_it_returns_contacts_and_a_report_when_some_rows_are_bad():
    result = rows("Ann,Acme,(415) 555-0100", "Bob,Bolt,12", "Cy,Cog,+44 20 7946 0123")

    assert [contact.model_dump() for contact in result.contacts] == [
        {
            "name": "Ann",
            "business_name": "Acme",
            "phone": "+14155550100",
            "time_zone": "America/Los_Angeles",
            "variables": {},
        },
        {
            "name": "Cy",
            "business_name": "Cog",
            "phone": "+442079460123",
            "time_zone": "Europe/London",
            "variables": {},
        },
    ]
    assert result.report.model_dump() == {
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


def test_it_skips_six_rows_when_it_reads_the_sample():
    result = read(SAMPLE.read_bytes())

    assert (result.report.total_rows, result.report.accepted) == (40, 34)
    assert sorted(reasons(result)) == [8, 17, 24, 30, 34, 38]
    fictitious = re.compile(r"\+1[2-9]\d{2}55501\d{2}|\+442079460\d{3}")
    assert all(fictitious.fullmatch(contact.phone) for contact in result.contacts)


def test_it_accepts_every_fictitious_american_number_when_the_area_code_is_real():
    numbers = [f"+1{area}55501{last:02d}" for area in (212, 312, 415, 617, 808) for last in range(100)]

    assert rows(*(f"Ann,Acme,{number}" for number in numbers)).report.accepted == len(numbers)


# Phone numbers


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+14155550123", "+14155550123"),
        ("(415) 555-0123", "+14155550123"),
        ("415.555.0123", "+14155550123"),
        ("1 415 555 0123", "+14155550123"),
        ("4155550123.0", "+14155550123"),
        ("tel:+1-415-555-0123", "+14155550123"),
        ("TEL: 415 555 0123", "+14155550123"),
        ("'+14155550123", "+14155550123"),
        ('="4155550123"', "+14155550123"),
        ("=+14155550123", "+14155550123"),
        ("+1 415\u00a0555\u2009\u20110123", "+14155550123"),
        ("\u202a+1\u200b4155550123\u202c\ufeff", "+14155550123"),
        ("４１５－５５５－０１２３", "+14155550123"),
        ("＋1 415 555 0123", "+14155550123"),
        ("٤١٥٥٥٥٠١٢٣", "+14155550123"),
        ("0044 20 7946 0123", "+442079460123"),
        ("(0044) 20 7946 0123", "+442079460123"),
        ("٠٠٤٤ 20 7946 0123", "+442079460123"),
        ("011 44 20 7946 0123", "+442079460123"),
        ("+44 (0)20 7946 0123", "+442079460123"),
    ],
)
def test_it_reads_a_number_when_it_is_written_as_people_write(written: str, e164: str):
    assert read_phone(written, "US").e164 == e164


@pytest.mark.parametrize(
    "written",
    [
        "415-555-0123 ext. 45",
        "415-555-0123x45",
        "+1 415 555 0123 #45",
        "415 555 0123, extension: 45",
        "415-555-0123;ext=45",
    ],
)
def test_it_keeps_the_extension_when_a_number_has_one(written: str):
    phone = read_phone(written, "US")

    assert (phone.e164, phone.extension) == ("+14155550123", "45")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "is missing"),
        ("\u200b", "is missing"),
        ("4.15555E+09", "lost digits in a spreadsheet"),
        ("4,15555E+09", "lost digits in a spreadsheet"),
        ("4E9", "lost digits in a spreadsheet"),
        ("415-555-01", "is too short"),
        ("415-555-01234", "is too long"),
        ("1" * 61, "is too long"),
        ("415 555 0123 415 555 0124", "is too long"),
        ("555-0123", "lacks its area code"),
        ("1-800-FLOWERS", "contains letters"),
        ("415-555-01xx", "contains letters"),
        ("ask for Tom", "contains letters"),
        ("=HYPERLINK(1)", "contains letters"),
        ("+1 415 555 0123, +1 415 555 0124", "is not one phone number"),
        ("--", "is not one phone number"),
        ("+999 555 0123 45", "country code"),
        ("+1 000 555 0123", "belongs to no range"),
    ],
)
def test_it_says_why_when_a_number_cannot_be_dialed(written: str, problem: str):
    with pytest.raises(InvalidInput, match=re.escape(problem)):
        read_phone(written, "US")


def test_it_wants_a_country_code_when_there_is_no_default_region():
    with pytest.raises(InvalidInput, match="country code first, such as"):
        read_phone("(415) 555-0123", None)
    assert read_phone("+1 415 555 0123", None).e164 == "+14155550123"


def test_it_reads_national_numbers_of_another_country_when_that_is_the_default_region():
    assert only(read(f"{HEADER}\nAnn,Acme,020 7946 0123", region="GB")).phone == "+442079460123"


@pytest.mark.parametrize(
    ("number", "time_zone"),
    [
        ("+12125550123", "America/New_York"),
        ("+16025550123", "America/Phoenix"),
        ("+442079460123", "Europe/London"),
        ("+18005550123", None),
        ("+61491570156", None),
    ],
)
def test_it_names_a_time_zone_only_when_the_number_has_just_one(number: str, time_zone: str | None):
    assert read_phone(number, None).time_zone == time_zone


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
    contact = only(
        rows("Ann,Acme,+14155550123,Zürich,=1+1,", header=f"{HEADER},Home Town,Café-Score %,empty")
    )

    assert contact.variables == {"home_town": "Zürich", "cafe_score": "=1+1", "empty": ""}


def test_it_bounds_extra_columns_when_there_are_many_or_they_are_long():
    titles = [f"extra {number}" for number in range(MAX_VARIABLES + 2)]
    result = rows(
        f"Ann,Acme,+14155550123,{'x' * 501}{',y' * (MAX_VARIABLES + 1)}",
        header=f"{HEADER},{','.join(titles)}",
    )

    contact = only(result)
    assert len(contact.variables) == MAX_VARIABLES
    assert contact.variables["extra_0"] == "x" * 500
    assert result.ignored_columns == ("extra 20", "extra 21")


def test_it_keeps_the_extension_as_a_variable_unless_the_list_has_one():
    result = rows(
        "Ann,Acme,+14155550123 x7,", "Bob,Bolt,+14155550124 x7,8", header=f"{HEADER},phone_extension"
    )

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


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("name,Phone,business_name,phone", ("Phone", "phone")),
        (f"{HEADER},Zip code,zip-code", ("Zip code", "zip-code")),
    ],
)
def test_it_refuses_the_file_when_two_columns_have_the_same_name(header: str, named: tuple[str, str]):
    message = refusal(f"{header}\n1,2,3,4,5")

    assert f'"{named[0]}" and "{named[1]}" have the same name' in message


# Rows


def test_it_counts_rows_as_a_spreadsheet_shows_them_when_there_are_blank_lines_and_quoted_newlines():
    result = read(
        f'\n{HEADER}\n\n,A,+14155550100\n  \n,,\n"Two\nlines",B,+14155550101\n,C,+14155550102\n\n,,\n'
    )

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


# Encodings and delimiters


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Chloé 株"),
        ("utf-8-sig", "Chloé 株"),
        ("utf-16", "Chloé 株"),
        ("utf-32", "Chloé 株"),
        ("cp1252", "Chloé “É” €"),
    ],
)
def test_it_reads_the_text_when_the_encoding_is_a_usual_one(encoding: str, name: str):
    assert only(read(f"{HEADER}\r\n{name},Acme,+14155550100\r\n".encode(encoding))).name == name


def test_it_reads_utf_16_when_the_mark_says_big_endian():
    content = b"\xfe\xff" + f"{HEADER}\nAnn,Acme,+14155550100".encode("utf-16-be")

    assert only(read(content)).name == "Ann"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_finds_the_delimiter_and_the_line_ends(delimiter: str, newline: str):
    lines = [HEADER, 'Ann,"A,c;m|e",+14155550100', "Bob,Bolt,+14155550101"]
    quoted = [re.sub(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', delimiter.replace("\\", ""), line) for line in lines]
    result = read(newline.join(quoted))

    assert [contact.business_name for contact in result.contacts] == ["A,c;m|e", "Bolt"]


@pytest.mark.parametrize("declaration", ["sep=;", "SEP=;", '"sep=;"'])
def test_it_believes_the_line_when_excel_declares_the_delimiter(declaration: str):
    result = read(f"{declaration}\nname;business, name;phone\nAnn;Acme;12")

    assert list(reasons(result)) == [1]


def test_it_reads_quoted_cells_when_a_space_follows_the_comma():
    assert only(rows('"Ann", "Acme, Inc", "+14155550100"')).business_name == "Acme, Inc"


# Files refused whole


def workbook() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
    return archive.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b" \n\n ", "The file is empty"),
        (b"\xef\xbb\xbf", "names no column"),
        (b",,,\n,,", "names no column"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\0", "a JPEG picture"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04 something", "a ZIP archive"),
        (workbook(), "an Excel workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls)"),
        (b"\x7fELF\x01\x01\x01" + b"\0" * 60, "not text"),
        (b"name,business_name,phone\nAnn\x81\x8d,Acme,+14155550100", "not text"),
        (b"\xff\xfen\0", "header and no row"),
        (b"\xff\xfen\0a\0m", "not text"),
        (f"{HEADER}\nAnn,Acme,+14155550100".encode("utf-16-le"), "not text"),
        (HEADER.encode(), "header and no row"),
        (f"{HEADER}\n\n,,\n \n".encode(), "header and no row"),
        (b"<html><body>Sign in</body></html>\n<p>x</p>", "has no column name"),
        (b'{"contacts": [],\n"x": 1}', "has no column name"),
        (f'{HEADER}\nAnn,Acme,+14155550100\nBob,"Bolt,1\nCy,Cog,2'.encode(), "A cell in row 2 does not end"),
        (f"{HEADER}\nAnn,Acme,{'1' * 131_073}".encode(), "A cell in row 1 does not end"),
        (b'"name,business_name,phone\nAnn,Acme,1', "A cell in the first line does not end"),
        (",".join(f"c{number}" for number in range(MAX_COLUMNS + 1)).encode(), f"at most {MAX_COLUMNS}"),
    ],
)
def test_it_refuses_the_file_in_one_sentence_when_it_is_no_contact_list(content: bytes, said: str):
    message = refusal(content)

    assert said in message
    assert "\n" not in message
    assert message.endswith(".")


def test_it_refuses_the_file_when_it_is_over_the_row_limit():
    lines = "\n".join(f"Ann {number},Acme,x" for number in range(4))

    assert refusal(f"{HEADER}\n{lines}", max_rows=3) == "The file has 4 rows; at most 3 are accepted."
    assert read(f"{HEADER}\n\n{lines}\n\n", max_rows=4).report.total_rows == 4


@pytest.mark.parametrize("first", ["Ann,Acme,1", '"Ann" Lee,Acme,1'])
def test_it_stops_reading_when_there_are_lines_without_end(first: str):
    content = f"{HEADER}\n{first}" + "\n" * (BLANK_LINES_ALLOWED + 10) + "Bob,Bolt,2"

    assert "at most 3 rows are accepted" in refusal(content, max_rows=3)


def test_it_refuses_the_file_when_it_is_over_the_size_limit():
    content = f"{HEADER}\nAnn,Acme,+14155550100".encode()

    assert refusal(content, max_bytes=45) == "The file has 46 bytes; at most 45 bytes are accepted."
    assert read(content, max_bytes=46).report.accepted == 1
    assert "3.00 MB; at most 2.00 MB" in refusal(b"x" * 3 * 1024 * 1024, max_bytes=2 * 1024 * 1024)


def test_it_builds_no_contact_when_the_number_is_not_e164():
    with pytest.raises(ValidationError):
        NewContact(name="Ann", business_name="Acme", phone="415 555 0100")


# Properties

unhurried = settings(deadline=None)  # the first number of a country loads its metadata


def assert_consistent(content: bytes) -> None:
    try:
        result = read(content)
    except InvalidInput:
        return
    report, phones = result.report, [contact.phone for contact in result.contacts]
    assert report.accepted == len(phones)
    assert report.accepted + len(report.skipped) == report.total_rows
    assert all(E164.fullmatch(phone) for phone in phones)
    assert len(set(phones)) == len(phones)
    assert all(skipped.reason and skipped.row >= 1 for skipped in report.skipped)
    assert [skipped.row for skipped in report.skipped] == sorted({skipped.row for skipped in report.skipped})
    assert all(contact.name and contact.business_name for contact in result.contacts)
    assert not any("\0" in cell for skipped in report.skipped for cell in skipped.data.values())


@unhurried
@given(st.binary(max_size=300))
def test_it_refuses_or_reports_consistently_when_given_any_bytes(content: bytes):
    assert_consistent(content)


@unhurried
@given(
    st.sampled_from([HEADER, "Full name;Company;Mobile;x", '"Name"\t"Company"\t"Phone"', f"{HEADER},,a,b"]),
    st.text(st.sampled_from(list('ab1+45 ,;\t|"\n\r\0\u200b=(é')), max_size=200),
)
def test_it_refuses_or_reports_consistently_when_rows_are_noise(header: str, noise: str):
    assert_consistent(f"{header}\n{noise}".encode())


@unhurried
@given(st.binary(max_size=200))
def test_it_refuses_or_reports_consistently_when_rows_are_any_bytes(noise: bytes):
    assert_consistent(f"{HEADER}\n".encode() + noise)


@unhurried
@given(st.text(max_size=80))
def test_it_reads_or_refuses_a_number_when_given_any_text(text: str):
    try:
        phone = read_phone(text, "US")
    except InvalidInput:
        return
    assert E164.fullmatch(phone.e164)
    assert read_phone(phone.e164, None).e164 == phone.e164


names = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60).map(
    lambda text: " ".join(text.split())
)
numbers = st.builds(
    "+1{}55501{:02d}".format, st.sampled_from([212, 303, 312, 415, 503, 617, 713, 808]), st.integers(0, 99)
)


@unhurried
@given(
    st.lists(
        st.tuples(names.filter(bool), names.filter(bool), numbers), min_size=1, unique_by=lambda row: row[2]
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_it_returns_what_was_written_when_every_contact_is_valid(
    contacts: list[tuple[str, str, str]], delimiter: str, encoding: str
):
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in contact] for contact in contacts]
    text = "\r\n".join(delimiter.join(row) for row in [HEADER.split(","), *quoted])
    result = read(text.encode(encoding))

    assert result.report.skipped == []
    assert [(found.name, found.business_name, found.phone) for found in result.contacts] == contacts
