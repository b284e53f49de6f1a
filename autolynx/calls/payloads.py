"""A body -> the JSON object that is kept of it."""

from __future__ import annotations

from typing import Any

from autolynx.calls.storable import kept, may_be_unstorable
from autolynx.errors import InvalidInput
from autolynx.http import json_text
from autolynx.settings import Settings

#: the types of message that we use
REPORT = "end-of-call-report"
STATUS = "status-update"


class NotAnObject(InvalidInput):
    """The body is no JSON object; accepted is what Vapi sends: {"message": {"type": ...}}."""


def read(settings: Settings, body: bytes) -> dict[str, Any]:
    """A body's JSON object as it is kept. Raises NotAnObject for a body that is none."""
    payload: dict[str, Any] = kept(_read_object(body), settings, is_storable=not may_be_unstorable(body))
    return payload


def call_of(payload: dict[str, Any]) -> str | None:
    """The provider's id of the call that a message we use is about, where one can be seen; raises nothing."""
    message = payload.get("message")
    call = message.get("call") if isinstance(message, dict) and message.get("type") in (REPORT, STATUS) else None
    found = call.get("id") if isinstance(call, dict) else None
    return found if isinstance(found, str) else None


def _read_object(body: bytes) -> dict[str, Any]:
    """A body's JSON object as it came; a number that nothing can hold is a text. Raises NotAnObject."""
    try:
        payload = json_text.read(body)
    except ValueError as error:
        raise NotAnObject from error
    if not isinstance(payload, dict):
        raise NotAnObject
    return payload
