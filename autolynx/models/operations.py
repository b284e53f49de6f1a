"""What keeps the desk from working as it should."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime

from autolynx.models.row import Row


class ProviderHealth(Row):
    """The circuit breaker: closed, open until retry_at, or half_open while one dial tries."""

    state: str
    since: AwareDatetime | None
    retry_at: AwareDatetime | None
    reason: str | None


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
