"""Which fields of `POST /call` the provider knows, from its OpenAPI file of 2026-08."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .fields import ASSISTANT, OVERRIDES, loose
from .shapes import Rule, flag, identifier, many, mapping, text, thing

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_ANY_ADDRESS = re.compile(r"\+?[a-zA-Z0-9]+")


def customer(value: Any, path: str) -> Iterator[str]:
    """Accept a customer; the number is checked for form only."""
    yield from thing(
        {
            "number": text(40, 3),
            "numberE164CheckEnabled": flag,
            "extension": text(10),
            "name": text(40),
            "email": text(40),
            "externalId": text(40),
            "sipUri": text(),
            "assistantOverrides": thing(OVERRIDES),
            "squadOverrides": mapping,
        }
    )(value, path)
    number_given = value.get("number") if isinstance(value, dict) else None
    if not isinstance(number_given, str):
        return
    strict = value.get("numberE164CheckEnabled") is not False
    if not (_E164 if strict else _ANY_ADDRESS).fullmatch(number_given):
        yield (
            f"{path}.number must be a valid phone number in the E.164 format. "
            "Hot tip, you may be missing the country code (Eg. US: +1)."
        )


CALL: dict[str, Rule] = {
    "assistantId": identifier,
    "assistant": thing(ASSISTANT),
    "assistantVersion": text(),
    "assistantOverrides": thing(OVERRIDES),
    "squadId": identifier,
    "workflowId": identifier,
    "phoneNumberId": identifier,
    "customer": customer,
    "customers": many(customer),
    "name": text(40),
    "schedulePlan": thing({"earliestAt": text(), "latestAt": text()}, ("earliestAt",)),
    **loose("squad squadVersion squadOverrides workflow workflowOverrides phoneNumber customerId transport"),
}
