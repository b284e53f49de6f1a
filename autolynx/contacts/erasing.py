"""Erasing whatever is kept of one person."""

from __future__ import annotations

import re

from autolynx.access.actor import Actor, Right
from autolynx.contacts.phones import E164_PATTERN, national_digits, read_phone
from autolynx.database import Database
from autolynx.errors import InvalidInput
from autolynx.models import Erasure


def erase_person(database: Database, phone: str, *, actor: Actor, is_kept_out: bool = True) -> Erasure:
    """Erase every contact with a number, written with its country code, and all that was kept of them.

    Safe to repeat, and to be repeated where it was cut off. `is_kept_out`: the number, and nothing else, goes on the
    do-not-call list; one that is there already stays in any case. Raises InvalidInput for what is no number, Conflict
    while a call to it is under way.
    """
    actor.require(Right.DELETE)
    written = phone.strip()  # what is kept may be a number that no list may have any more
    if not written.startswith(("+", "00", "＋")):
        raise InvalidInput(f'The number "{written[:40]}" has no country code; accepted is one like +14155550123.')
    number = written if re.match(E164_PATTERN, written) else read_phone(phone).e164
    erased = database.call("erase_person", phone=number, is_kept_out=is_kept_out, actor=actor.name)
    after: dict[str, str] | None = None
    digits = national_digits(number)
    while (after := database.call("erase_traces", phone=number, digits=digits, after=after)["after"]) is not None:
        pass
    return Erasure.model_validate(erased)
