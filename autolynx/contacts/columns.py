"""Which column of a contact list holds what, however the header spells it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from autolynx.errors import InvalidInput

#: The best name first: where a list has two of them, the later one is an ordinary extra column. A phone's last may be
#: any number's: beside a title that tells of phones it is not taken.
_SPELLINGS = {
    "name": "name fullname contactname contact contactperson person customername customer leadname",
    "business_name": "businessname business companyname company organizationname organisationname "
    "organization organisation accountname account firm employer",
    "phone": "phone phonenumber phoneno mobile mobilephone mobilenumber mobileno cell cellphone cellnumber "
    "telephone telephonenumber telephoneno tel contactnumber contactphone businessphone workphone number",
    "first_name": "firstname first givenname forename",
    "last_name": "lastname last surname familyname",
}
_OF_PHONES = re.compile(r"phone|(?:^|_)(?:mobile|cell|tel)(?:no|number|nr)?(?:_|\d|$)")
_LONGEST_VARIABLE = 60  # characters


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions in a row."""

    #: one position; or two, where first and last name are to be joined
    name: tuple[int, ...]
    business_name: int
    phone: int
    #: template variable -> position
    variables: dict[str, int]
    #: positions of columns that have no title
    untitled: tuple[int, ...]


def find_columns(header: list[str]) -> Columns:
    """Match a header forgivingly: case, spaces, punctuation, accents and common other names do not matter.

    Every other column that has a title is a variable, each with a name of its own. InvalidInput names a column that is
    missing, or one of those needed that is there twice.
    """
    name, business_name, phone = _name(header), _position("business_name", header), _phone(header)
    if not name or business_name is None or phone is None:
        raise _missing({"name": name, "business_name": business_name, "phone": phone}, header)
    used = {*name, business_name, phone}
    extra = [position for position, title in enumerate(header) if title and position not in used]
    return Columns(
        name=name,
        business_name=business_name,
        phone=phone,
        variables=_variables(header, extra),
        untitled=tuple(position for position, title in enumerate(header) if not title),
    )


def _position(field: str, header: list[str]) -> int | None:
    """The column of the best spelling; two of that spelling are one too many."""
    squeezed = [_plain(title).replace("_", "") for title in header]
    best = next((spelling for spelling in _SPELLINGS[field].split() if spelling in squeezed), None)
    if best is None:
        return None
    positions = [position for position, title in enumerate(squeezed) if title == best]
    if len(positions) > 1:
        raise InvalidInput(
            f'The columns "{header[positions[0]]}" and "{header[positions[1]]}" have the same name: '
            "rename or remove one of them, so that it is certain which is meant."
        )
    return positions[0]


def _name(header: list[str]) -> tuple[int, ...]:
    """A column of full names, else first and last name; either of the two is better than no name."""
    full = _position("name", header)
    if full is not None:
        return (full,)
    parts = (_position(part, header) for part in ("first_name", "last_name"))
    return tuple(position for position in parts if position is not None)


def _phone(header: list[str]) -> int | None:
    """`Number` is the phone's only where nothing else may be: beside "Phone 1" it is the customer's."""
    position = _position("phone", header)
    if position is None or _plain(header[position]) != "number":
        return position
    others = header[:position] + header[position + 1 :]
    return None if any(_OF_PHONES.search(_plain(title)) for title in others) else position


def _missing(required: dict[str, tuple[int, ...] | int | None], header: list[str]) -> InvalidInput:
    missing = [name for name, position in required.items() if position in (None, ())]
    titles = [title[:40] for title in header if title]
    there = ", ".join(titles[:12]) + (", …" if len(titles) > 12 else "")
    return InvalidInput(
        f"The first line has no column {' and no column '.join(missing)} (it has: {there}); "
        "a contact list needs the columns name, business_name and phone."
    )


def _variables(header: list[str], extra: list[int]) -> dict[str, int]:
    """A name for each extra column: its title's, and a number behind it where another column has that."""
    wanted = {position: _variable(header[position]) for position in extra}
    often = Counter(wanted.values())
    taken = {name for name, count in often.items() if count == 1}  # "Sales 2" keeps sales_2 from "Sales %"
    variables: dict[str, int] = {}
    for position, name in wanted.items():
        own = name if often[name] == 1 else _free(name, taken)
        taken.add(own)
        variables[own] = position
    return variables


def _free(name: str, taken: set[str]) -> str:
    number = 1
    while (own := name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return own


def _variable(title: str) -> str:
    """A title's template variable; one of nothing but signs is called by their names: "%" -> "percent_sign"."""
    return _plain(title) or _plain(" ".join(unicodedata.name(sign, "sign") for sign in title if not sign.isspace()))


def _plain(title: str) -> str:
    """Spell a title in lower_snake_case: "Café-Type " -> "cafe_type"."""
    plain = "".join(part for part in unicodedata.normalize("NFKD", title) if not unicodedata.combining(part))
    return re.sub(r"[\W_]+", "_", plain.lower())[:_LONGEST_VARIABLE].strip("_")
