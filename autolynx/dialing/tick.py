"""One tick of the dialing desk: claim, dial, confirm; and the repair of what was left half done.

Every dial has three ends. *Accepted*: the provider's id is stored. *Refused*: the contact is given back, or failed
for good. *Unknown*: the phone may be ringing, so the call keeps its line until repair has looked it up. Nothing here
ever sends a second request for the same contact on a guess.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import stamina
import structlog

from autolynx.database import Database
from autolynx.errors import AutoLynxError, ProviderError, ProviderNotFound, Unavailable
from autolynx.events import record_snapshot
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.dialing import Accepted, Dialed, DialOrder, RefusalKind, Refused, Unknown, call_request
from autolynx.vapi.outcomes import Outcome, daily_limits_renew_at
from autolynx.vapi.wire import WireCall

log = structlog.get_logger(__name__)

MAX_DIALS_AT_ONCE = 50  # requests on the wire from one scheduler
CLOCK_SKEW = timedelta(minutes=5)  # how far the provider's clock may be off ours
DIALED_TOO_LATE = 0.5  # of the lease: a request not sent by then is not sent any more
GIVEN_BACK_SECONDS = 5  # before a contact whose dial the provider refused for now is dialed again
DAILY_LIMIT = "line-daily-limit"
NOT_FOUND = "not-found"  # the provider's status of a call it has lost
HELD_UP = "held-up"  # by this machine, not by the provider
OVER_LIMIT_SECONDS = 3  # before a contact that found no free line is dialed again
STORE_ATTEMPTS = 6  # times an answer is offered to a database that is away

#: refusals that every other contact would meet too: the campaign pauses, with the refusal's own sentence
_PAUSING = {
    RefusalKind.KEY_REFUSED,
    RefusalKind.NO_CREDIT,
    RefusalKind.ASSISTANT_MISSING,
    RefusalKind.LINE_REFUSED,
    RefusalKind.REQUEST_REFUSED,
}
#: refusals that say something about the provider's state, and so count for the breaker
_TROUBLE = {RefusalKind.RATE_LIMITED, RefusalKind.UNREACHABLE}
#: refusals that concern this contact alone -> what a salesperson reads
_FOR_GOOD = {"bad-number": Outcome.WRONG_NUMBER, "line-not-international": Outcome.NOT_CONNECTED}


_FIGURES = ("claimed", "accepted", "refused", "unknown", "repaired", "checked", "hung_up")


@dataclass(slots=True)
class TickReport:
    """What one tick did, in calls."""

    claimed: int = 0
    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    repaired: int = 0
    checked: int = 0
    hung_up: int = 0
    #: some campaign dials, so more may be due at any moment
    is_live: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, what: str, by: int = 1) -> None:
        """Add to one of the figures; dials finish on many threads."""
        with self._lock:
            setattr(self, what, getattr(self, what) + by)

    def as_json(self) -> dict[str, int]:
        """The figures by name."""
        return {name: getattr(self, name) for name in _FIGURES}


def _each(mend: Callable[[dict[str, Any]], bool], call: dict[str, Any]) -> bool:
    """Mend one call of a round; what goes wrong with it is logged, tried again when due, and keeps no other waiting."""
    try:
        return mend(call)
    except Unavailable:
        raise
    except AutoLynxError as error:
        log.warning("mending_put_off", call_id=call["call_id"], error=str(error))
        return False


def go_on(_step: str) -> None:
    """Do nothing at a step of the tick; tests put a crash here."""


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
    ) -> None:
        self._database = database
        self._client = client
        self._settings = settings
        self._worker = worker
        self._at_step = at_step
        self._lease = settings.claim_lease_seconds
        self._dials = ThreadPoolExecutor(MAX_DIALS_AT_ONCE, thread_name_prefix="dial")
        self._mending = ThreadPoolExecutor(1, thread_name_prefix="mend")
        self._in_flight: set[Future[None]] = set()
        self._mend: Future[None] | None = None
        self._is_set_up = False

    def tick(self, *, wait_for_answers: bool = False) -> TickReport:
        """Claim what there is room for, dial it, and mend what is due.

        Dials go on in the background, so that a slow answer keeps no other line idle; `wait_for_answers` waits for
        them. Raises Unavailable when the database is away; nothing is lost then.
        """
        report = TickReport()
        self._set_up_once()
        self._in_flight = {future for future in self._in_flight if not future.done()}
        claim = self._database.call(
            "claim_calls",
            worker=self._worker,
            limit=MAX_DIALS_AT_ONCE - len(self._in_flight),
            lease_seconds=self._lease,
            silent_seconds=self._settings.reconcile_after_seconds,
        )
        self._at_step("claimed")
        report.is_live = claim["is_live"]
        orders: list[DialOrder] = claim["orders"]
        report.count("claimed", len(orders))
        self._in_flight |= {self._dials.submit(self._dial_safely, order, report) for order in orders}
        is_due = claim["repairs_due"] or claim["checks_due"] or claim["hang_ups_due"]
        if is_due and (self._mend is None or self._mend.done()):
            self._mend = self._mending.submit(self._mend_safely, report)
        if wait_for_answers:
            self.finish()
        return report

    def _set_up_once(self) -> None:
        """Store this installation's cap and pace before the first claim: without them nothing is claimed."""
        if not self._is_set_up:
            self.store_limits()
            self._is_set_up = True

    def store_limits(self) -> None:
        """Store the organisation's cap and pace, as the settings have them. Safe to repeat."""
        self._database.call(
            "set_organization_cap",
            cap=self._settings.organization_concurrency_cap,
            dials_per_minute=self._settings.dials_per_minute,
        )

    def finish(self, timeout_seconds: float | None = None) -> None:
        """Wait until every dial under way has its answer stored."""
        wait([*self._in_flight, *([self._mend] if self._mend else [])], timeout_seconds)

    def close(self, timeout_seconds: float = 8.0) -> None:
        """Finish what is under way, within the time given; repair mends the rest."""
        self.finish(timeout_seconds)
        self._dials.shutdown(wait=False, cancel_futures=True)
        self._mending.shutdown(wait=False, cancel_futures=True)

    # -- dial -------------------------------------------------------------------------------------------------

    def _dial_safely(self, order: DialOrder, report: TickReport) -> None:
        try:
            self._dial(order, report)
        except AutoLynxError as error:  # one item of a tick: its lease runs out and repair takes it
            log.warning("dial_left_to_repair", call_id=order["call_id"], error=str(error))
        except Exception:
            log.exception("dial_left_to_repair", call_id=order["call_id"])

    def _dial(self, order: DialOrder, report: TickReport) -> None:
        asked_at = time.monotonic()
        leave = self._database.call(
            "begin_dial", call_id=order["call_id"], worker=self._worker, lease_seconds=self._lease
        )
        self._at_step("begun")
        if not leave["go"]:
            return
        budget = self._lease * DIALED_TOO_LATE - (time.monotonic() - asked_at)
        sent_at = datetime.now(UTC)
        answer = self._send(order, budget)
        self._at_step("answered")
        self._store(order, answer, sent_at)
        self._at_step("stored")
        report.count({Accepted: "accepted", Refused: "refused", Unknown: "unknown"}[type(answer)])

    def _send(self, order: DialOrder, budget_seconds: float) -> Dialed:
        if budget_seconds <= 0:  # this process was held up: repair may be looking for the call already
            return Refused(RefusalKind.UNREACHABLE, HELD_UP, "The request was not sent in time.", 0)
        request = call_request(
            order,
            webhook_url=self._settings.webhook_url,
            webhook_secret=self._settings.webhook_secret,
            is_analyzed=self._settings.feature_transcript_analysis,
        )
        return self._client.create_call(request, deadline_seconds=budget_seconds)

    @stamina.retry(on=Unavailable, attempts=STORE_ATTEMPTS, wait_initial=0.2, wait_max=5, timeout=25)
    def _store(self, order: DialOrder, answer: Dialed, sent_at: datetime) -> None:
        match answer:
            case Accepted(is_blocked=True):
                self._release(
                    order,
                    answer.ended_reason or "over the account's concurrency limit",
                    OVER_LIMIT_SECONDS,
                    is_over_limit=True,
                    learned_cap=answer.concurrency_limit,
                    provider_call_id=answer.provider_call_id,
                )
            case Accepted():
                self._database.call(
                    "confirm_call",
                    call_id=order["call_id"],
                    provider_call_id=answer.provider_call_id,
                    control_url=answer.control_url,
                    concurrency_limit=answer.concurrency_limit,
                )
            case Unknown():
                log.warning("dial_unknown", call_id=order["call_id"], reason=answer.reason)
                self._database.call("hold_call", call_id=order["call_id"], reason=answer.reason)
                self._database.call("note_provider_trouble", reason=answer.reason)
            case Refused():
                self._store_refusal(order, answer, sent_at)

    def _store_refusal(self, order: DialOrder, answer: Refused, sent_at: datetime) -> None:
        log.warning("dial_refused", call_id=order["call_id"], kind=str(answer.kind), reason=answer.reason)
        if outcome := _FOR_GOOD.get(answer.reason):
            self._database.call(
                "fail_call", call_id=order["call_id"], reason=answer.reason, outcome=str(outcome)
            )
        elif answer.kind is RefusalKind.OVER_LIMIT:
            self._release(
                order, answer.reason, OVER_LIMIT_SECONDS, is_over_limit=True, learned_cap=answer.concurrency_limit
            )
        else:
            pause = answer.sentence if answer.kind in _PAUSING else None
            is_trouble = answer.kind in _TROUBLE
            self._release(
                order,
                answer.reason,
                GIVEN_BACK_SECONDS,
                pause_reason=pause,
                resume_at=daily_limits_renew_at(sent_at) if answer.reason == DAILY_LIMIT else None,
                is_trouble=is_trouble,
            )
            if is_trouble and answer.reason != HELD_UP:
                self._note_trouble(answer)

    def _note_trouble(self, answer: Refused) -> None:
        self._database.call(
            "note_provider_trouble",
            reason=answer.sentence,
            is_slow_down=answer.kind is RefusalKind.RATE_LIMITED,
            retry_after_seconds=answer.retry_after_seconds,
        )

    def _release(self, order: DialOrder, reason: str, retry_seconds: float, **others: Any) -> None:
        self._database.call(
            "release_call", call_id=order["call_id"], reason=reason, retry_seconds=retry_seconds, **others
        )

    # -- hang up ----------------------------------------------------------------------------------------------

    def hang_up(self) -> int:
        """End the calls that a user wants ended; each keeps its line until the provider says that it is over.

        Answers how many the provider took. The others are tried again in five seconds.
        """
        taken = self._database.call("take_hang_ups")["calls"]
        return sum(_each(self._hang_up_one, call) for call in taken)

    def _hang_up_one(self, call: dict[str, Any]) -> bool:
        try:
            control_url = call["control_url"] or self._client.get_call(call["provider_call_id"]).monitor.control_url
            if control_url:
                self._client.end_call(control_url)
        except ProviderError as error:  # it may be over by now; the provider's message or reconcile will say
            log.warning("hang_up_put_off", call_id=call["call_id"], error=str(error))
            return False
        return bool(control_url)

    # -- mend -------------------------------------------------------------------------------------------------

    def _mend_safely(self, report: TickReport) -> None:
        try:
            report.count("hung_up", self.hang_up())
            report.count("repaired", self.repair())
            report.count("checked", self.reconcile())
        except AutoLynxError as error:
            log.warning("mending_put_off", error=str(error))
        except Exception:
            log.exception("mending_put_off")

    def repair(self) -> int:
        """Look up the dials that nobody finished: found ones are adopted, surely absent ones released.

        Answers how many were decided. A call that is neither found nor surely absent keeps its line.
        """
        taken = self._database.call("take_repairs")
        by_line: dict[str, list[dict[str, Any]]] = {}
        for call in taken["calls"]:
            by_line.setdefault(call["phone_number_id"], []).append(call)
        return int(taken["given_back"]) + sum(self._repair_line(line, calls) for line, calls in by_line.items())

    def _repair_line(self, line: str, calls: list[dict[str, Any]]) -> int:
        since = min(datetime.fromisoformat(call["dialed_at"]) for call in calls) - CLOCK_SKEW
        try:
            found = self._client.list_calls(created_at_ge=since, phone_number_id=line)
        except ProviderError as error:
            log.warning("repair_put_off", calls=len(calls), error=str(error))
            return 0
        return sum(_each(lambda call: self._repair_one(call, found), call) for call in calls)

    def _repair_one(self, call: dict[str, Any], found: list[WireCall]) -> bool:
        ours = next((candidate for candidate in found if candidate.carries(call["call_id"])), None)
        if ours:
            self._database.call(
                "confirm_call", call_id=call["call_id"], provider_call_id=ours.id, control_url=ours.monitor.control_url
            )
            record_snapshot(self._database, self._settings, ours)
            log.info("dial_adopted", call_id=call["call_id"], provider_call_id=ours.id)
            return True
        if call["may_release"]:
            self._database.call(
                "release_call", call_id=call["call_id"], reason="autolynx-never-dialed", is_lost=True
            )
            log.info("dial_released", call_id=call["call_id"])
            return True
        return False

    def reconcile(self) -> int:
        """Ask the provider about calls that have been silent. Answers how many it told us about."""
        taken = self._database.call(
            "take_checks", silent_seconds=self._settings.reconcile_after_seconds
        )
        return sum(_each(self._check, call) for call in taken["calls"])

    def _check(self, call: dict[str, Any]) -> bool:
        try:
            found = self._client.get_call(call["provider_call_id"])
        except ProviderNotFound:
            self._note_silence(call, is_unknown=True, reason="autolynx-unknown-to-provider")
            return False
        except ProviderError as error:
            log.warning("check_put_off", call_id=call["call_id"], error=str(error))
            self._note_silence(call, is_unknown=False, reason="autolynx-provider-silent")
            return False
        if found.status == NOT_FOUND:
            self._note_silence(call, is_unknown=True, reason="autolynx-unknown-to-provider")
            return False
        record_snapshot(self._database, self._settings, found)
        return True

    def _note_silence(self, call: dict[str, Any], *, is_unknown: bool, reason: str) -> None:
        self._database.call("note_silence", call_id=call["call_id"], is_unknown=is_unknown, reason=reason)
