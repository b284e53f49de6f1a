"""JSON of the provider as it may be stored: without secrets, not too deep, without what Postgres refuses."""

from __future__ import annotations

from typing import Any

from autolynx.http.json_text import MOST_LEVELS, bounded
from autolynx.secrecy.masking import mask
from autolynx.settings import Settings
from autolynx.vapi.lenient import storable


def kept(value: Any, settings: Settings, *, is_storable: bool = False) -> Any:
    """The same JSON as it may be stored. Changed in place.

    The provider repeats the `server` a call was dialed with, our secret in it. `is_storable`: no text has to be looked
    at.
    """
    if mask(value, our_secret=settings.webhook_secret, everywhere=False) > MOST_LEVELS:
        value = bounded(value)
    return value if is_storable else _cleaned(value)


def may_be_unstorable(body: bytes) -> bool:
    """A quick look, before every string is: NUL and surrogates as escapes, and surrogates as bytes (CESU-8)."""
    lower = body.lower()
    return b"\\u0000" in lower or b"\\ud" in lower or b"\xed" in body


def _cleaned(value: Any) -> Any:
    """The same JSON with NUL and lone surrogates replaced by U+FFFD."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value
