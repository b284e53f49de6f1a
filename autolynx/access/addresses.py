"""An e-mail address, written in the one way in which it is kept, compared and counted."""

from __future__ import annotations

import hashlib
import re

from autolynx.errors import InvalidInput

LONGEST_ADDRESS = 254  # characters; RFC 5321 carries no longer one
_FORM = re.compile(r"[!-?A-~]+@[!-?A-~]+")  # printable ASCII around one @


def normalised(address: str) -> str:
    """An address without the blanks around it, in small letters. Raises InvalidInput for what is none.

    Only ASCII is accepted: beyond it Python and PostgreSQL, and each PostgreSQL by its locale, disagree about small
    letters, and one person would have several addresses. The table refuses whatever is not in this form.
    """
    stripped = address.strip()
    if not stripped.isascii():
        raise InvalidInput("An e-mail address has letters from a to z, digits and signs, no others.")
    if len(stripped) > LONGEST_ADDRESS or not _FORM.fullmatch(stripped):
        shown = stripped if len(stripped) <= 60 else f"{stripped[:60]}…"
        raise InvalidInput(f'"{shown}" is not an e-mail address.')
    return stripped.lower()


def shortened(address: str) -> str:
    """Some letters by which logs tell one address from another without naming a person."""
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:12]
