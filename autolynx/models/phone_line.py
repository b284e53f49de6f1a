"""Phone lines."""

from __future__ import annotations

from pydantic import BaseModel


class PhoneLine(BaseModel):
    """A phone number of the account that can call."""

    id: str
    number: str | None
    name: str | None
    provider: str
    is_active: bool

    @property
    def label(self) -> str:
        """What a person chooses by."""
        return " · ".join(part for part in (self.name, self.number, self.provider) if part)
