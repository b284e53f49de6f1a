"""The one table that maps what the database answers to what Python raises.

Our own functions refuse with `LXnnn`; the digit after `LX` says which kind. Every other code is a SQLSTATE of
PostgreSQL (its manual, appendix A) or PostgREST's own `PGRSTnnn` (its manual, "Errors"); read 2026-11.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from autolynx.errors import AutoLynxError, Busy, Conflict, Forbidden, InvalidInput, NotFound, Unavailable

Value = TypeVar("Value")

OUTDATED_SCHEMA = "The database schema is not up to date: run `python -m autolynx migrate`."
WRONG_KEY = "Supabase refused the key: check SUPABASE_SERVICE_ROLE_KEY, and that it belongs to SUPABASE_URL."
NOT_FOUND = "There is no Supabase project here: check SUPABASE_URL."
NOT_THE_SERVICE_ROLE = (
    "Supabase does not permit this: SUPABASE_SERVICE_ROLE_KEY must be the service_role or a secret key."
)
TOO_SLOW = "The database took too long to answer; please try again."

# A code is looked up by its longest prefix in this table.
ERRORS: dict[str, type[AutoLynxError]] = {
    "LX0": NotFound,
    "LX1": Conflict,
    "LX2": InvalidInput,
    "08": Unavailable,  # connection exceptions
    "22": InvalidInput,  # data exceptions: not a number, not a uuid, out of range, no JSON
    "23502": InvalidInput,  # a required value is missing
    "23503": Conflict,  # something else still refers to it, or what it refers to is gone
    "23505": Conflict,  # exists already
    "23514": InvalidInput,  # a check constraint
    "23P01": Conflict,  # an exclusion constraint
    "25006": Unavailable,  # the server is a read-only standby just now
    "40001": Busy,  # serialization failure
    "40P01": Busy,  # deadlock
    "42501": Forbidden,
    "42883": Unavailable,  # no such function
    "53": Unavailable,  # out of connections, memory or disk
    "55P03": Busy,  # lock not available within lock_timeout
    "57014": Unavailable,  # canceled, as by statement_timeout
    "57P0": Unavailable,  # shutting down, crashed, starting up
    "PGRST000": Unavailable,  # PostgREST cannot connect
    "PGRST001": Unavailable,
    "PGRST002": Unavailable,  # ... or cannot read the schema
    "PGRST003": Unavailable,  # ... or has no free connection
    "PGRST202": Unavailable,  # no such function
    "PGRST203": Unavailable,  # several such functions
    "PGRST30": Unavailable,  # a wrong or expired token
}

# What to say instead of the database's own words.
SENTENCES: dict[str, str] = {
    "42883": OUTDATED_SCHEMA,
    "PGRST202": OUTDATED_SCHEMA,
    "PGRST203": OUTDATED_SCHEMA,
    "PGRST30": WRONG_KEY,
    "57014": TOO_SLOW,
    "PGRST003": TOO_SLOW,
}


def refusal(code: str, message: str | None, details: str | None = None, hint: str | None = None) -> AutoLynxError:
    """Make the error for one refused call. Our own functions' messages are shown as they are."""
    kind = _longest_prefix(ERRORS, code) or AutoLynxError
    text = (message or "").strip()
    if code.startswith("LX"):
        return kind(text, details=_parsed(details), hint=hint)
    sentence = _longest_prefix(SENTENCES, code)
    if sentence is not None or issubclass(kind, Unavailable):
        return kind(sentence, details=text or None, hint=hint)
    reason = f"{(kind.__doc__ or '').rstrip('.')}: {text}" if text else None
    return kind(reason, details=_parsed(details), hint=hint)


def _longest_prefix(table: dict[str, Value], code: str) -> Value | None:
    return next((table[code[:end]] for end in range(len(code), 1, -1) if code[:end] in table), None)


def _parsed(details: str | None) -> Any:
    """A function may put JSON into its detail; anything else stays text."""
    if not details or details[0] not in "[{":
        return details
    try:
        return json.loads(details)
    except ValueError:
        return details
