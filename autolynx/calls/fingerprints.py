"""What tells one message of the provider from another, since it gives them no id (VapiAI/docs, 2026-08)."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

#: differs between two deliveries of one report
_VOLATILE = re.compile(r"^(timestamp|presigned.*|updatedAt)$")


def fingerprint(value: Any) -> str:
    """The same for what differs only in what changes from one delivery to the next."""
    return hashlib.sha256(json.dumps(_lasting(value), sort_keys=True, default=str).encode()).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(item) for key, item in value.items() if not _VOLATILE.match(key)}
    if isinstance(value, list):
        return [_lasting(item) for item in value]
    return value
