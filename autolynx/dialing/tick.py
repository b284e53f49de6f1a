"""One tick: claim and dial what there is room for, and hand out what is to be mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from autolynx.dialing.dial import dial
from autolynx.dialing.lanes import Lane
from autolynx.dialing.mending import check, hang_up, look, recover
from autolynx.dialing.report import TickReport
from autolynx.dialing.switchboard import Switchboard
from autolynx.errors import AutoLynxError
from autolynx.vapi.dialing import Accepted, DialOrder, Refused, Unknown

log = structlog.get_logger(__name__)

_ENDS = {Accepted: "accepted", Refused: "refused", Unknown: "unknown"}


def tick(board: Switchboard, *, wait_for_answers: bool = False) -> TickReport:
    """Claim what there is room for, dial it, and begin to mend what is due.

    Requests go on in the background, so that a slow answer keeps no other line idle; `wait_for_answers` waits for
    them. Raises Unavailable when the database is away; nothing is lost then.
    """
    report = TickReport()
    due = board.database.call(
        "claim_calls",
        worker=board.worker,
        limit=board.lanes.free(Lane.DIAL),
        lease_seconds=board.settings.claim_lease_seconds,
        silent_seconds=board.settings.reconcile_after_seconds,
    )
    board.at_step("claimed")
    report.is_live = due["is_live"]
    for order in due["orders"]:
        report.count("claimed")
        _start(board, Lane.DIAL, order["call_id"], _dial, order, report)
    if due["hang_ups_due"]:
        _start_hang_ups(board, report)
    if due["repairs_due"]:
        _start_looks(board, report)
    if due["checks_due"]:
        _start_checks(board, report)
    if due["recovery_due"] and not board.is_recovering and board.lanes.free(Lane.LOOK):
        _start_recovery(board)
    if wait_for_answers:
        board.lanes.finish()
    return report


def _start(board: Switchboard, lane: Lane, subject: str, work: Callable[..., None], *arguments: Any) -> None:
    """Begin one piece of work; what goes wrong with it is logged, is due again later, and stops nothing else."""

    def safely() -> None:
        try:
            work(board, *arguments)
        except AutoLynxError as error:
            log.warning("put_off", lane=str(lane), subject=subject, error=str(error))
        except Exception:
            log.exception("put_off", lane=str(lane), subject=subject)

    board.lanes.start(lane, safely)


def _dial(board: Switchboard, order: DialOrder, report: TickReport) -> None:
    report.count(_ENDS[type(dial(board, order))])


def _start_hang_ups(board: Switchboard, report: TickReport) -> None:
    for call in board.database.call("take_hang_ups", limit=board.lanes.free(Lane.HANG_UP))["calls"]:
        wish = call["call_id"], call["control_url"] is not None
        if wish not in board.being_hung_up:
            board.being_hung_up.add(wish)
            _start(board, Lane.HANG_UP, call["call_id"], _hang_up, call, wish, report)


def _hang_up(board: Switchboard, call: dict[str, Any], wish: tuple[str, bool], report: TickReport) -> None:
    try:
        report.count("hung_up", int(hang_up(board, call)))
    finally:
        board.being_hung_up.discard(wish)


def _start_looks(board: Switchboard, report: TickReport) -> None:
    """One list for each line that has dials in doubt, where there is somebody free to read it."""
    taken = board.database.call("take_repairs", can_look=board.lanes.free(Lane.LOOK) > 0)
    report.count("repaired", int(taken["given_back"]))
    by_line: dict[str, list[dict[str, Any]]] = {}
    for call in taken["calls"]:
        by_line.setdefault(call["phone_number_id"], []).append(call)
    asked_at = datetime.fromisoformat(taken["asked_at"])
    for line, calls in by_line.items():
        _start(board, Lane.LOOK, line, _look, line, calls, asked_at, report)


def _look(board: Switchboard, line: str, calls: list[dict[str, Any]], asked_at: datetime, report: TickReport) -> None:
    report.count("repaired", look(board, line, calls, asked_at))


def _start_checks(board: Switchboard, report: TickReport) -> None:
    limit = min(board.lanes.free(Lane.CHECK), board.checks.left())
    if limit < 1:
        return
    silent_seconds = board.settings.reconcile_after_seconds
    for call in board.database.call("take_checks", silent_seconds=silent_seconds, limit=limit)["calls"]:
        board.checks.use_one()
        _start(board, Lane.CHECK, call["call_id"], _check, call, report)


def _check(board: Switchboard, call: dict[str, Any], report: TickReport) -> None:
    report.count("checked", int(check(board, call)))


def _start_recovery(board: Switchboard) -> None:
    taken = board.database.call("take_recovery")
    if taken["is_due"]:
        board.is_recovering = True
        times = [datetime.fromisoformat(taken[name]) for name in ("asked_at", "forgot_until")]
        _start(board, Lane.LOOK, "recovery", _recover, float(taken["age_seconds"]), *times)


def _recover(board: Switchboard, age_seconds: float, asked_at: datetime, forgot_until: datetime) -> None:
    try:
        recover(board, age_seconds, asked_at, forgot_until)
    finally:
        board.is_recovering = False
