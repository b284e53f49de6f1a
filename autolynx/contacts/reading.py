"""A contact list in CSV -> validated contacts, and a report of what was skipped and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from autolynx.contacts.columns import Columns, find_columns
from autolynx.contacts.file import Row, Table, read_table
from autolynx.contacts.phones import E164_PATTERN, Phone, read_phone
from autolynx.contacts.text import NO_TEXT
from autolynx.errors import InvalidInput
from autolynx.models.import_report import Change, Column, IgnoredColumn, ImportReport, SkippedRow, counted_by_country

MAX_NAME_LENGTH = 200  # characters; the provider takes 40, the dialer shortens
MAX_VARIABLE_LENGTH = 5_000  # characters

#: The variable that holds the extension of a number such as "415-555-0123 ext. 45".
EXTENSION_VARIABLE = "phone_extension"

#: What no name keeps: control characters, soft hyphens, zero-width spaces, marks of direction and byte order.
#: The joiners U+200C and U+200D stay (Persian and Hindi names need them), white space is collapsed instead.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)

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
    variables: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactImport:
    """The contacts in the list's order, the report, and of each number where it stands and whose it is."""

    contacts: list[NewContact]
    report: ImportReport
    rows: dict[str, int] = field(default_factory=dict)
    #: ISO 3166
    regions: dict[str, str] = field(default_factory=dict)


def read_contacts(content: bytes, *, max_rows: int, max_bytes: int, region: str | None = None) -> ContactImport:
    """Read a contact list; a bad row is skipped with a reason, a number that is there twice is kept once.

    `region`: the country (ISO 3166) in whose national form numbers may be written; None: in international form only.
    InvalidInput refuses the whole file, in one sentence. A list without any usable row is no error here:
    `contacts` is empty and the report says why.
    """
    table = read_table(content, max_rows=max_rows, max_bytes=max_bytes)
    columns = find_columns(table.header)
    contacts: dict[str, NewContact] = {}
    rows: dict[str, int] = {}
    regions: dict[str, str] = {}
    skipped: list[SkippedRow] = []
    changes: list[Change] = []
    numbers: dict[str, str] = {}
    for row in table.rows:
        try:
            reader = _RowReader(row, table.header, columns)
            contact, phone = reader.contact(region)
            if contact.phone in contacts:
                raise InvalidInput(f"Row {rows[contact.phone]} has the same phone number.")
        except InvalidInput as refusal:
            skipped.append(SkippedRow(row=row.number, reason=refusal.message, data=_shown(table.header, row)))
            numbers |= _number_of(row, columns, region)
        else:
            contacts[contact.phone], rows[contact.phone] = contact, row.number
            regions[contact.phone] = phone.region
            changes += [Change(phone=contact.phone, **noted) for noted in reader.noted]
    report = ImportReport(
        total_rows=len(table.rows),
        accepted=len(contacts),
        skipped=skipped,
        region=region,
        countries=counted_by_country(regions.values()),
        columns=_used(table.header, columns),
        ignored_columns=_ignored(table, columns),
        changes=changes,
        do_not_call=0,  # not known here
        numbers=numbers,
        encoding=table.encoding,
        white_space_is_left_out=table.white_space_is_left_out,
        name_beyond_ascii=_name_beyond_ascii(contacts, rows),
    )
    return ContactImport(list(contacts.values()), report, rows, regions)


def _number_of(row: Row, columns: Columns, region: str | None) -> dict[str, str]:
    """{row: its number}, for a row that is skipped though its number can be read."""
    try:
        return {str(row.number): read_phone(row.cells[columns.phone], region).e164}
    except (InvalidInput, IndexError):
        return {}


