"""After a database was restored or replaced."""

from __future__ import annotations

from datetime import datetime

from autolynx.database import Database


def begin_recovery(database: Database, *, since: datetime | None = None, actor: str) -> datetime:
    """The database was restored or replaced: nobody is dialed until Vapi's calls since then have been taken over.

    `since`, aware: what was written later may be lost; None for the last sign of who dialed before those that run now.
    Safe to repeat. Answers since when calls are asked for.
    """
    begun = database.call("begin_recovery", actor=actor, since=since)
    return datetime.fromisoformat(begun["forgot_since"])
