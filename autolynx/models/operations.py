"""What keeps the desk from working as it should."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import AwareDatetime

from autolynx.models.row import Row
from autolynx.models.serialization import Usd


class ProviderHealth(Row):
    """The circuit breaker: closed, open until retry_at, or half_open while one dial tries."""

    state: str
    since: AwareDatetime | None
    retry_at: AwareDatetime | None
    reason: str | None


class SchedulerLife(Row):
    """Whether a scheduler is alive, as the database judges by the cadence that each has told it."""

    is_alive: bool
    seen_at: AwareDatetime | None
    #: since the last sign of life of any; None where none has run for a day
    seconds_ago: Decimal | None

    @property
    def told(self) -> str:
        """A sentence for people, whichever it is."""
        if self.seconds_ago is None:
            return "No scheduler has run for a day, so nobody is dialed."
        since = f"{self.seconds_ago:.0f} seconds" if self.seconds_ago < 120 else f"{self.seconds_ago / 60:.0f} minutes"
        if self.is_alive:
            return f"It was alive {since} ago."
        return f"No scheduler has shown a sign of life for {since}, so nobody is dialed."


class Erasure(Row):
    """What was deleted. The provider keeps copies of its own, under the ids told here."""

    contacts: int
    calls: int
    #: what those calls had cost; None where costs are not shown (FEATURE_COST_TRACKING)
    cost_usd: Usd | None
    provider_call_ids: list[str]
    #: of a person: whether the number stands on the do-not-call list now
    is_kept_out: bool | None = None

    @property
    def told(self) -> str:
        """What was done, in a sentence or two for people."""
        listed = {True: " The number is on the do-not-call list.", False: " The number may be called.", None: ""}
        return self._deleted + listed[self.is_kept_out]

    @property
    def _deleted(self) -> str:
        if not self.contacts:
            return "There was no contact to delete." if self.is_kept_out is None else "No contact has this number."
        people = f"{self.contacts:,} contact{'' if self.contacts == 1 else 's'}"
        return f"Deleted for good: {people} and {self.calls:,} call{'' if self.calls == 1 else 's'}."


class Alarm(Row):
    """Something that somebody should look at."""

    #: None: it is over when its cause is, and nobody need say that they have seen it
    id: UUID | None
    code: str
    subject: str
    #: names nobody
    text: str
    created_at: AwareDatetime
    #: whom the subject is about, where it is a campaign or a call
    campaign_name: str | None = None
    contact_name: str | None = None

    @property
    def told(self) -> str:
        """The text, with whom it is about: for those who may know."""
        about = ", ".join(filter(None, (self.campaign_name, self.contact_name)))
        return f"{about}: {self.text}" if about else self.text
