"""A contact list in CSV -> validated contacts, and a report of what was skipped and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from autolynx.contact_columns import MAX_VARIABLES, Columns, find_columns
from autolynx.contact_file import read_table
from autolynx.errors import InvalidInput
from autolynx.phones import E164_PATTERN, read_phone

MAX_NAME_LENGTH = 200  # characters; the provider takes 40, the dialer shortens
MAX_VARIABLE_LENGTH = 500  # characters

#: The variable that holds the extension of a number such as "415-555-0123 ext. 45".
EXTENSION_VARIABLE = "phone_extension"

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME_LENGTH)]


class NewContact(BaseModel):
    """Somebody to call, not yet stored."""

    model_config = ConfigDict(frozen=True)

    name: Name
    business_name: Name
    phone: Annotated[str, StringConstraints(pattern=E164_PATTERN)]
    #: every zone that the number may lie in, by the IANA's names; empty where nothing is known of it
    time_zones: tuple[str, ...] = ()
    #: the list's other columns in lower_snake_case, for templates; and phone_extension, if there is one
    variables: dict[str, str] = Field(default_factory=dict, max_length=MAX_VARIABLES + 1)


class SkippedRow(BaseModel):
    """A row that became no contact."""

    #: 1 is the row beneath the header, so a spreadsheet shows it as row + 1; blank lines are counted
    row: int
    reason: str
    #: the cells by the header's titles, as they were read
    data: dict[str, str]


class ImportReport(BaseModel):
    """What became of a list: total_rows is accepted plus skipped; blank lines are no rows."""

    total_rows: int
    accepted: int
    skipped: list[SkippedRow]


@dataclass(frozen=True, slots=True)
class ContactImport:
    """The contacts in the list's order, the report, the extra columns beyond the limit, and the row of each number."""

    contacts: list[NewContact]
    report: ImportReport
    ignored_columns: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)


def read_contacts(
    content: bytes, *, max_rows: int, max_bytes: int, default_region: str | None = "US"
) -> ContactImport:
    """Read a contact list; a bad row is skipped with a reason, a number that is there twice is kept once.

    InvalidInput refuses the whole file, in one sentence. A list without any usable row is no error here:
    `contacts` is empty and the report says why.
    """
    table = read_table(content, max_rows=max_rows, max_bytes=max_bytes)
    columns = find_columns(table.header)
    contacts: dict[str, NewContact] = {}
    first_rows: dict[str, int] = {}
    skipped: list[SkippedRow] = []
    for row, *cells in table.rows.itertuples(name=None):
        try:
            contact = _contact(_lined_up(cells), columns, default_region)
            if contact.phone in contacts:
                raise InvalidInput(f"Row {first_rows[contact.phone]} has the same phone number.")
        except InvalidInput as refusal:
            skipped.append(SkippedRow(row=row, reason=refusal.message, data=_shown(table.header, cells)))
        else:
            contacts[contact.phone], first_rows[contact.phone] = contact, row
    report = ImportReport(total_rows=len(table.rows), accepted=len(contacts), skipped=skipped)
    return ContactImport(list(contacts.values()), report, columns.ignored, first_rows)


def _contact(cells: Sequence[str], columns: Columns, default_region: str | None) -> NewContact:
    name = " ".join(cells[position] for position in columns.name).strip()
    business_name = cells[columns.business_name]
    _check_name("name", name)
    _check_name("business name", business_name)
    phone = read_phone(cells[columns.phone], default_region)
    variables = {key: cells[position][:MAX_VARIABLE_LENGTH] for key, position in columns.variables.items()}
    if phone.extension and not variables.get(EXTENSION_VARIABLE):
        variables[EXTENSION_VARIABLE] = phone.extension
    return NewContact(
        name=name,
        business_name=business_name,
        phone=phone.e164,
        time_zones=phone.time_zones,
        variables=variables,
    )


def _lined_up(cells: Sequence[str | None]) -> list[str]:
    """Refuse a row that does not line up with the header: its cells may be in the wrong columns."""
    *within, beyond = cells
    there = [cell for cell in within if cell is not None]
    if beyond:
        raise InvalidInput(f"The row has more cells than the header, which has {len(within)}.")
    if len(there) < len(within):
        raise InvalidInput(f"The row has fewer cells than the header: {len(there)}, not {len(within)}.")
    return there


def _check_name(what: str, value: str) -> None:
    if not value:
        raise InvalidInput(f"The {what} is missing.")
    if len(value) > MAX_NAME_LENGTH:
        raise InvalidInput(f"The {what} has {len(value):,} characters; at most {MAX_NAME_LENGTH} fit.")


def _shown(header: Sequence[str], cells: Sequence[str | None]) -> dict[str, str]:
    titled = zip(chain(header, ["more cells"]), cells, strict=True)
    return {title: cell[:MAX_VARIABLE_LENGTH] for title, cell in titled if title and cell is not None}
