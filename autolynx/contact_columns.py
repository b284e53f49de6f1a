"""Which column of a contact list holds what, however the header spells it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from autolynx.errors import InvalidInput

MAX_VARIABLES = 20

#: The best name first: where a list has two of them, the later one is an ordinary extra column.
_SPELLINGS = {
    "name": "name fullname contactname contact contactperson person customername customer leadname",
    "business_name": "businessname business companyname company organizationname organisationname "
    "organization organisation accountname account firm employer",
    "phone": "phone phonenumber phoneno mobile mobilephone mobilenumber mobileno cell cellphone cellnumber "
    "telephone telephonenumber telephoneno tel contactnumber contactphone businessphone workphone number",
    "first_name": "firstname first givenname forename",
    "last_name": "lastname last surname familyname",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions in a row."""

    #: one position; or two, where first and last name are to be joined
    name: tuple[int, ...]
    business_name: int
    phone: int
    #: template variable -> position
    variables: dict[str, int]
    #: extra columns beyond the first MAX_VARIABLES, as the header spells them
    ignored: tuple[str, ...]


def find_columns(header: list[str]) -> Columns:
    """Match a header forgivingly: case, spaces, punctuation, accents and common other names do not matter.

    A column without a name is left out. InvalidInput names a missing column, or one that is there twice.
    """
    positions = _positions(header)
    found = {field: _first(spellings.split(), positions) for field, spellings in _SPELLINGS.items()}
    name = _name(found)
    business_name, phone = found["business_name"], found["phone"]
    if not name or business_name is None or phone is None:
        raise _missing({"name": name, "business_name": business_name, "phone": phone}, header)
    used = {*name, business_name, phone}
    extra = [position for position in positions.values() if position not in used]
    return Columns(
        name=name,
        business_name=business_name,
        phone=phone,
        variables={_variable(header[position]): position for position in extra[:MAX_VARIABLES]},
        ignored=tuple(header[position] for position in extra[MAX_VARIABLES:]),
    )


def _positions(header: list[str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for position, title in enumerate(header):
        squeezed = _variable(title).replace("_", "")
        if squeezed in positions:
            raise InvalidInput(
                f'The columns "{header[positions[squeezed]]}" and "{title}" have the same name: '
                "rename or remove one of them, each column needs a name of its own."
            )
        if squeezed:
            positions[squeezed] = position
    return positions


def _first(spellings: list[str], positions: dict[str, int]) -> int | None:
    return next((positions[spelling] for spelling in spellings if spelling in positions), None)


def _name(found: dict[str, int | None]) -> tuple[int, ...]:
    """A column of full names, else first and last name; either of the two is better than no name."""
    if found["name"] is not None:
        return (found["name"],)
    return tuple(position for part in ("first_name", "last_name") if (position := found[part]) is not None)


def _missing(required: dict[str, tuple[int, ...] | int | None], header: list[str]) -> InvalidInput:
    missing = [name for name, position in required.items() if position in (None, ())]
    titles = [title[:40] for title in header if title]
    there = ", ".join(titles[:12]) + (", …" if len(titles) > 12 else "")
    return InvalidInput(
        f"The first line has no column {' and no column '.join(missing)} (it has: {there}); "
        "a contact list needs the columns name, business_name and phone."
    )


def _variable(title: str) -> str:
    """Spell a title as a template variable: "Café-Type " -> "cafe_type"."""
    plain = "".join(part for part in unicodedata.normalize("NFKD", title) if not unicodedata.combining(part))
    return re.sub(r"[\W_]+", "_", plain.lower())[:60].strip("_")
