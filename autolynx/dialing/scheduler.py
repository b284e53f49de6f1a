"""The scheduler's clock: when to tick, when to say that it is alive, when to stop."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import schedule
import structlog

from autolynx.database import Database, connect
from autolynx.dialing.tick import Dialer, go_on
from autolynx.errors import AutoLynxError
from autolynx.logs import configure_logs
from autolynx.settings import Settings, WrongSetting, load_settings
from autolynx.vapi.client import VapiClient

log = structlog.get_logger(__name__)

LOOK_FOR_WORK_SECONDS = 1  # between two looks when the database cannot wake us
LOOK_WHILE_DIALING_SECONDS = 0.3  # the same, while campaigns dial and the database cannot wake us at all
LONGEST_ANSWER_SECONDS = 20.0  # to wait for Vapi's answer to a dial
SHARE_OF_LEASE = 0.4  # nor longer than this; the request itself is sent within the first half (dialer.py)
BEAT_SECONDS = 10  # between two signs of life


class Scheduler:
    """Ticks when the database says there is work, and at least every second."""

    def __init__(
        self, database: Database, client: VapiClient, settings: Settings, at_step: Callable[[str], None] = go_on
    ) -> None:
        self._database = database
        self._settings = settings
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._dialer = Dialer(database, client, settings, worker=self._worker, at_step=at_step)
        self._is_live = False
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
        if self._database.kind != "supabase":
            return self._database.wait_for_work(LOOK_FOR_WORK_SECONDS)
        self._database.wait_for_work(LOOK_WHILE_DIALING_SECONDS if self._is_live else LOOK_FOR_WORK_SECONDS)
        return self._is_live

    def _tick(self) -> bool:
        if not self._stopping.is_set():
            self._is_live = self._dialer.tick().is_live
        return True

    def _full_tick(self) -> bool:
        self._dialer.store_limits()
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


def dialing_client(settings: Settings) -> VapiClient:
    """A client whose answers come, or are given up, well within the lease of a claim."""
    timeout = min(LONGEST_ANSWER_SECONDS, settings.claim_lease_seconds * SHARE_OF_LEASE)
    return VapiClient(settings.provider_url, settings.provider_key, timeout_seconds=timeout)


def run(at_step: Callable[[str], None] = go_on) -> int:
    """Run a scheduler until SIGTERM or SIGINT. Answers the exit code."""
    try:
        settings = load_settings()
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 1
    configure_logs(settings)
    client = dialing_client(settings)
    with connect(settings) as database:
        scheduler = Scheduler(database, client, settings, at_step)
        signal.signal(signal.SIGTERM, scheduler.stop)
        signal.signal(signal.SIGINT, scheduler.stop)
        scheduler.run()
    return 0
