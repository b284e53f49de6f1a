"""One dial: leave for the request, the request, and what its end means for contact, line and campaign.

Every dial has three ends. *Accepted*: the provider's id is stored. *Refused*: the contact is given back, or failed
for good. *Unknown*: the phone may be ringing, or ring yet, so the call keeps its line until it is found, or until time
has proven that it does not exist. Nothing here ever sends a second request for the same contact on a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from autolynx.database import Database
from autolynx.errors import Unavailable
from autolynx.models import CallOutcome
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.dialing import Accepted, Dialed, DialOrder, RefusalKind, Refused, Unknown, call_request
from autolynx.vapi.outcomes import daily_limits_renew_at
from autolynx.waiting.clock import Clock

log = structlog.get_logger(__name__)

SHARE_OF_LEASE = 0.5  # for repetitions of a request that was answered 429
GIVEN_BACK_SECONDS = 5  # before a contact whose dial the provider refused for now is dialed again
DAILY_LIMIT = "line-daily-limit"
HELD_UP = "held-up"  # by this machine or the database, not by the provider
STORE_ATTEMPTS = 6  # times an answer is offered to a database that is away

#: refusals that every other contact would meet too: the campaign pauses, with the refusal's own sentence
_PAUSING = {
    RefusalKind.KEY_REFUSED,
    RefusalKind.NO_CREDIT,
    RefusalKind.ASSISTANT_MISSING,
    RefusalKind.LINE_REFUSED,
}
#: refusals that say something about the provider's state, and so count for the breaker
_TROUBLE = {RefusalKind.RATE_LIMITED, RefusalKind.UNREACHABLE}
#: refusals that concern this contact alone -> what it came to
_FOR_GOOD = {"bad-number": CallOutcome.WRONG_NUMBER, "line-not-international": CallOutcome.NOT_CONNECTED}


def go_on(_step: str) -> None:
    """Do nothing at a step of the tick; tests put a crash here."""


@dataclass(frozen=True, slots=True)
class Phone:
    """What dials: one for each scheduler. Threads share it."""

    database: Database
    client: VapiClient
    settings: Settings
    clock: Clock
    worker: str
    at_step: Callable[[str], None] = go_on

    def dial(self, order: DialOrder) -> Dialed:
        """Dial one contact and store how it ended.

        Raises Unavailable when the database stayed away: then the lease runs out, and repair finds the call.
        """
        sent_at = self.clock.now()
        answer = self._send(order)
        self.at_step("answered")
        self._store_with_patience(order, answer, sent_at)
        self.at_step("stored")
        return answer

    def _send(self, order: DialOrder) -> Dialed:
        request = call_request(
            order,
            webhook_url=self.settings.webhook_url,
            webhook_secret=self.settings.webhook_secret,
            is_analyzed=self.settings.feature_transcript_analysis,
        )
        lease = self.settings.claim_lease_seconds
        try:
            return self.client.create_call(
                request, leave=lambda send: self._has_leave(order, send), deadline_seconds=lease * SHARE_OF_LEASE
            )
        except Unavailable as error:  # nobody could say whether the request may leave, so it did not
            return Refused(RefusalKind.NOT_SENT, HELD_UP, str(error))

    def _has_leave(self, order: DialOrder, send: int) -> bool:
        answer = self.database.call(
            "begin_dial",
            call_id=order["call_id"],
            worker=self.worker,
            lease_seconds=self.settings.claim_lease_seconds,
            send=send,
            provider_now=self.client.provider_now(),
        )
        self.at_step("begun")
        return bool(answer["go"])

    def _store_with_patience(self, order: DialOrder, answer: Dialed, sent_at: datetime) -> None:
        Retrying(
            sleep=self.clock.sleep,
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_attempt(STORE_ATTEMPTS),
            wait=lambda state: self.clock.spread(min(0.2 * 2**state.attempt_number, 5.0)),
            reraise=True,
        )(self._store, order, answer, sent_at)

    def _store(self, order: DialOrder, answer: Dialed, sent_at: datetime) -> None:
        match answer:
            case Accepted(is_blocked=True):
                self._release(
                    order,
                    answer.ended_reason or "over the account's concurrency limit",
                    is_over_limit=True,
                    told_cap=answer.concurrency_limit,
                    provider_call_id=answer.provider_call_id,
                )
            case Accepted():
                self.database.call(
                    "confirm_call",
                    call_id=order["call_id"],
                    provider_call_id=answer.provider_call_id,
                    control_url=answer.control_url,
                    concurrency_limit=answer.concurrency_limit,
                )
            case Unknown():
                log.warning("dial_unknown", call_id=order["call_id"], reason=answer.reason)
                self.database.call(
                    "hold_call", call_id=order["call_id"], reason=answer.reason, is_answered=answer.is_fault
                )
                self.database.call("note_provider_trouble", reason=answer.reason)
            case Refused():
                self._store_refusal(order, answer, sent_at)

    def _store_refusal(self, order: DialOrder, answer: Refused, sent_at: datetime) -> None:
        log.warning("dial_refused", call_id=order["call_id"], kind=str(answer.kind), reason=answer.reason)
        if outcome := _FOR_GOOD.get(answer.reason):
            self.database.call("fail_call", call_id=order["call_id"], reason=answer.reason, outcome=outcome)
        elif answer.kind is RefusalKind.OVER_LIMIT:
            self._release(order, answer.reason, is_over_limit=True, told_cap=answer.concurrency_limit)
        elif answer.kind is RefusalKind.REQUEST_REFUSED:
            self.database.call("step_aside", call_id=order["call_id"], reason=answer.reason, sentence=answer.sentence)
        else:
            self._release(
                order,
                answer.reason,
                retry_seconds=GIVEN_BACK_SECONDS,
                pause_reason=answer.sentence if answer.kind in _PAUSING else None,
                resume_at=daily_limits_renew_at(sent_at) if answer.reason == DAILY_LIMIT else None,
                is_trouble=answer.kind in _TROUBLE or answer.kind is RefusalKind.NOT_SENT,
            )
            if answer.kind in _TROUBLE:
                self._note_trouble(answer)

    def _note_trouble(self, answer: Refused) -> None:
        self.database.call(
            "note_provider_trouble",
            reason=answer.sentence,
            is_slow_down=answer.kind is RefusalKind.RATE_LIMITED,
            retry_after_seconds=answer.retry_after_seconds,
        )

    def _release(self, order: DialOrder, reason: str, **others: Any) -> None:
        self.database.call("release_call", call_id=order["call_id"], reason=reason, **others)
