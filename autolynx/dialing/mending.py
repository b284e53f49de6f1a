"""What was left half done, and what the provider must be asked about or told: looks, checks, hang-ups, recovery.

Each piece of work here concerns one call, or one list; the tick hands them out, each kind on a lane of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from autolynx.calls.fields import OVER
from autolynx.calls.snapshots import record_snapshot
from autolynx.dialing.switchboard import Switchboard
from autolynx.errors import Busy, ProviderError, ProviderNotFound
from autolynx.vapi.wire import CallReference, ListedCall, WireCall

log = structlog.get_logger(__name__)

MARGIN = timedelta(hours=1)  # how much further back than the dial a list is asked for
CLOCK_UNKNOWN = timedelta(days=1)  # further back still, where the provider had not told its time before the dial
CLOCK_STEPPED = timedelta(minutes=30)  # while a list was read: then it proves nothing
LONGEST_CALL = timedelta(hours=13)  # Vapi ends one after 12 hours at most: what is older, and not over, it has lost
NOT_FOUND = "not-found"  # the provider's status of a call it has lost
RECORD_ATTEMPTS = 5  # a message about the same call may be in the way for a moment


# -- dials in doubt ---------------------------------------------------------------------------------------


def look(board: Switchboard, phone_number_id: str, calls: list[dict[str, Any]], asked_at: datetime) -> int:
    """Look for dials in doubt in the provider's list of one line; answers how many were found or given up.

    `calls`, `asked_at`: as `take_repairs` hands them out. What is not in the list is only noted: time decides.
    """
    began = board.clock.elapsed()
    ahead = _provider_ahead(board, asked_at)
    since = min(asked_at - timedelta(seconds=float(call["age_seconds"])) - _stepped(call, ahead) for call in calls)
    try:
        listed = board.client.list_calls(since + _at_most_now(ahead) - MARGIN, phone_number_id)
    except ProviderError as error:
        log.warning("look_put_off", calls=len(calls), error=str(error))
        return 0
    found: dict[str, list[ListedCall]] = {}
    for call in listed:
        for mark in call.marks:
            found.setdefault(mark, []).append(call)
    asked_now = asked_at + timedelta(seconds=board.clock.elapsed() - began)
    ahead_now = _provider_ahead(board, asked_now)
    is_proof = abs(ahead_now - ahead) < CLOCK_STEPPED
    mended = 0
    for call_id in (call["call_id"] for call in calls):
        for one in found.get(call_id, ()):
            _adopt(board, call_id, one)
        if call_id in found:
            mended += 1
        elif is_proof:
            mended += _note_absent(board, call_id, asked_at, ahead_now)
    return mended


def _note_absent(board: Switchboard, call_id: str, asked_at: datetime, ahead: timedelta) -> bool:
    noted = board.database.call(
        "note_absent", call_id=call_id, asked_at=asked_at, provider_ahead_seconds=ahead.total_seconds()
    )
    if noted["given_back"] != "nothing":
        log.info("dial_given_up", call_id=call_id, given_back=noted["given_back"])
    return bool(noted["given_back"] == "contact")


def _adopt(board: Switchboard, call_id: str, found: ListedCall) -> None:
    board.database.call(
        "confirm_call", call_id=call_id, provider_call_id=found.id, control_url=found.monitor.control_url
    )
    log.info("dial_adopted", call_id=call_id, provider_call_id=found.id)
    _take_over(board, found.id)


def _take_over(board: Switchboard, provider_call_id: str) -> None:
    """Bring a call that was found to what it is now; where that fails, the next check will."""
    try:
        _record(board, board.client.get_call(provider_call_id))
    except (ProviderError, Busy) as error:
        log.warning("check_put_off", provider_call_id=provider_call_id, error=str(error))


def _provider_ahead(board: Switchboard, our_now: datetime) -> timedelta:
    """The provider's clock against the database's; this machine's stands in before the provider told."""
    return (board.client.provider_now() or board.clock.now()) - our_now


# -- calls that have been silent --------------------------------------------------------------------------


def check(board: Switchboard, call: dict[str, Any]) -> bool:
    """Ask the provider what became of a call; answers whether it told."""
    try:
        found = board.client.get_call(call["provider_call_id"])
    except ProviderNotFound:
        _note_silence(board, call, is_unknown=True, reason="autolynx-unknown-to-provider")
        return False
    except ProviderError as error:
        log.warning("check_put_off", call_id=call["call_id"], error=str(error))
        _note_silence(board, call, is_unknown=False, reason="autolynx-provider-silent")
        return False
    if found.status == NOT_FOUND:
        _note_silence(board, call, is_unknown=True, reason="autolynx-unknown-to-provider")
        return False
    if _never_ends(board, found):
        _note_silence(board, call, is_unknown=True, reason="autolynx-never-ends")
        return False
    _record(board, found)
    return True


