"""One dial: leave for the request, the request, and what its end means for contact, line and campaign.

Every dial has three ends. *Accepted*: the provider's id is stored. *Refused*: the contact is given back, or failed
for good. *Unknown*: the phone may be ringing, or ring yet, so the call keeps its line until it is found, or until time
has proven that it does not exist. Nothing here ever sends a second request for the same contact on a guess.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from autolynx.dialing.releasing import block_call, lose_call, release_call
from autolynx.dialing.switchboard import Switchboard
from autolynx.errors import Unavailable
from autolynx.models import CallOutcome
from autolynx.vapi.dialing import Accepted, Dialed, DialOrder, RefusalKind, Refused, Unknown, call_request
from autolynx.vapi.outcomes import daily_limits_renew_at

log = structlog.get_logger(__name__)

SHARE_OF_LEASE = 0.5  # for repetitions of a request that was answered 429
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
#: refusals of this machine's: the provider heard nothing
_UNHEARD = {RefusalKind.UNREACHABLE, RefusalKind.NOT_SENT}
#: refusals that concern this contact alone -> what it came to
_FOR_GOOD = {"bad-number": CallOutcome.WRONG_NUMBER, "line-not-international": CallOutcome.NOT_CONNECTED}


def dial(board: Switchboard, order: DialOrder) -> Dialed:
    """Dial one contact and store how it ended.

    Raises Unavailable when the database stayed away: then the lease runs out, and repair finds the call.
    """
    sent_at = board.clock.now()
    answer = _send(board, order)
    board.at_step("answered")
    _store_with_patience(board, order, answer, sent_at)
    board.at_step("stored")
    return answer


def _send(board: Switchboard, order: DialOrder) -> Dialed:
    request = call_request(
        order,
        webhook_url=board.settings.webhook_url,
        webhook_secret=board.settings.webhook_secret,
        is_analyzed=board.settings.feature_transcript_analysis,
    )
    lease = board.settings.claim_lease_seconds
    try:
        return board.client.create_call(
            request, leave=lambda send: _has_leave(board, order, send), deadline_seconds=lease * SHARE_OF_LEASE
        )
    except Unavailable as error:  # nobody could say whether the request may leave, so it did not
        return Refused(RefusalKind.NOT_SENT, HELD_UP, str(error))


def _has_leave(board: Switchboard, order: DialOrder, send: int) -> bool:
    answer = board.database.call(
        "begin_dial",
        call_id=order["call_id"],
        worker=board.worker,
        lease_seconds=board.settings.claim_lease_seconds,
        send=send,
        provider_now=board.client.provider_now(),
    )
    board.at_step("begun")
    return bool(answer["go"])


def _store_with_patience(board: Switchboard, order: DialOrder, answer: Dialed, sent_at: datetime) -> None:
    Retrying(
        sleep=board.clock.sleep,
        retry=retry_if_exception_type(Unavailable),
        stop=stop_after_attempt(STORE_ATTEMPTS),
        wait=lambda state: board.clock.spread(min(0.2 * 2**state.attempt_number, 5.0)),
        reraise=True,
    )(_store, board, order, answer, sent_at)


def _store(board: Switchboard, order: DialOrder, answer: Dialed, sent_at: datetime) -> None:
    match answer:
        case Accepted(is_blocked=True):
            block_call(
                board.database,
                order["call_id"],
                answer.ended_reason or "over the account's concurrency limit",
                told_cap=answer.concurrency_limit,
                provider_call_id=answer.provider_call_id,
            )
        case Accepted():
            board.database.call(
                "confirm_call",
                call_id=order["call_id"],
                provider_call_id=answer.provider_call_id,
                control_url=answer.control_url,
                concurrency_limit=answer.concurrency_limit,
            )
        case Unknown():
            log.warning("dial_unknown", call_id=order["call_id"], reason=answer.reason)
            board.database.call(
                "hold_call", call_id=order["call_id"], reason=answer.reason, is_answered=answer.is_fault
            )
            board.database.call("note_provider_trouble", reason=answer.reason)
        case Refused():
            _store_refusal(board, order, answer, sent_at)


def _store_refusal(board: Switchboard, order: DialOrder, answer: Refused, sent_at: datetime) -> None:
    log.warning("dial_refused", call_id=order["call_id"], kind=str(answer.kind), reason=answer.reason)
    if outcome := _FOR_GOOD.get(answer.reason):
        board.database.call("fail_call", call_id=order["call_id"], reason=answer.reason, outcome=outcome)
    elif answer.kind is RefusalKind.OVER_LIMIT:
        block_call(board.database, order["call_id"], answer.reason, told_cap=answer.concurrency_limit)
    elif answer.kind is RefusalKind.REQUEST_REFUSED:
        board.database.call("step_aside", call_id=order["call_id"], reason=answer.reason, sentence=answer.sentence)
    elif answer.kind in _UNHEARD:
        lose_call(board.database, order["call_id"])
    else:
        release_call(
            board.database,
            order["call_id"],
            pause_reason=answer.sentence if answer.kind in _PAUSING else None,
            resume_at=daily_limits_renew_at(sent_at) if answer.reason == DAILY_LIMIT else None,
            is_trouble=answer.kind in _TROUBLE,
        )
    if answer.kind in _TROUBLE:
        _note_trouble(board, answer)


def _note_trouble(board: Switchboard, answer: Refused) -> None:
    board.database.call(
        "note_provider_trouble",
        reason=answer.sentence,
        is_slow_down=answer.kind is RefusalKind.RATE_LIMITED,
        retry_after_seconds=answer.retry_after_seconds,
    )
