"""The scheduler's clock: when to tick, when to say that it is alive, when to stop."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import schedule
import structlog

from autolynx.database import Database, connect
from autolynx.dialer import Dialer
from autolynx.errors import AutoLynxError
from autolynx.logs import configure_logs
from autolynx.settings import Settings, WrongSetting, load_settings
from autolynx.vapi.client import VapiClient

log = structlog.get_logger(__name__)

LOOK_FOR_WORK_SECONDS = 1  # between two looks when the database cannot wake us
BEAT_SECONDS = 10  # between two signs of life


class Scheduler:
    """Ticks when the database says there is work, and at least every second."""

    def __init__(self, database: Database, client: VapiClient, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._dialer = Dialer(database, client, settings, worker=self._worker)
        self._stopping = threading.Event()
        self._clock = schedule.Scheduler()
        self._clock.every(LOOK_FOR_WORK_SECONDS).seconds.do(self._tick)
        self._clock.every(BEAT_SECONDS).seconds.do(self._beat)
        self._clock.every(settings.default_cron_cadence).seconds.do(self._full_tick)

    def run(self) -> None:
        """Work until `stop`; then finish the dials under way."""
        log.info("scheduler_started", worker=self._worker, database=self._database.kind)
        self._safely(self._full_tick)
        while not self._stopping.is_set():
            if self._safely(self._wait_for_work):
                self._safely(self._tick)
            self._safely(self._clock.run_pending)
        self._dialer.close()
        log.info("scheduler_stopped", worker=self._worker)

    def stop(self, _signal: int | None = None, _frame: FrameType | None = None) -> None:
        """Claim nothing more and leave; safe in a signal handler."""
        self._stopping.set()
        self._database.wake()

    def _wait_for_work(self) -> bool:
        return self._database.wait_for_work(LOOK_FOR_WORK_SECONDS)

    def _tick(self) -> bool:
        if not self._stopping.is_set():
            self._dialer.tick()
        return True

    def _full_tick(self) -> bool:
        self._database.call("set_organization_cap", cap=self._settings.organization_concurrency_cap)
        self._beat()
        return self._tick()

    def _beat(self) -> bool:
        self._database.call("beat", name=self._worker, kind="scheduler", details={"pid": os.getpid()})
        return True

    def _safely(self, step: Callable[[], object]) -> bool:
        try:
            return bool(step())
        except AutoLynxError as error:
            log.warning("tick_put_off", error=str(error))
        except Exception:
            log.exception("tick_put_off")
        self._stopping.wait(LOOK_FOR_WORK_SECONDS)
        return False


def run() -> int:
    """Run a scheduler until SIGTERM or SIGINT. Answers the exit code."""
    try:
        settings = load_settings()
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 1
    configure_logs(settings)
    client = VapiClient.from_settings(settings)
    with connect(settings) as database:
        scheduler = Scheduler(database, client, settings)
        signal.signal(signal.SIGTERM, scheduler.stop)
        signal.signal(signal.SIGINT, scheduler.stop)
        scheduler.run()
    return 0
