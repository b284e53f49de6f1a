"""After a database was restored or replaced."""

from __future__ import annotations

from datetime import datetime

from autolynx.access.actor import Actor, Right
from autolynx.database import Database


def begin_recovery(database: Database, *, actor: Actor, since: datetime | None = None) -> datetime:
    """The database was restored or replaced: nobody is dialed until Vapi's calls since then have been taken over.

    `since`, aware: what was written later may be lost; None for the last sign of who dialed before those that run now.
    Safe to repeat. Answers since when calls are asked for.
    """
    actor.require(Right.ADMINISTER)
    begun = database.call("begin_recovery", actor=actor.name, since=since)
    return datetime.fromisoformat(begun["forgot_since"])
