"""The bytes of a list -> its text, row by row: what is no text costs its row and no other."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from dataclasses import dataclass

from autolynx.errors import InvalidInput
from autolynx.models.import_report import WINDOWS_1252

ACCEPTED = "a CSV file with the columns name, business_name and phone is needed"
#: What stands for a byte that is no text in the file's encoding (PEP 383), and for half a character of UTF-16.
NO_TEXT = re.compile(r"[\ud800-\udfff]")

_BEYOND = "À-ÖØ-öø-ÿŒœŠšŽžŸƒ"
_LETTER = f"[A-Za-z{_BEYOND}]"
_SIGNS = "¡¢£¤¥¦¨©«¬¯±³¹»¼½¾¿‚„“”†‡ˆ‰‹›˜"
_ENCODINGS = f"UTF-8, UTF-16 or {WINDOWS_1252}"
#: What another encoding's letters look like in Windows-1252: Cyrillic and Greek are nothing but letters beyond ASCII
#: ("Èâàí"), Polish, Mac's and DOS's become signs in and before words ("Wa³êsa", "Mu¤oz", "£ukasz") and capitals within
#: them ("JosŽ", "MŸller").
_UNLIKELY = re.compile(
    rf"[{_BEYOND}]{{4}}|{_LETTER}[{_SIGNS}]{_LETTER}|(?<!\w)[£¥¢¤¦¬±¯³¹]{_LETTER}"
    r"|[a-z][‚‰ŠŽŸ]|[A-Z][ŠŽ][a-z]|Ÿ[a-z]|\ufffd"
)
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
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A list's text, with `NO_TEXT` where its encoding says nothing."""

    content: str
    #: as people call it
    encoding: str


def read_text(content: bytes) -> Text:
    """Decode a list. InvalidInput for what is no list at all, or in none of the encodings for the most part."""
    if not content.strip():
        raise InvalidInput(f"The file is empty; {ACCEPTED}.")
    if kind := _known_kind(content):
        raise InvalidInput(f"The file is {kind}; {ACCEPTED}: in a spreadsheet, choose Save as, CSV.")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    text = _marked(content, encoding) if encoding else _unmarked(content)
    start = text.content[:4096]
    controls = sum(unicodedata.category(character) == "Cc" for character in start if character not in "\r\n\t")
    if controls > len(start) / 10:
        raise _no_text()
    return text


def _known_kind(content: bytes) -> str | None:
    if content.startswith(b"PK\x03\x04"):
        return "an Excel workbook (.xlsx)" if b"xl/" in content else "a ZIP archive"
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)


def _marked(content: bytes, encoding: str) -> Text:
    lenient = "surrogateescape" if encoding == "UTF-8" else "surrogatepass"
    try:
        return Text(content.decode(encoding, lenient).lstrip("\ufeff"), encoding)
    except UnicodeDecodeError as error:  # half a unit at the end
        raise _no_text() from error


def _unmarked(content: bytes) -> Text:
    """Let the rows decide: those that are UTF-8 beyond ASCII against those that are not.

    A text in Windows-1252 is hardly ever UTF-8 by chance, so a draw is UTF-8. In either case a row of the minority is
    no text, and so skipped: read in the other encoding it would be another name. Unless a row is ASCII, it is one or
    the other.
    """
    utf_8, other, unreadable = 0, [], 0
    for line in re.split(rb"[\r\n]+", content):
        if line.isascii():
            continue
        if _is_text(line, "utf-8"):
            utf_8 += 1
        else:
            other.append(line)
            unreadable += not _is_text(line, "cp1252")
    if utf_8 >= len(other):
        return Text(content.decode("utf-8", "surrogateescape"), "UTF-8")
    if unreadable * 2 >= len(other):
        raise _no_text()
    unlikely = sum(map(_is_unlikely, other))
    return Text(_windows_1252(content, is_unlikely=unlikely * 2 >= len(other)), WINDOWS_1252)


def _windows_1252(content: bytes, *, is_unlikely: bool) -> str:
    """Decode a file that is Windows-1252 for the most part; of rows that are UTF-8 or unlikely all signs are marked.

    `is_unlikely`: so are most, and then the others are in that unknown encoding, too.
    """
    lines = io.StringIO(newline="")
    for line in re.split(rb"(?<=[\r\n])", content):
        is_other = not line.isascii() and (is_unlikely or _is_text(line, "utf-8") or _is_unlikely(line))
        lines.write(line.decode("ascii" if is_other else "cp1252", "surrogateescape"))
    return lines.getvalue()


def _is_unlikely(line: bytes) -> bool:
    """Whether no language writes what the bytes are in Windows-1252: they are another encoding's."""
    return _UNLIKELY.search(line.decode("cp1252", "replace")) is not None


def _is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _no_text() -> InvalidInput:
    return InvalidInput(f"The file is not text in {_ENCODINGS}; {ACCEPTED}.")
