"""What stands in a phone cell, sign by sign; what it means is for `phone_meaning`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

_MAX_LENGTH = 60  # characters; no number is written longer, and patterns stay fast
_EXTENSION = re.compile(r"[\s,;]*(?:extension|extn|ext|xtn|x|#)[\s.:=#]*([0-9]{1,10})$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^\+?\d+([.,]\d+)?e\+?\d+$", re.IGNORECASE)
_DECIMAL = re.compile(r"^(\+?\d+)[.,](0+)$")
#: Three decimals or more may be a number's last group: `phone_groups` looks at them.
_ENDS_AS_DECIMAL = re.compile(r"^[^.,]*\d[.,]\d{1,2}$")
#: One number and nothing else: what stands between digits tells how they belong together.
_ONE_NUMBER = re.compile(r"[ (]*\+?[ (]*\d[\d ()./~-]*")
#: What the digits are, as on a card; a fax is none of these.
_LABEL = re.compile(r"(?:telephone|telefon|phone|fon|tel|t|mobile|mob|m|cell|p)(?:\.:?|\s*:)\s*", re.IGNORECASE)
LIKE_A_DECIMAL = "ends like a decimal number, so its last digits are not certain"
_SPOKEN_FOR = "='\"`"  # with these, spreadsheets keep a number from being a number


class PhoneProblem(Exception):
    """Why a number is not called, to follow 'The phone number "…" '."""


@dataclass(frozen=True, slots=True)
class Group:
    """Digits that stand together, and what stands between them and those before."""

    digits: str
    before: str


@dataclass(frozen=True, slots=True)
class Written:
    """A cell that holds one number."""

    has_plus: bool
    groups: tuple[Group, ...]
    extension: str | None = None
    #: the zeros of a number that a spreadsheet took for a decimal one
    decimals: str = ""
    #: such as `Tel.`, in front
    label: str | None = None

    @property
    def digits(self) -> str:
        """All digits but the extension's and the decimals."""
        return "".join(group.digits for group in self.groups)


def visible(text: str) -> str:
    """Drop what cannot be seen, and the marks with which spreadsheets keep a number from being a number."""
    seen = text if text.isascii() and text.isprintable() else "".join(map(_plain, text))
    return re.sub(r"^tel:(?=[+\d])", "", seen.strip().strip(_SPOKEN_FOR), flags=re.IGNORECASE).strip()


def _plain(character: str) -> str:
    """Spell every script's digits, spaces, dashes and full-width signs in ASCII; a line's end stays one."""
    if character in "\n\r\v\f\u0085\u2028\u2029":
        return "\n"
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - 0xFEE0)
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character == "\t" or category == "Zs":
        return " "
    if category in ("Cc", "Cf"):
        return ""
    return "-" if category == "Pd" or character == "\u2212" else character


def written(shown: str) -> Written:
    """Take a visible text apart. Raises PhoneProblem where it is not one number, or not the whole of one."""
    if len(shown) > _MAX_LENGTH:
        raise PhoneProblem("is too long")
    if label := _LABEL.match(shown):
        return replace(_unlabeled(shown[label.end() :]), label=label[0].strip())
    return _unlabeled(shown)


def _unlabeled(shown: str) -> Written:
    if _SCIENTIFIC.match(shown):
        raise PhoneProblem("lost digits in a spreadsheet: format the column as text and export it again")
    if decimal := _DECIMAL.match(shown):
        return Written(shown.startswith("+"), (Group(decimal[1].lstrip("+"), ""),), decimals=decimal[2])
    number, extension = _without_extension(shown)
    if any(character.isalpha() for character in number):
        raise PhoneProblem("contains letters")
    if _ENDS_AS_DECIMAL.search(number):
        raise PhoneProblem(LIKE_A_DECIMAL)
    number = number.replace("[", "(").replace("]", ")").rstrip(" .,;")
    if not _ONE_NUMBER.fullmatch(number) or number.endswith(("/", "-", "(")):
        raise PhoneProblem("is not one phone number")
    groups = tuple(Group(digits, before.strip()) for before, digits in re.findall(r"(\D*)(\d+)", number))
    return Written("+" in number, groups, extension)


def _without_extension(text: str) -> tuple[str, str | None]:
    found = _EXTENSION.search(text)
    if found is None:
        return text, None
    return text[: found.start()], found[1]