@dataclass
class _RowReader:
    """Reads one row and notes what it stores otherwise than it was written."""

    row: Row
    header: list[str]
    columns: Columns
    noted: list[dict[str, Any]] = field(default_factory=list)

    def contact(self, region: str | None) -> tuple[NewContact, Phone]:
        """Raises InvalidInput for a row that cannot be used."""
        if self.row.problem:
            raise InvalidInput(self.row.problem)
        if self.row.odd:
            self._note(None, self.row.odd, " | ".join(self.row.cells), "A quotation mark is out of place.")
        name = " ".join(filter(None, (self._name(position, "name") for position in self.columns.name)))
        business_name = self._name(self.columns.business_name, "business name")
        _check_name("name", name)
        _check_name("business name", business_name)
        phone = self._phone(region)
        contact = NewContact(
            name=name,
            business_name=business_name,
            phone=phone.e164,
            time_zones=phone.time_zones,
            variables=self._variables(phone),
        )
        return contact, phone

    def _name(self, position: int, what: str) -> str:
        cell = self.row.cells[position]
        if len(cell) > MAX_VARIABLE_LENGTH:  # before it is cleaned: patterns stay fast
            _check_name(what, cell)
        clean = " ".join(_INVISIBLE.sub("", cell).split())
        if clean != cell:
            self._note(position, cell, clean, "White space was made one space, and signs that cannot be seen left out.")
        return clean

    def _phone(self, region: str | None) -> Phone:
        position = self.columns.phone
        cell = self.row.cells[position]
        phone = read_phone(cell, region)
        if phone.repair:
            self._note(position, cell, phone.e164, f"The number is read {phone.repair}.")
        return phone

    def _variables(self, phone: Phone) -> dict[str, str]:
        variables = {name: self._variable(position) for name, position in self.columns.variables.items()}
        if not phone.extension:
            return variables
        own = variables.get(EXTENSION_VARIABLE) or phone.extension
        variables[EXTENSION_VARIABLE] = own
        kept = f"The extension {own} is kept as {{{{{EXTENSION_VARIABLE}}}}}."
        reason = kept if own == phone.extension else f"The list has another extension for it, {own}."
        self._note(self.columns.phone, self.row.cells[self.columns.phone], phone.e164, reason)
        return variables

    def _variable(self, position: int) -> str:
        cell = self.row.cells[position]
        if len(cell) > MAX_VARIABLE_LENGTH:
            raise InvalidInput(
                f'The column "{self.header[position]}" has {len(cell):,} characters; '
                f"at most {MAX_VARIABLE_LENGTH:,} fit."
            )
        stored = cell.replace("\0", "")
        if stored != cell:
            self._note(position, cell, stored, "A sign that cannot be stored (NUL) was left out.")
        return stored

    def _note(self, position: int | None, was: str, now: str, reason: str) -> None:
        column = None if position is None else self.header[position]
        self.noted.append(
            {"row": self.row.number, "column": column, "was": _storable(was), "now": now, "reason": reason}
        )


def _check_name(what: str, value: str) -> None:
    if not value:
        raise InvalidInput(f"The {what} is missing.")
    if len(value) > MAX_NAME_LENGTH:
        raise InvalidInput(f"The {what} has {len(value):,} characters; at most {MAX_NAME_LENGTH} fit.")


def _used(header: list[str], columns: Columns) -> list[Column]:
    """What each column is used as, in their order."""
    fields = dict.fromkeys(columns.name, "name") | {columns.business_name: "business_name", columns.phone: "phone"}
    fields |= {position: name for name, position in columns.variables.items()}
    return [Column(title=header[position], used_as=fields[position]) for position in sorted(fields)]


def _ignored(table: Table, columns: Columns) -> list[IgnoredColumn]:
    """The columns without a title that hold anything."""
    filled = {at for at in columns.untitled for row in table.rows if any(map(str.strip, row.cells[at : at + 1]))}
    return [IgnoredColumn(title=f"column {at + 1}", reason="It has no title.") for at in sorted(filled)]


def _name_beyond_ascii(contacts: dict[str, NewContact], rows: dict[str, int]) -> tuple[int, str] | None:
    """The first name with such letters, else a business name, and its row."""
    people = [(rows[phone], contact.name) for phone, contact in contacts.items()]
    firms = [(rows[phone], contact.business_name) for phone, contact in contacts.items()]
    return next(((row, name) for row, name in [*people, *firms] if not name.isascii()), None)


def _shown(header: list[str], row: Row) -> dict[str, str]:
    """A skipped row's cells by their titles, which are made distinct; what is cut says so."""
    shown: dict[str, str] = {}
    for at, (title, cell) in enumerate(zip_longest(header, row.cells[: len(header)], fillvalue="")):
        if title or cell:
            key = title or f"column {at + 1}"
            shown[key if key not in shown else f"{key} (column {at + 1})"] = _storable(cell)
    beyond = [cell for cell in row.cells[len(header) :] if cell]
    return shown | ({"more cells": _storable(" ".join(beyond))} if beyond else {})


def _storable(cell: str) -> str:
    """A cell as the database can hold it: what is no text as its sign, what is endless cut, and saying so."""
    told = NO_TEXT.sub("\ufffd", cell[:MAX_VARIABLE_LENGTH]).replace("\0", "\ufffd")
    return told if len(cell) <= MAX_VARIABLE_LENGTH else f"{told}… ({len(cell):,} characters)"
