"""Contact files: encodings, delimiters, quotation marks, and what is refused whole."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autolynx.contacts.file import BLANK_LINES_ALLOWED, MAX_COLUMNS, MAX_TITLE_LENGTH
from autolynx.errors import InvalidInput
from tests.support.lists import E164, HEADER, only, read, reasons, refusal, rows

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


def test_it_skips_only_the_row_when_one_is_not_text_in_the_files_encoding():
    good = ["José,Muñoz,+14155550100", "Zoë,Brontë,+14155550101", "Ann,Acme,+14155550102"]
    bad = ["Ren\xe9,Caf\xe9,+14155550103".encode("cp1252"), b"Bob\xff,B\xc3\xa9,+14155550104"]
    result = read(b"\n".join([HEADER.encode(), good[0].encode(), bad[0], good[1].encode(), bad[1], good[2].encode()]))

    assert [contact.name for contact in result.contacts] == ["José", "Zoë", "Ann"]
    assert [contact.business_name for contact in result.contacts] == ["Muñoz", "Brontë", "Acme"]
    assert reasons(result) == dict.fromkeys((2, 4), "The row is not text in the file's encoding (UTF-8).")
    assert result.report.skipped[0].data == {"name": "Ren�", "business_name": "Caf�", "phone": "+14155550103"}
    assert (result.report.total_rows, result.report.encoding) == (5, "UTF-8")


def test_it_skips_only_the_row_when_a_windows_file_has_one_in_utf_8():
    names = ["René", "Chloé", "Zoë", "“É” €"]
    lines = [f"{name},Acme,+1415555010{number}".encode("cp1252") for number, name in enumerate(names)]
    result = read(b"\r\n".join([HEADER.encode(), *lines, "José,Acme,+14155550109".encode(), b"Ann,Acme,+14155550108"]))

    assert [contact.name for contact in result.contacts] == [*names, "Ann"]
    assert reasons(result) == {5: "The row is not text in the file's encoding (Windows-1252)."}
    assert result.report.encoding == "Windows-1252"


@pytest.mark.parametrize("count", [1, 3])
def test_it_alters_no_row_when_as_many_are_in_one_encoding_as_in_the_other(count: int):
    lines = [f"José,Acme,+1415555010{number}".encode() for number in range(count)]
    lines += [f"René,Acme,+1415555011{number}".encode("cp1252") for number in range(count)]
    result = read(b"\n".join([HEADER.encode(), *lines]))

    assert {contact.name for contact in result.contacts} == {"José"}
    assert len(result.report.skipped) == count


def test_it_skips_only_the_row_when_a_file_with_a_mark_has_one_that_is_no_text():
    utf_8 = read(b"\xef\xbb\xbf" + f"{HEADER}\n".encode() + b"Ren\xe9,A,+14155550100\nAnn,Acme,+14155550101")
    utf_16 = read(f"{HEADER}\nX\ud800,A,+14155550100\nAnn,Acme,+14155550101".encode("utf-16", "surrogatepass"))

    for result in (utf_8, utf_16):
        assert [contact.name for contact in result.contacts] == ["Ann"]
        assert "is not text in the file's encoding (UTF-" in reasons(result)[1]


def test_it_skips_only_the_row_when_a_windows_byte_means_nothing():
    lines = ["René,Acme,+14155550100".encode("cp1252"), "Zoë,Acme,+14155550101".encode("cp1252")]
    result = read(b"\n".join([HEADER.encode(), *lines, b"An\x81,Acme,+14155550102"]))

    assert [contact.name for contact in result.contacts] == ["René", "Zoë"]
    assert list(reasons(result)) == [3]


FOREIGN = [
    ("cp1251", ["Иван Петров", "Анна", "Ян Ли"]),
    ("koi8_r", ["Иван Петров", "Анна", "Ян Ли"]),
    ("cp1253", ["Ελένη", "Γιώργος Παπάς"]),
    ("cp1250", ["Wałęsa", "Łukasz", "Żak"]),
    ("iso8859_2", ["Wałęsa", "Łukasz", "Małgorzata"]),
    ("mac_roman", ["José", "Müller", "João", "Björn"]),
    ("cp850", ["José", "Muñoz", "Ramírez", "Bjørn", "Größe"]),
    ("cp949", ["김철수"]),
]


@pytest.mark.parametrize(("encoding", "names"), FOREIGN)
def test_it_makes_no_names_of_letters_that_are_another_encodings(encoding: str, names: list[str]):
    lines = [f"{name},Acme,+1415555010{number}" for number, name in enumerate(names)]
    result = read("\n".join([HEADER, *lines, "Ann,Acme,+14155550199"]).encode(encoding))

    assert [contact.name for contact in result.contacts] == ["Ann"]
    assert set(reasons(result).values()) == {"The row is not text in the file's encoding (Windows-1252)."}
    assert "\ufffd" in result.report.skipped[0].data["name"]


def test_it_skips_only_the_row_when_one_of_a_windows_file_is_another_encodings():
    lines = [f"{name},Acme,+1415555010{number}".encode("cp1252") for number, name in enumerate(["René", "Zoë", "ÅÄÖ"])]
    result = read(b"\n".join([HEADER.encode(), *lines, "Иван,Acme,+14155550109".encode("cp1251")]))

    assert [contact.name for contact in result.contacts] == ["René", "Zoë", "ÅÄÖ"]
    assert list(reasons(result)) == [4]


def test_it_reads_every_name_that_western_europe_writes():
    names = (
        "José Muñoz|Ærø Kommune|Þórður Þórðarson|Ásþór|Óðinn|Äijälä Yöhönkö|João Simões|François d’Été|L’Étoile|“Café”|"
        "«Société» Générale|Größe & Söhne|Müller–Schmidt|Müller — Co|O´Brien é|Élodie Œuvre|¿Qué? S.L.|¡Hola! Café|"
        "Col·legi Oficial|Nº 5|1ª Avenida|5°C|Acme® GmbH|Acme™|©Acme|½ lb|£5 Café|Šárka|Žižek|Škoda|Loïc|Aïda|Ýr Ösp|"
        "À la carte|„Zitat“ Größe|‚Wort‘ süß|90 m² Fläche|"
        "Fußnote¹|Größe: 5×3|Jõeäär|Ååå|ÅÄÖ AB|MÜLLER|PEÑA|GARÇON|Tür…und"
    )
    told = names.split("|")
    lines = [f'"{name}",Acme,+121255501{number:02d}' for number, name in enumerate(told)]
    result = read("\n".join([HEADER, *lines]).encode("cp1252"))

    assert [contact.name for contact in result.contacts] == told


def test_it_says_as_what_it_read_a_file_that_is_not_utf_8_and_what_a_name_became():
    said = [f"{HEADER}", "Ann,Acme,+14155550100", "Bob,Café,+14155550101", "José,Acme,+14155550102"]
    windows, other = (read("\n".join(said).encode(encoding)) for encoding in ("cp1252", "utf-8"))
    first, *_ = windows.report.sentences()

    assert first == (
        'The file is not UTF-8; it was read as Windows-1252, so that row 3 says "José". '
        "If that is not right, save it as UTF-8."
    )
    assert windows.report.encoding_told == first
    assert "José" not in windows.report.model_dump_json()  # which outlives the person's erasure
    assert other.report.encoding_told is None
    assert read("\n".join(said).encode("utf-16")).report.encoding_told is None


def test_it_says_as_what_it_read_a_file_though_no_name_shows_it():
    result = read(f"{HEADER},Note\nAnn,Acme,+14155550100,süß".encode("cp1252"))

    assert result.report.encoding_told == (
        "The file is not UTF-8; it was read as Windows-1252. If that is not right, save it as UTF-8."
    )


@pytest.mark.parametrize(
    "lines",
    [
        ['Bob,"Bolt,+14155550101', "Cy,Cog,+14155550102", 'Dee,Dot",+14155550103'],
        ['Bob,"Bolt,+14155550101', "Cy,Cog,+14155550102", 'Dee,"Dot",+14155550103'],
        ['Bob,"Bolt,+14155550101', 'Cy,"Cog",+14155550102'],
        ['Bob,"Bolt, Inc,+14155550101', "Cy,Cog,+14155550102", 'Dee,"Dot, Ltd",+14155550103'],
    ],
)
def test_it_makes_no_name_of_a_neighbour_when_a_quotation_mark_is_missing(lines: list[str]):
    result = rows("Ann,Acme,+14155550100", *lines, "Eve,End,+14155550104")

    assert [contact.name for contact in result.contacts] == ["Ann", "Eve"]
    assert [contact.business_name for contact in result.contacts] == ["Acme", "End"]
    assert f"runs over {len(lines)} lines" in reasons(result)[2]


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
        (f'{HEADER}\nAnn,Acme,+14155550100\nBob,"{"1" * 131_073}'.encode(), "A cell in row 2 does not end"),
        (f"{HEADER},{'t' * (MAX_TITLE_LENGTH + 1)}\n1,2,3,4".encode(), "has a title of 201 characters"),
        (HEADER.encode() + b",Gr\xf6\xdfe\n" + "Änn,Ö,1,2\nBob,Ü,2,3".encode(), "The first line is not text"),
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


names = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60).map(
    lambda text: " ".join(text.split())
)
numbers = st.builds(
    "+1{}55501{:02d}".format, st.sampled_from([212, 303, 312, 415, 503, 617, 713, 808]), st.integers(0, 99)
)


@unhurried
@given(
    st.lists(st.tuples(names.filter(bool), names.filter(bool), numbers), min_size=1, unique_by=lambda row: row[2]),
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
