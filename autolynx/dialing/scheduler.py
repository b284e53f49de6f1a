"""The scheduler's clock: when to tick, when to say that it is alive, when to stop."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType

import schedule
import structlog

from autolynx.contacts import time_zone_rules
from autolynx.database import Database, connect
from autolynx.dialing.signs_of_life import SignsOfLife
from autolynx.dialing.switchboard import Switchboard, go_on
from autolynx.dialing.tick import tick
from autolynx.errors import AutoLynxError
from autolynx.logs import configure_logs
from autolynx.settings import Settings, WrongSetting, load_settings
from autolynx.vapi.client import VapiClient
from autolynx.waiting.clock import SYSTEM_CLOCK, Clock
from autolynx.waiting.flag import Flag

log = structlog.get_logger(__name__)

LOOK_FOR_WORK_SECONDS = 1  # between two looks when the database cannot wake us
LOOK_WHILE_DIALING_SECONDS = 0.3  # the same, while campaigns dial and the database cannot wake us at all
LONGEST_ANSWER_SECONDS = 20.0  # to wait for Vapi's answer to a dial
BEAT_SECONDS = 10  # between two signs of life
CLOCK_WAS_SET_SECONDS = 2.0


class Scheduler:
    """Ticks when the database says there is work, and at least every second."""

    def __init__(
        self,
        database: Database,
        client: VapiClient,
        settings: Settings,
        at_step: Callable[[str], None] = go_on,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._database = database
        self._client = client
        self._settings = settings
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._board = Switchboard(database, client, settings, worker=self._worker, at_step=at_step, clock=clock)
        self._signs = SignsOfLife(database, settings, self._worker, clock, every_seconds=BEAT_SECONDS)
        self._is_live = False
        self._stopping = Flag()
        self._plan = schedule.Scheduler()
        self._clock = clock
        self._make_plan()

    def run(self) -> None:
        """Work until `stop`; then finish the dials under way."""
        log.info("scheduler_started", worker=self._worker, database=self._database.kind)
        self._safely(self._full_tick)
        while not self._stopping.is_raised:
            if self._safely(self._wait_for_work):
                self._safely(self._tick)
            self._safely(self._run_plan)
        self._board.close()
        self._safely(lambda: self._database.call("say_goodbye", process=self._worker))
        log.info("scheduler_stopped", worker=self._worker)

    def stop(self, _signal: int | None = None, _frame: FrameType | None = None) -> None:
        """Claim nothing more and leave; safe in a signal handler."""
        self._stopping.raise_it()
        self._database.wake()

    def _make_plan(self) -> None:
        self._plan.clear()
        self._plan.every(LOOK_FOR_WORK_SECONDS).seconds.do(self._tick)
        self._plan.every(BEAT_SECONDS).seconds.do(self._beat)
        self._plan.every(self._settings.default_cron_cadence).seconds.do(self._full_tick)
        self._planned_at = self._wall_against_steady()

    def _run_plan(self) -> bool:
        """The library goes by the wall clock; when somebody has set that, the plan is made anew."""
        if abs(self._wall_against_steady() - self._planned_at) > CLOCK_WAS_SET_SECONDS:
            log.warning("clock_was_set", seconds=round(self._wall_against_steady() - self._planned_at, 1))
            self._make_plan()
            return self._full_tick()
        self._plan.run_pending()
        return True

    def _wall_against_steady(self) -> float:
        return self._clock.now().timestamp() - self._clock.elapsed()

    def _wait_for_work(self) -> bool:
        if self._database.can_listen:
            return self._database.wait_for_work(LOOK_FOR_WORK_SECONDS)
        self._database.wait_for_work(LOOK_WHILE_DIALING_SECONDS if self._is_live else LOOK_FOR_WORK_SECONDS)
        return self._is_live

    def _tick(self) -> bool:
        if not self._stopping.is_raised:
            self._signs.tell_if_unheard()
            self._is_live = tick(self._board).is_live
        return True

    def _full_tick(self) -> bool:
        self._beat()  # first: it tells the limits by which is claimed
        if provider_now := self._client.provider_now():
            self._database.call("note_provider_clock", provider_now=provider_now)
        return self._tick()

    def _beat(self) -> bool:
        self._signs.tell()
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
    """The client that a scheduler dials with."""
    return VapiClient(settings.provider_url, settings.provider_key, timeout_seconds=LONGEST_ANSWER_SECONDS)


def run(at_step: Callable[[str], None] = go_on) -> int:
    """Run a scheduler until SIGTERM or SIGINT. Answers the exit code."""
    try:
        settings = load_settings()
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 1
    configure_logs(settings)
    client = dialing_client(settings)
    with connect(settings) as database, time_zone_rules.loading(database):
        scheduler = Scheduler(database, client, settings, at_step)
        signal.signal(signal.SIGTERM, scheduler.stop)
        signal.signal(signal.SIGINT, scheduler.stop)
        scheduler.run()
    return 0
