"""The bytes of a CSV file -> a table of clean cells, or one sentence that says why not."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import pandas as pd

from autolynx.errors import InvalidInput

MAX_COLUMNS = 256
#: How many blank lines a list may have among its rows; each costs memory as a row does.
BLANK_LINES_ALLOWED = 10_000

_ACCEPTED = "a CSV file with the columns name, business_name and phone is needed"
_DELIMITERS = ",;\t|"
_LONGEST_CELL = 131_072  # characters; Python's csv module, and with it pandas' Python engine, takes no more
_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook (.xls)"),
    (b"\x1f\x8b", "a gzip archive"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What no cell keeps: control characters, soft hyphens, zero-width spaces, marks of direction and byte order.
#: The joiners U+200C and U+200D stay (Persian and Hindi names need them), white space is collapsed instead.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows.

    `rows` has a column for each of the header's cells and a last one for whatever a row has beyond them. A
    cell that is not there is None, an empty one "". A row's label is its spreadsheet row less the header's: 1
    for the row beneath the header. So blank lines are left out but counted, quoted line breaks are not.
    """

    header: list[str]
    rows: pd.DataFrame


def read_table(content: bytes, *, max_rows: int, max_bytes: int) -> Table:
    """Read a CSV file: UTF-8, UTF-16 with its mark or Windows-1252; comma, semicolon, tab or pipe.

    InvalidInput says what was given and what is accepted: a file that is empty, no text, over a limit,
    header only, or has a quotation mark that is never closed.
    """
    if len(content) > max_bytes:
        raise InvalidInput(f"The file has {_size(len(content))}; at most {_size(max_bytes)} are accepted.")
    text, delimiter = _split_off_delimiter(_decoded(content))
    header = _header(text, delimiter)
    frame = _frame(_mended(text, delimiter, max_rows), delimiter, len(header)).loc[1:]
    rows = frame[_is_filled(frame).any(axis=1)]
    if rows.empty:
        raise InvalidInput("The file has a header and no row beneath it; at least one contact is needed.")
    if len(rows) > max_rows:
        raise InvalidInput(f"The file has {len(rows):,} rows; at most {max_rows:,} are accepted.")
    return Table(header, rows)


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:,.2f} MB" if count >= 1024 * 1024 else f"{count:,} bytes"


def _decoded(content: bytes) -> str:
    if not content.strip():
        raise InvalidInput(f"The file is empty; {_ACCEPTED}.")
    if kind := _known_kind(content):
        raise InvalidInput(f"The file is {kind}; {_ACCEPTED}: in a spreadsheet, choose Save as, CSV.")
    text = _text(content).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    start = text[:4096]
    controls = sum(unicodedata.category(character) == "Cc" for character in start if character not in "\n\t")
    if controls > len(start) / 10:
        raise _no_text()
    return text.replace("\0", "")


def _known_kind(content: bytes) -> str | None:
    if content.startswith(b"PK\x03\x04"):
        return "an Excel workbook (.xlsx)" if b"xl/" in content else "a ZIP archive"
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)


def _text(content: bytes) -> str:
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _no_text()


def _no_text() -> InvalidInput:
    return InvalidInput(f"The file is not text in UTF-8, UTF-16 or Windows-1252; {_ACCEPTED}.")


def _split_off_delimiter(text: str) -> tuple[str, str]:
    """Cut blank lines at both ends; the delimiter is what a `sep=` line names, else what parts the header."""
    text = re.sub(rf"\A(?:[ {_DELIMITERS}]*+\n)++", "", text)
    declared = re.match(r'"?sep=([,;\t|])"?[^\n]*\n', text, re.IGNORECASE)
    if declared:
        text, delimiter = text[declared.end() :], declared[1]
    else:
        line = text.partition("\n")[0][:_LONGEST_CELL]
        delimiter = max(_DELIMITERS, key=lambda candidate: len(_first_record(line, candidate)))
    filled = len(text.rstrip(f"{delimiter} \n"))
    line_end = text.find("\n", filled)
    return (text if line_end < 0 else text[: line_end + 1]), delimiter


def _records(lines: Iterable[str], delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def _first_record(text: str, delimiter: str) -> list[str]:
    try:
        return next(_records(io.StringIO(text), delimiter), [])
    except csv.Error:
        raise _endless_cell(0) from None


def _header(text: str, delimiter: str) -> list[str]:
    record = _first_record(text, delimiter)
    while record and not _clean(record[-1]):
        record.pop()
    if not record:
        raise InvalidInput(f"The first line names no column; {_ACCEPTED}.")
    if len(record) > MAX_COLUMNS:
        raise InvalidInput(f"The first line has {len(record):,} columns; at most {MAX_COLUMNS} are accepted.")
    return [_clean(title) for title in record]


def _mended(text: str, delimiter: str, max_rows: int) -> str:
    """Return a text that pandas reads without losing a row.

    Its Python engine, the only one that tells a short row from an empty cell, reads strictly; and given a
    callable for long rows, it drops a row with a stray quotation mark silently (3.1.1, python_parser.py).
    """
    limit = 1 + max_rows + BLANK_LINES_ALLOWED
    try:
        for count, _ in enumerate(_records(io.StringIO(text), delimiter, strict=True), start=1):
            if count > limit:
                raise _too_many_lines(limit, max_rows)
    except csv.Error:
        return _requoted(text, delimiter, limit, max_rows)
    return text


def _requoted(text: str, delimiter: str, limit: int, max_rows: int) -> str:
    mended = io.StringIO()
    writer = csv.writer(mended, delimiter=delimiter, lineterminator="\n")
    end = ["\x03end of file"]  # swallowed by a quotation mark that is never closed
    count, record = 0, []
    try:
        for record in _records(chain(io.StringIO(text), end), delimiter):
            if count > limit:
                raise _too_many_lines(limit, max_rows)
            if record != end:
                writer.writerow(record)
                count += 1
    except csv.Error:
        raise _endless_cell(count) from None
    if record != end:
        raise _endless_cell(count - 1)
    return mended.getvalue()


def _endless_cell(row: int) -> InvalidInput:
    where = f"row {row}" if row else "the first line"
    return InvalidInput(
        f"A cell in {where} does not end: its quotation mark is never closed, "
        f"or it has more than {_LONGEST_CELL:,} characters."
    )


def _too_many_lines(limit: int, max_rows: int) -> InvalidInput:
    return InvalidInput(f"The file has more than {limit:,} lines; at most {max_rows:,} rows are accepted.")


def _frame(text: str, delimiter: str, width: int) -> pd.DataFrame:
    """Parse header and rows alike: the header's label is 0, the row beneath it has 1.

    The empty line in front, -1, is there because pandas takes the cells of a long first line for an index.
    """
    frame = pd.read_csv(
        io.StringIO("\n" + text),
        sep=delimiter,
        header=None,
        names=range(width + 1),
        dtype=object,
        keep_default_na=False,
        skip_blank_lines=False,
        skipinitialspace=True,
        engine="python",
        on_bad_lines=lambda cells: [*cells[:width], " ".join(cells[width:])],
    )
    frame.index = pd.RangeIndex(-1, len(frame) - 1)
    return frame.map(_clean, na_action="ignore").astype(object).where(frame.notna(), None)


def _is_filled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.notna() & (frame != "")


def _clean(cell: str) -> str:
    return " ".join(_INVISIBLE.sub("", cell).split())
