"""One call: what it was born with, and how far it has got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clock import Clock
from .fate import Fate

ACTIVE = ("queued", "ringing", "in-progress")


@dataclass
class Progress:
    """The part of a call that changes. Times are real epoch milliseconds, whatever the provider's clock says."""

    status: str = "queued"
    step: str = "dial"  # what happens next: place, dial, answer, end, report; "" when all is done
    due_ms: float = 0
    holds_line: bool = True
    updated_ms: int = 0
    dialed_ms: int | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    ended_reason: str | None = None
    talked_seconds: float = 0.0  # simulated
    transcript_megabytes: float = 0.0  # what is added to what was said
    name: str | None = None
    is_reported: bool = False
    is_deleted: bool = False


@dataclass
class Call:
    """A call as the exchange knows it."""

    document: dict[str, Any]  # the answer to POST /call: what every server message repeats, stale
    assistant: dict[str, Any]  # the saved or inline assistant with the overrides applied
    number: str
    nth: int
    requested_ms: int
    created_ms: int
    fate: Fate
    progress: Progress

    @property
    def id(self) -> str:
        """Return the provider's id."""
        return str(self.document["id"])

    @property
    def line_id(self) -> str:
        """Return the id of the phone line it goes out on."""
        return str(self.document["phoneNumberId"])

    @property
    def campaign_id(self) -> str | None:
        """Return the campaign that the client says it belongs to."""
        metadata = self.assistant.get("metadata")
        named = metadata.get("autolynx_campaign_id") if isinstance(metadata, Mapping) else None
        return None if named is None else str(named)

    @property
    def is_active(self) -> bool:
        """Tell whether it holds one of the organisation's lines."""
        return self.progress.holds_line and self.progress.status in ACTIVE

    @property
    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self.progress.status == "ended"

    def birth(self) -> dict[str, Any]:
        """Return the part that never changes, as JSON."""
        return {
            "document": self.document,
            "assistant": self.assistant,
            "number": self.number,
            "nth": self.nth,
            "requested_ms": self.requested_ms,
            "created_ms": self.created_ms,
            "fate": self.fate.as_json(),
        }

    def progress_json(self) -> dict[str, Any]:
        """Return the part that changes, as JSON."""
        return dict(vars(self.progress))

    @classmethod
    def restored(cls, birth: Mapping[str, Any], progress: Mapping[str, Any]) -> Call:
        """Return a call read back from the store."""
        requested_ms = birth.get("requested_ms", birth["created_ms"])  # not noted by earlier versions
        fate = Fate.from_json(birth["fate"])
        return cls(**{**birth, "requested_ms": requested_ms, "fate": fate, "progress": Progress(**progress)})

    def times(self, clock: Clock) -> dict[str, str]:
        """Return `startedAt` and `endedAt`, as far as they have happened."""
        moments = {"startedAt": self.progress.started_ms, "endedAt": self.progress.ended_ms}
        return {name: clock.iso(ms) for name, ms in moments.items() if ms is not None}
