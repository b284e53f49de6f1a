"""The books: the truth about every call, for tests to compare with what a client believes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from .artifact import is_recorded, transcript
from .call import Call
from .clock import iso
from .links import Links
from .padding import Padding
from .reports import Reporter, duration_ms
from .store import Store


class Tally:
    """Counts that outlive the process: peaks at once, the rest when asked to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        kept = store.fact("tally", {})
        self.peak: int = kept.get("peak", 0)
        self.peak_by_line: dict[str, int] = kept.get("peak_by_line", {})
        self.peak_by_campaign: dict[str, int] = kept.get("peak_by_campaign", {})
        self.webhooks: Counter[str] = Counter(kept.get("webhooks", {}))
        self.requests: Counter[str] = Counter(kept.get("requests", {}))
        self.attempts: Counter[str] = Counter()  # by number; a restart begins anew

    def note_peak(self, active: int, line_id: str, active_on_line: int) -> None:
        """Remember how many calls were live at once."""
        new_peak = active > self.peak
        new_line_peak = active_on_line > self.peak_by_line.get(line_id, 0)
        if new_peak:
            self.peak = active
        if new_line_peak:
            self.peak_by_line[line_id] = active_on_line
        if new_peak or new_line_peak:
            self.keep()

    def note_campaign_peak(self, campaign_id: str, active: int) -> None:
        """Remember how many calls of a campaign were live at once."""
        if active > self.peak_by_campaign.get(campaign_id, 0):
            self.peak_by_campaign[campaign_id] = active
            self.keep()

    def keep(self) -> None:
        """Write the counts down."""
        self._store.keep_fact(
            "tally",
            {
                "peak": self.peak,
                "peak_by_line": self.peak_by_line,
                "peak_by_campaign": self.peak_by_campaign,
                "webhooks": self.webhooks,
                "requests": self.requests,
            },
        )

    def forget(self) -> None:
        """Start counting anew."""
        self.peak = 0
        peaks = (self.peak_by_line, self.peak_by_campaign)
        for counts in (*peaks, self.webhooks, self.requests, self.attempts):
            counts.clear()
        self.keep()


def call_entry(call: Call, reporter: Reporter, links: Links) -> tuple[dict[str, Any], Padding | None]:
    """Return the books' entry of one call, and what makes it longer."""
    return _entry(call, reporter, links), Padding.of(call, reporter.clock)


def _entry(call: Call, reporter: Reporter, links: Links) -> dict[str, Any]:
    progress, clock = call.progress, reporter.clock
    found = reporter.findings(call)
    analysis = found.get("analysis", {})
    return {
        "id": call.id,
        "number": call.number,
        "nth": call.nth,
        "external_id": call.document["customer"].get("externalId"),
        "name": progress.name if progress.name is not None else call.document.get("name"),
        "metadata": call.assistant.get("metadata"),
        "assistant_id": call.document.get("assistantId"),
        "phone_number_id": call.line_id,
        "status": progress.status,
        "outcome": call.fate.outcome,
        "ended_reason": progress.ended_reason,
        "requested_at": iso(call.requested_ms),
        "created_at": clock.iso(call.created_ms),
        "dialed_at": _optional(clock.iso, progress.dialed_ms),
        "started_at": _optional(clock.iso, progress.started_ms),
        "ended_at": _optional(clock.iso, progress.ended_ms),
        "created_at_real": iso(call.created_ms),
        "dialed_at_real": _optional(iso, progress.dialed_ms),
        "ended_at_real": _optional(iso, progress.ended_ms),
        "duration_seconds": duration_ms(call) / 1000,
        "simulated_seconds": round(progress.talked_seconds, 3),
        "cost": found.get("cost", 0),
        "transcript": transcript(call) if call.is_over and progress.started_ms else "",
        "success_evaluation": analysis.get("successEvaluation"),
        "summary": analysis.get("summary"),
        "structured_data": analysis.get("structuredData"),
        "recording_url": links.recording(call.id, "mono") if is_recorded(call) else None,
        "is_reported": progress.is_reported,
        "is_deleted": progress.is_deleted,
    }


def dials_by_number(calls: Iterable[Call]) -> dict[str, int]:
    """Return how often each number was really handed to the carrier."""
    return dict(Counter(call.number for call in calls if call.progress.dialed_ms is not None))


def requests_by_route(tally: Tally) -> dict[str, dict[str, int]]:
    """Return requests by route and answer."""
    found: dict[str, dict[str, int]] = {}
    for name, count in sorted(tally.requests.items()):
        route, _, answer = name.rpartition(" ")
        found.setdefault(route, {})[answer] = count
    return found


def _optional(shown: Callable[[int], str], ms: int | None) -> str | None:
    return None if ms is None else shown(ms)
