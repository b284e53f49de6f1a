"""Who loses its supervisor hears one SIGTERM for each of the supervisor's threads, within microseconds."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from types import FrameType
from typing import Any

from autolynx.database import Database
from autolynx.dialing.scheduler import Scheduler
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from tests.product import HANG_SECONDS


def test_it_stops_when_another_signal_interrupts_the_first_at_any_line(database: Database) -> None:
    settings = Settings(_env_file=None)
    with closing(VapiClient.from_settings(settings)) as client:
        scheduler = Scheduler(database, client, settings)
        interrupted = []

        def interrupt(_frame: FrameType, event: str, _argument: Any) -> Any:
            scheduler.stop()
            interrupted.append(event)
            return interrupt

        def first_signal() -> None:
            sys.settrace(interrupt)
            scheduler.stop()
            sys.settrace(None)

        stopping = threading.Thread(target=first_signal, daemon=True)
        stopping.start()
        stopping.join(HANG_SECONDS / 9)

        assert not stopping.is_alive()
        assert "line" in interrupted
        scheduler.run()  # comes back at once
