"""Who loses its supervisor hears one SIGTERM for each of the supervisor's threads, within microseconds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from autolynx.database import Database
from autolynx.dialing.scheduler import Scheduler
from autolynx.errors import Unavailable
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from rig.product import ROOT
from tests.support.signals import survives_signals


@pytest.fixture
def scheduler(database: Database) -> Iterator[Scheduler]:
    settings = Settings(_env_file=None)
    client = VapiClient.from_settings(settings)
    yield Scheduler(database, client, settings)
    client.close()


def test_it_stops_when_another_signal_interrupts_the_first(scheduler: Scheduler) -> None:
    assert survives_signals(scheduler.stop, scheduler.stop)

    scheduler.run()  # comes back at once


def test_it_stops_when_signals_interrupt_its_rest_after_trouble(scheduler: Scheduler) -> None:
    def is_away() -> bool:
        raise Unavailable

    assert survives_signals(lambda: scheduler._safely(is_away), scheduler.stop)


_ENDS = """
import signal, webhook_server
signal.signal(signal.SIGTERM, webhook_server._exit)
try:
    signal.raise_signal(signal.SIGTERM)
finally:
    signal.raise_signal(signal.SIGTERM)
    print("all is closed")
"""


def test_the_webhook_server_closes_everything_when_a_signal_comes_while_it_does() -> None:
    ended = subprocess.run([sys.executable, "-c", _ENDS], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "all is closed\n", "")
