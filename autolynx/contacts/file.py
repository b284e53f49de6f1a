"""The bytes of a CSV file -> its header and rows as they were written, or one sentence that says why not."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autolynx.contacts.text import ACCEPTED, NO_TEXT, Text, read_text
from autolynx.errors import InvalidInput

MAX_COLUMNS = 500
MAX_TITLE_LENGTH = 200  # characters
#: How many blank lines a list may have among its rows; each costs memory as a row does.
BLANK_LINES_ALLOWED = 10_000

_DELIMITERS = ",;\t|"
_WHITE = " \t\r\n"  # what nobody means; any other sign at a cell's end is a part of it
_HEADER_SEEN = 131_072  # characters of the first line that are tried for delimiters
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a cell may be as long as the file: it costs its row, not the file


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list."""

    #: its spreadsheet row less the header's: 1 for the row beneath the header
    number: int
    #: as they were written, spaces, tabs and line ends around them apart; as many as the row has
    cells: tuple[str, ...]
    #: why they cannot be believed; else None
    problem: str | None = None
    #: the row as it was written, where a quotation mark in it is out of place
    odd: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows. Blank lines are left out but counted, quoted line breaks are not."""

    header: list[str]
    rows: list[Row]
    encoding: str
    white_space_is_left_out: bool


def read_table(content: bytes, *, max_rows: int, max_bytes: int) -> Table:
    """Read a CSV file: UTF-8, UTF-16 with its mark or Windows-1252; comma, semicolon, tab or pipe.

    InvalidInput says what was given and what is accepted: a file that is empty, no text, over a limit,
    header only, or has a quotation mark that is never closed.
    """
    if len(content) > max_bytes:
        raise InvalidInput(f"The file has {_size(len(content))}; at most {_size(max_bytes)} are accepted.")
    text = read_text(content)
    lines, delimiter = _split_off_delimiter(text.content)
    records = _records(lines, delimiter, 1 + max_rows + BLANK_LINES_ALLOWED, max_rows)
    header = _header(next(records, None), text)
    is_left_out = False
    rows: list[Row] = []
    for record in records:
        if any(map(str.strip, record.cells)):
            rows.append(_row(record, header, delimiter, text.encoding))
            is_left_out = is_left_out or _leaves_white_space_out(record, delimiter)
    if not rows:
        raise InvalidInput("The file has a header and no row beneath it; at least one contact is needed.")
    if len(rows) > max_rows:
        raise InvalidInput(f"The file has {len(rows):,} rows; at most {max_rows:,} are accepted.")
    return Table(header, rows, text.encoding, is_left_out)


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:,.2f} MB" if count >= 1024 * 1024 else f"{count:,} bytes"


def _split_off_delimiter(text: str) -> tuple[str, str]:
    """Cut blank lines at both ends; the delimiter is what a `sep=` line names, else what parts the header."""
    text = re.sub(rf"\A(?:[ {_DELIMITERS}]*+(?:\r\n|\r|\n))++", "", text)
    declared = re.match(r'"?sep=([,;\t|])"?[^\r\n]*(?:\r\n|\r|\n)', text, re.IGNORECASE)
    if declared:
        text, delimiter = text[declared.end() :], declared[1]
    else:
        line = re.split(r"[\r\n]", text, maxsplit=1)[0][:_HEADER_SEEN]
        delimiter = max(_DELIMITERS, key=lambda candidate: len(next(_parsed([line], candidate), [])))
    filled = len(text.rstrip(f"{delimiter} \r\n"))
    line_end = re.compile(r"\r\n|\r|\n").search(text, filled)
    return (text[: line_end.end()] if line_end else text), delimiter


# -- records


@dataclass(frozen=True, slots=True)
class _Record:
    """What stands between two line ends that are not quoted."""

    number: int
    cells: list[str]
    lines: list[str]


def _records(text: str, delimiter: str, limit: int, max_rows: int) -> Iterator[_Record]:
    """The header, 0, and the records beneath it."""
    taken: list[str] = []
    is_closed = False

    def lines() -> Iterator[str]:
        nonlocal is_closed
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line
        is_closed = True
        yield _END  # swallowed by a quotation mark that is never closed

    for number, cells in enumerate(_parsed(lines(), delimiter)):
        if is_closed and cells != [_END]:
            raise _endless_cell(number)
        if is_closed:
            return
        if number > limit:
            raise InvalidInput(f"The file has more than {limit:,} lines; at most {max_rows:,} rows are accepted.")
        yield _Record(number, cells, taken.copy())
        taken.clear()


_END = "\x03end of file"


def _parsed(
    lines: Iterable[str], delimiter: str, *, strict: bool = False, skips_spaces: bool = True
) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=skips_spaces, strict=strict)


def _endless_cell(row: int) -> InvalidInput:
    where = f"row {row}" if row else "the first line"
    return InvalidInput(f"A cell in {where} does not end: its quotation mark is never closed.")


def _header(record: _Record | None, text: Text) -> list[str]:
    titles = [" ".join(cell.split()) for cell in record.cells] if record else []
    while titles and not titles[-1]:
        titles.pop()
    if not titles:
        raise InvalidInput(f"The first line names no column; {ACCEPTED}.")
    if len(titles) > MAX_COLUMNS:
        raise InvalidInput(f"The first line has {len(titles):,} columns; at most {MAX_COLUMNS} are accepted.")
    if any(NO_TEXT.search(title) for title in titles):
        raise InvalidInput(f"The first line is not text in the file's encoding ({text.encoding}); {ACCEPTED}.")
    longest = max(titles, key=len)
    if len(longest) > MAX_TITLE_LENGTH:
        raise InvalidInput(
            f'The column "{longest[:40]}…" has a title of {len(longest):,} characters; '
            f"at most {MAX_TITLE_LENGTH} are accepted."
        )
    return titles


def _row(record: _Record, header: list[str], delimiter: str, encoding: str) -> Row:
    cells = [cell.strip(_WHITE) for cell in record.cells]
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    is_odd = not _is_well_formed(record, delimiter)
    if any(NO_TEXT.search(cell) for cell in cells):
        problem: str | None = f"The row is not text in the file's encoding ({encoding})."
    elif len(record.lines) > 1 and (is_odd or _holds_rows(record, len(header), delimiter)):
        problem = (
            f"The row runs over {len(record.lines)} lines, and these cannot be told apart: "
            "a quotation mark is missing or out of place."
        )
    else:
        problem = _out_of_line(cells, len(header))
    odd = record.lines[0].strip() if is_odd and problem is None else None
    return Row(record.number, tuple(cells), problem, odd)


def _leaves_white_space_out(record: _Record, delimiter: str) -> bool:
    """Whether any cell of a row has white space around it; the reader itself skips spaces behind a delimiter."""
    if any(cell != cell.strip(_WHITE) for cell in record.cells):
        return True
    if not any(line.startswith(" ") or f"{delimiter} " in line for line in record.lines):
        return False
    return record.cells != next(_parsed(record.lines, delimiter, skips_spaces=False), record.cells)


def _is_well_formed(record: _Record, delimiter: str) -> bool:
    if not any('"' in line for line in record.lines):
        return True
    try:
        next(_parsed(record.lines, delimiter, strict=True), None)
    except csv.Error:
        return False
    return True


def _holds_rows(record: _Record, width: int, delimiter: str) -> bool:
    """Whether the lines would be rows by themselves: then a quotation mark joined what are several.

    In the first and the last a delimiter may stand between quotation marks: those between decide, where there are any.
    """
    return all(
        line.count(delimiter) == width - 1 or len(next(_parsed([line], delimiter), [])) == width
        for line in record.lines[1:-1] or record.lines
    )


def _out_of_line(cells: list[str], width: int) -> str | None:
    """A row that does not line up with the header may have its cells in the wrong columns."""
    if len(cells) > width:
        return f"The row has more cells than the header, which has {width}."
    if len(cells) < width:
        return f"The row has fewer cells than the header: {len(cells)}, not {width}."
    return None
