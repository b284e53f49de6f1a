"""One call in the provider's books, and how it is shown on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CONTROL = "https://control.vapi.test"


@dataclass
class Call:
    """One call in the provider's books. Times are virtual seconds."""

    id: str
    key: str  # contact, and the how-many-th call to it
    number: str
    campaign_id: str
    line: str
    our_id: str
    said: dict[str, Any]  # the request's body
    departed_at: float
    created_at: float
    created_date: datetime  # by the provider's clock
    listed_at: float
    is_left_out: bool = False  # by a list that should have shown it
    is_bare: bool = False  # shown without our metadata and its name
    lost_from: float = 0.0  # GET does not know it between these
    lost_until: float = 0.0
    is_untold: bool = False  # no message of it is ever sent
    is_blocked: bool = False  # found no line, was never phoned
    is_waiting: bool = False  # for a line
    status: str = "queued"
    rang_at: float | None = None
    started: datetime | None = None
    ended: datetime | None = None
    ended_at: float | None = None
    ended_reason: str | None = None
    has_result: bool = False
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it holds a line of ours."""
        return self.ended_at is None

    def shown(self) -> dict[str, Any]:
        """The call as it is now, on the wire."""
        found = {
            "id": self.id,
            "orgId": "0a000000-0000-4000-8000-000000000001",
            "type": "outboundPhoneCall",
            "status": self.status,
            "createdAt": _stamp(self.created_date),
            "updatedAt": _stamp(self.created_date),
            "cost": 0,
            "monitor": {"controlUrl": f"{CONTROL}/{self.id}/control"},
            **{
                key: self.said[key]
                for key in ("assistantId", "phoneNumberId", "customer", "name", "assistantOverrides")
                if not (self.is_bare and key in ("name", "assistantOverrides"))
            },
        }
        if self.ended_reason:
            found["endedReason"] = self.ended_reason
        return found | self.times() | (self.result if self.has_result else {})

    def times(self) -> dict[str, Any]:
        """When it began and ended, as far as it has."""
        times = {"startedAt": self.started, "endedAt": self.ended}
        return {name: _stamp(at) for name, at in times.items() if at is not None}

    def truth(self) -> dict[str, Any]:
        """As `rig/books.py` compares it."""
        return {
            "id": self.id,
            "number": self.number,
            "ended_reason": self.ended_reason,
            "cost": self.result.get("cost"),
            "success_evaluation": self.result.get("analysis", {}).get("successEvaluation"),
            "summary": self.result.get("analysis", {}).get("summary"),
            "transcript": self.result.get("artifact", {}).get("transcript"),
            "recording_url": self.result.get("artifact", {}).get("recordingUrl"),
            "started_at": self.started and self.started.isoformat(timespec="milliseconds"),
            "ended_at": self.ended and self.ended.isoformat(timespec="milliseconds"),
        }


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