def _record(board: Switchboard, found: WireCall) -> None:
    Retrying(
        sleep=board.clock.sleep,
        retry=retry_if_exception_type(Busy),
        stop=stop_after_attempt(RECORD_ATTEMPTS),
        wait=lambda state: board.clock.spread(0.1 * 2**state.attempt_number),
        reraise=True,
    )(record_snapshot, board.database, board.settings, found)


def _never_ends(board: Switchboard, found: CallReference) -> bool:
    """Whether the provider shows a call as under way for longer than one can last: it has lost its end."""
    now = board.client.provider_now()
    if found.status in OVER or found.created_at is None or now is None:
        return False
    return found.created_at < now - LONGEST_CALL


def _note_silence(board: Switchboard, call: dict[str, Any], *, is_unknown: bool, reason: str) -> None:
    board.database.call("note_silence", call_id=call["call_id"], is_unknown=is_unknown, reason=reason)


# -- calls that somebody, or AutoLynx itself, wants ended -------------------------------------------------


def hang_up(board: Switchboard, call: dict[str, Any]) -> bool:
    """End a call, which keeps its line until the provider says so. Answers whether the provider took the wish."""
    try:
        control_url = call["control_url"] or board.client.control_url(call["provider_call_id"])
        if control_url:
            board.client.end_call(control_url)
    except ProviderNotFound:  # it may be over, and the message of that lost
        board.database.call("note_nothing_to_end", call_id=call["call_id"])
        return False
    except ProviderError as error:
        log.warning("hang_up_put_off", call_id=call["call_id"], error=str(error))
        return False
    return bool(control_url)


# -- a database that has forgotten ------------------------------------------------------------------------


def recover(board: Switchboard, age_seconds: float, asked_at: datetime, forgot_until: datetime) -> None:
    """Take over every call of ours that the provider made since; `age_seconds` before `asked_at`.

    While one is under way that no campaign here can have, nobody is dialed; but not for one that was made later
    than `forgot_until`, by another installation with the same account, nor for one that the provider lost or that
    hangs.
    """
    began = board.clock.elapsed()
    ahead = _provider_ahead(board, asked_at)
    try:
        listed = board.client.list_calls(asked_at - timedelta(seconds=age_seconds) + _at_most_now(ahead) - MARGIN)
    except ProviderError as error:
        log.warning("recovery_put_off", error=str(error))
        return
    ahead = _provider_ahead(board, asked_at + timedelta(seconds=board.clock.elapsed() - began))
    ours = [call for call in listed if call.our_call_id]
    latest = forgot_until + max(ahead, timedelta()) + MARGIN
    foreign = [call.id for call in ours if not _recover_one(board, call, latest)]
    if foreign:  # they use lines, and ring people, whom we do not count: until they are over
        log.warning("recovery_waits", calls=len(ours), foreign=len(foreign))
        return
    noted = board.database.call("note_recovery", asked_at=asked_at, provider_ahead_seconds=ahead.total_seconds())
    log.info("recovery_looked", calls=len(ours), is_over=noted["is_over"])


def _recover_one(board: Switchboard, call: ListedCall, latest: datetime) -> bool:
    """Take one call over; False for one of ours under way, made by `latest`, that no campaign here can have."""
    is_live = call.is_surely_ours and call.status not in (*OVER, NOT_FOUND) and not _never_ends(board, call)
    is_live = is_live and (call.created_at or latest) <= latest
    adopted = board.database.call(
        "adopt_call",
        call_id=call.our_call_id,
        provider_call_id=call.id,
        origin=call.origin,
        control_url=call.monitor.control_url,
        is_live=is_live,
    )
    if adopted["is_new"]:
        _take_over(board, call.id)
    return bool(adopted["is_known"]) or not is_live


def _at_most_now(ahead: timedelta) -> timedelta:
    """Only a clock that is behind ours moves a list's beginning: the one that stamps calls may be another."""
    return min(ahead, timedelta())


def _stepped(call: dict[str, Any], ahead: timedelta) -> timedelta:
    """How far the provider's clock may have moved against ours since a call was dialed."""
    then = call["provider_ahead_seconds"]
    return CLOCK_UNKNOWN if then is None else abs(ahead - timedelta(seconds=float(then)))
