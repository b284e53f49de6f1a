"""What tells one message of the provider from another, since it gives them no id (VapiAI/docs, 2026-08)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

# What differs between two deliveries of one report: fields, and those whose name begins so.
_VOLATILE = frozenset(["timestamp", "updatedAt"])
_VOLATILE_START = "presigned"
_WRITER = json.JSONEncoder(sort_keys=True, default=str)


def fingerprint(value: Any) -> str:
    """The same for what differs only in what changes from one delivery to the next."""
    return hashlib.sha256(_WRITER.encode(_lasting(value)).encode()).hexdigest()


def _lasting(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {
            key: _lasting(item)
            for key, item in value.items()
            if key not in _VOLATILE and not key.startswith(_VOLATILE_START)
        }
    return [_lasting(item) for item in value] if kind is list else value
