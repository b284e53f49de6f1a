"""What a call's status leaves out, in plain words: lost answers, late discoveries, results that nobody knows."""

from __future__ import annotations

from datetime import datetime, tzinfo

from autolynx.models import IN_DOUBT, ActiveCall, Call, CallStatus
from autolynx.ui.frame.formats import clock, moment

ANSWER_LOST = "Vapi's answer was lost"
_TRACK_LOST = {
    "autolynx-unknown-to-provider": "Vapi says that it has no such call any more",
    "autolynx-never-ends": "Vapi shows this call as under way for longer than a call can last",
    "autolynx-provider-silent": "Vapi could not be asked about this call any more",
}


def of_line(call: ActiveCall, zone: tzinfo, now: datetime) -> str | None:
    """A line's remark, if it needs one."""
    if call.dial_state == IN_DOUBT:
        return f"{ANSWER_LOST}; being looked up{_until(call.in_doubt_until, zone, now)}"
    if call.turned_up_at:
        return f"Turned up late, at {clock(call.turned_up_at, zone)}"
    return None


def of_call(call: Call, zone: tzinfo, now: datetime) -> str | None:
    """A call's remark, if its status alone would mislead."""
    if call.dial_state == IN_DOUBT:
        return _in_doubt(call, zone, now)
    if call.dial_state == "lost":
        return (
            "Vapi never showed a call for this dial, so its contact was given back. Should it turn up after all, it is "
            "taken back, and an alarm says so."
        )
    if call.dial_state == "refused":
        return f"Vapi refused to place this call ({call.ended_reason})."
    if call.status is CallStatus.TIMEOUT and call.status_is_guess:
        why = _TRACK_LOST.get(call.ended_reason or "", "Vapi no longer tells about this call")
        return (
            f"{why}, so nobody here knows how it went. The contact is not dialed again; a report that still comes "
            "replaces this."
        )
    if call.turned_up_at:
        return _turned_up(call, zone, now)
    return None


def is_known(call: Call) -> bool:
    """False while, or since, nobody here can tell how the call went."""
    return call.dial_state != IN_DOUBT and not (call.status is CallStatus.TIMEOUT and call.status_is_guess)


def _in_doubt(call: Call, zone: tzinfo, now: datetime) -> str:
    line = "" if call.status.is_active else " Its line was given back meanwhile."
    because = f" ({call.hold_reason.rstrip('.')})" if call.hold_reason else ""
    return (
        f"{ANSWER_LOST}{because}, so the phone may be ringing, or ring yet. The call is being looked up at Vapi"
        f"{_until(call.in_doubt_until, zone, now)}, and nobody dials this contact before it is known.{line}"
    )


def _turned_up(call: Call, zone: tzinfo, now: datetime) -> str:
    second = "" if call.is_attempt else " Its contact has another call, so this one is no attempt of the campaign's."
    return (
        f"This call turned up late, {moment(call.turned_up_at, zone, now)}: Vapi had not shown it before, or had "
        f"refused it, or this database had forgotten it. It counts in every cap since.{second}"
    )


def _until(at: datetime | None, zone: tzinfo, now: datetime) -> str:
    """The next look after it decides; once it is past, that look is due."""
    return f" until {moment(at, zone, now)}" if at and at > now else ""
