"""What one scheduler dials with, and what it remembers from one tick to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field

from autolynx.database import Database
from autolynx.dialing.allowance import Allowance
from autolynx.dialing.lanes import Lanes, ThreadLanes
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.waiting.clock import SYSTEM_CLOCK, Clock


def go_on(_step: str) -> None:
    """Do nothing at a step of the tick; tests put a crash here."""


@dataclass(eq=False, slots=True)
class Switchboard:
    """One for each scheduler; any number of them may be at work on one database. The threads of its lanes share it."""

    database: Database
    client: VapiClient
    settings: Settings
    _: KW_ONLY
    worker: str
    at_step: Callable[[str], None] = go_on
    clock: Clock = SYSTEM_CLOCK
    lanes: Lanes = field(default_factory=ThreadLanes)
    #: a call, and whether it is known where to end it: who knows waits for nobody who asks
    being_hung_up: set[tuple[str, bool]] = field(default_factory=set, init=False)
    #: a list of what the database has forgotten is being read
    is_recovering: bool = field(default=False, init=False)
    checks: Allowance = field(init=False)

    def __post_init__(self) -> None:
        self.checks = Allowance(self.clock)

    def close(self, timeout_seconds: float = 8.0) -> None:
        """Finish what is under way, within the time given; repair mends the rest."""
        self.lanes.finish(timeout_seconds)
        self.lanes.close()
