"""How a contact is given back whose call came to nothing at the provider: it costs no attempt, and is dialed again.

Three meanings, and a function of the database for each.
"""

from __future__ import annotations

from datetime import datetime

from autolynx.database import Database

GIVEN_BACK_SECONDS = 5  # before a contact whose dial came to nothing is dialed again


def release_call(
    database: Database,
    call_id: str,
    *,
    pause_reason: str | None = None,
    resume_at: datetime | None = None,
    is_trouble: bool = False,
) -> None:
    """The provider refused a call for now. Safe to repeat.

    `pause_reason`: every other call would be refused too, so the campaign pauses with this sentence, until `resume_at`
    where given; `is_trouble`: what the provider said was no answer, and closes no breaker.
    """
    database.call(
        "release_call",
        call_id=call_id,
        retry_seconds=GIVEN_BACK_SECONDS,
        pause_reason=pause_reason,
        resume_at=resume_at,
        is_trouble=is_trouble,
    )


def lose_call(database: Database, call_id: str) -> None:
    """The request surely never reached the provider, so that it said nothing. Safe to repeat."""
    database.call("lose_call", call_id=call_id, retry_seconds=GIVEN_BACK_SECONDS)


def block_call(
    database: Database, call_id: str, reason: str, *, told_cap: int | None, provider_call_id: str | None = None
) -> None:
    """All lines of the account are busy: the contact waits the longer the more often, and the cap is learned.

    `told_cap`: how many lines there are, where the provider told; `provider_call_id`: of a call that it accepted and
    ended at once. Safe to repeat.
    """
    database.call("block_call", call_id=call_id, reason=reason, told_cap=told_cap, provider_call_id=provider_call_id)
