"""Contact lists as tests write them, and what is asked of what became of them."""

from __future__ import annotations

import re

import pytest

from autolynx.contacts.reading import ContactImport, NewContact, read_contacts
from autolynx.errors import InvalidInput

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
