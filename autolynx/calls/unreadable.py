"""A message that cannot be interpreted is kept as it came, with the reason."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import structlog

from autolynx.calls.events import Receipt
from autolynx.calls.payloads import call_of
from autolynx.database.steps import Steps, ask
from autolynx.errors import AutoLynxError, Unavailable

log = structlog.get_logger(__name__)

_LONGEST_ID = 200  # characters; the provider's have 36


def keeping_unreadable(payload: dict[str, Any], reason: str, kind: str | None) -> Steps[Receipt]:
    """Keep it aside, once, and count it. Raises Unavailable when nothing could be committed."""
    log.warning("event_unreadable", type=kind, reason=reason)
    text = json.dumps(payload, default=str)
    kept = {
        "dedup_key": f"unreadable|{hashlib.sha256(text.encode()).hexdigest()}",
        "reason": reason[:1000],
        "provider_call_id": _bounded_id(call_of(payload)),
    }
    try:
        yield from ask("keep_stray_event", payload=payload, type=kind and kind[:100], **kept)
    except Unavailable:
        raise
    except AutoLynxError:
        yield from ask("keep_stray_event", payload={"text": text}, **kept)  # as text anything can be kept
    yield from ask("count_message", type="unreadable")
    return Receipt("unreadable", kind)


def _bounded_id(call_id: str | None) -> str | None:
    """An id that an index can hold."""
    return call_id if call_id and len(call_id) <= _LONGEST_ID else None
