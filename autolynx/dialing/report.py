"""What one tick did, in calls."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

FIGURES = ("claimed", "accepted", "refused", "unknown", "repaired", "checked", "hung_up")


@dataclass(slots=True)
class TickReport:
    """Counts of calls; `is_live`: some campaign dials or some call is under way, so more may be due at any moment."""

    claimed: int = 0
    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    repaired: int = 0
    checked: int = 0
    hung_up: int = 0
    is_live: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, what: str, by: int = 1) -> None:
        """Add to one of the figures; dials finish on many threads."""
        with self._lock:
            setattr(self, what, getattr(self, what) + by)

    def as_json(self) -> dict[str, int]:
        """The figures by name."""
        return {name: getattr(self, name) for name in FIGURES}
