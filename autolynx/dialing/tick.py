"""One tick of the dialing desk: claim and dial what there is room for, and hand out what is to be mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from autolynx.database import Database
from autolynx.dialing.dial import Phone, go_on
from autolynx.dialing.lanes import Lane, Lanes, ThreadLanes
from autolynx.dialing.mending import Mender
from autolynx.dialing.report import TickReport
from autolynx.errors import AutoLynxError
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.dialing import Accepted, DialOrder, Refused, Unknown
from autolynx.waiting.clock import SYSTEM_CLOCK, Clock

log = structlog.get_logger(__name__)

CHECKS_A_SECOND = 5.0  # requests about silent calls; the provider counts what we ask it
MOST_CHECKS_SAVED_UP = 10.0
_ENDS = {Accepted: "accepted", Refused: "refused", Unknown: "unknown"}


class Dialer:
    """Dials for every live campaign. Any number of dialers may run against one database at once."""

    def __init__(
        self,
        database: Database,
        client: VapiClient,
        settings: Settings,
        *,
        worker: str,
        at_step: Callable[[str], None] = go_on,
        clock: Clock = SYSTEM_CLOCK,
        lanes: Lanes | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._worker = worker
        self._at_step = at_step
        self._clock = clock
        self._phone = Phone(database, client, settings, clock, worker, at_step)
        self._mender = Mender(database, client, settings, clock)
        self._lanes = lanes or ThreadLanes()
        #: a call, and whether it is known where to end it: who knows waits for nobody who asks
        self._being_hung_up: set[tuple[str, bool]] = set()
        self._is_recovering = False
        self._checks_left = MOST_CHECKS_SAVED_UP
        self._checks_counted_at = clock.elapsed()

    def tick(self, *, wait_for_answers: bool = False) -> TickReport:
        """Claim what there is room for, dial it, and begin to mend what is due.

        Requests go on in the background, so that a slow answer keeps no other line idle; `wait_for_answers` waits for
        them. Raises Unavailable when the database is away; nothing is lost then.
        """
        report = TickReport()
        due = self._database.call(
            "claim_calls",
            worker=self._worker,
            limit=self._lanes.free(Lane.DIAL),
            lease_seconds=self._settings.claim_lease_seconds,
            silent_seconds=self._settings.reconcile_after_seconds,
        )
        self._at_step("claimed")
        report.is_live = due["is_live"]
        for order in due["orders"]:
            report.count("claimed")
            self._start(Lane.DIAL, order["call_id"], self._dial, order, report)
        if due["hang_ups_due"]:
            self._start_hang_ups(report)
        if due["repairs_due"]:
            self._start_looks(report)
        if due["checks_due"]:
            self._start_checks(report)
        if due["recovery_due"] and not self._is_recovering and self._lanes.free(Lane.LOOK):
            self._start_recovery()
        if wait_for_answers:
            self.finish()
        return report

    def finish(self, timeout_seconds: float | None = None) -> None:
        """Wait until every request under way has its answer stored."""
        self._lanes.finish(timeout_seconds)

    def close(self, timeout_seconds: float = 8.0) -> None:
        """Finish what is under way, within the time given; repair mends the rest."""
        self.finish(timeout_seconds)
        self._lanes.close()

    def _start(self, lane: Lane, subject: str, work: Callable[..., None], *arguments: Any) -> None:
        """Begin one piece of work; what goes wrong with it is logged, is due again later, and stops nothing else."""

        def safely() -> None:
            try:
                work(*arguments)
            except AutoLynxError as error:
                log.warning("put_off", lane=str(lane), subject=subject, error=str(error))
            except Exception:
                log.exception("put_off", lane=str(lane), subject=subject)

        self._lanes.start(lane, safely)

    def _dial(self, order: DialOrder, report: TickReport) -> None:
        report.count(_ENDS[type(self._phone.dial(order))])

    def _start_hang_ups(self, report: TickReport) -> None:
        for call in self._database.call("take_hang_ups", limit=self._lanes.free(Lane.HANG_UP))["calls"]:
            wish = call["call_id"], call["control_url"] is not None
            if wish not in self._being_hung_up:
                self._being_hung_up.add(wish)
                self._start(Lane.HANG_UP, call["call_id"], self._hang_up, call, wish, report)

    def _hang_up(self, call: dict[str, Any], wish: tuple[str, bool], report: TickReport) -> None:
        try:
            report.count("hung_up", int(self._mender.hang_up(call)))
        finally:
            self._being_hung_up.discard(wish)

    def _start_looks(self, report: TickReport) -> None:
        """One list for each line that has dials in doubt, where there is somebody free to read it."""
        taken = self._database.call("take_repairs", can_look=self._lanes.free(Lane.LOOK) > 0)
        report.count("repaired", int(taken["given_back"]))
        by_line: dict[str, list[dict[str, Any]]] = {}
        for call in taken["calls"]:
            by_line.setdefault(call["phone_number_id"], []).append(call)
        asked_at = datetime.fromisoformat(taken["asked_at"])
        for line, calls in by_line.items():
            self._start(Lane.LOOK, line, self._look, line, calls, asked_at, report)

    def _look(self, line: str, calls: list[dict[str, Any]], asked_at: datetime, report: TickReport) -> None:
        report.count("repaired", self._mender.look(line, calls, asked_at))

    def _start_checks(self, report: TickReport) -> None:
        limit = min(self._lanes.free(Lane.CHECK), self._checks_allowed())
        if limit < 1:
            return
        silent_seconds = self._settings.reconcile_after_seconds
        for call in self._database.call("take_checks", silent_seconds=silent_seconds, limit=limit)["calls"]:
            self._checks_left -= 1
            self._start(Lane.CHECK, call["call_id"], self._check, call, report)

    def _checks_allowed(self) -> int:
        now = self._clock.elapsed()
        saved_up = self._checks_left + (now - self._checks_counted_at) * CHECKS_A_SECOND
        self._checks_left, self._checks_counted_at = min(saved_up, MOST_CHECKS_SAVED_UP), now
        return int(self._checks_left)

    def _check(self, call: dict[str, Any], report: TickReport) -> None:
        report.count("checked", int(self._mender.check(call)))

    def _start_recovery(self) -> None:
        taken = self._database.call("take_recovery")
        if taken["is_due"]:
            self._is_recovering = True
            times = [datetime.fromisoformat(taken[name]) for name in ("asked_at", "forgot_until")]
            self._start(Lane.LOOK, "recovery", self._recover, float(taken["age_seconds"]), *times)

    def _recover(self, age_seconds: float, asked_at: datetime, forgot_until: datetime) -> None:
        try:
            self._mender.recover(age_seconds, asked_at, forgot_until)
        finally:
            self._is_recovering = False
