"""What a call came to: from the provider's ended reason to an outcome, and to what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from autolynx.models import CallOutcome, CallStatus
from autolynx.vapi.ended_reasons import Ending, ending

_CLOCKS_DIFFER = timedelta(minutes=3)
_LONGEST_REASON = 120  # characters of a reason inside a sentence


class RetryAdvice(StrEnum):
    """Whether calling the contact again makes sense, and when."""

    NO = "no"
    SOON = "soon"  # in minutes
    LATER = "later"  # in hours
    NEXT_DAY = "next_day"  # after midnight UTC, or over another line
    OTHER_LINE = "other_line"
    IF_NOBODY_SPOKE = "if_nobody_spoke"  # only when the transcript has no word of the contact
    AFTER_FIX = "after_fix"  # when somebody has mended what the reason says
    NEVER = "never"  # the number is wrong


@dataclass(frozen=True)
class Judgement:
    """What an ended reason means.

    `human_reached` is None for maybe. `is_attempt` is False where no phone rang and the contact is not to
    blame: it is given back. `pause_reason` is a sentence for the manager where the campaign has to wait.
    `is_known` is False for a reason unlike all we know, or none at all. `is_over_limit` is True where no line was free.
    """

    status: CallStatus
    outcome: CallOutcome
    human_reached: bool | None
    retry: RetryAdvice
    is_attempt: bool = True
    pause_reason: str | None = None
    is_known: bool = True
    is_over_limit: bool = False

    @property
    def pauses_campaign(self) -> bool:
        """True when every further call would end the same way."""
        return self.pause_reason is not None


def daily_limits_renew_at(now: datetime) -> datetime:
    """When the provider's limits of a day begin anew after a moment: midnight UTC (VapiAI/docs, 2026-08), and a little
    later, as two clocks are never one.
    """
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time.min, UTC) + _CLOCKS_DIFFER


def judge(ended_reason: str | None) -> Judgement:
    """Say what an ended reason means: listed, else by its beginning, else an unknown failure."""
    reason = (ended_reason or "").strip()
    found = ending(reason)
    if found is None:
        return replace(_JUDGEMENTS[Ending.UNKNOWN], is_known=False)
    judgement = _JUDGEMENTS[found]
    if judgement.pause_reason is None:
        return judgement
    return replace(judgement, pause_reason=judgement.pause_reason.format(reason=reason[:_LONGEST_REASON]))


def _ended(outcome: CallOutcome, human: bool | None, retry: RetryAdvice = RetryAdvice.NO) -> Judgement:
    return Judgement(CallStatus.ENDED, outcome, human, retry)


def _failed(outcome: CallOutcome, human: bool | None, retry: RetryAdvice) -> Judgement:
    return Judgement(CallStatus.FAILED, outcome, human, retry)


def _timed_out(outcome: CallOutcome, human: bool | None, retry: RetryAdvice) -> Judgement:
    return Judgement(CallStatus.TIMEOUT, outcome, human, retry)


def _not_called(outcome: CallOutcome, retry: RetryAdvice, pause_reason: str | None) -> Judgement:
    return Judgement(CallStatus.FAILED, outcome, False, retry, is_attempt=False, pause_reason=pause_reason)


_JUDGEMENTS: dict[Ending, Judgement] = {
    Ending.CUSTOMER_ENDED: _ended(CallOutcome.CONVERSATION, True),
    Ending.ASSISTANT_ENDED: _ended(CallOutcome.ASSISTANT_ENDED, True),
    Ending.TRANSFERRED: _ended(CallOutcome.TRANSFERRED, True),
    Ending.TRANSFER_MISSED: _ended(CallOutcome.TRANSFER_FAILED, True),
    Ending.TRANSFER_BROKEN: _failed(CallOutcome.TRANSFER_FAILED, True, RetryAdvice.NO),
    Ending.CARRIER_ENDED: _ended(CallOutcome.LINE_ENDED, None, RetryAdvice.IF_NOBODY_SPOKE),
    Ending.VOICEMAIL: _ended(CallOutcome.VOICEMAIL, False, RetryAdvice.LATER),
    Ending.NO_ANSWER: _failed(CallOutcome.NO_ANSWER, False, RetryAdvice.LATER),
    Ending.BUSY: _failed(CallOutcome.BUSY, False, RetryAdvice.SOON),
    Ending.WRONG_NUMBER: _failed(CallOutcome.WRONG_NUMBER, False, RetryAdvice.NEVER),
    Ending.NOT_CONNECTED: _failed(CallOutcome.NOT_CONNECTED, False, RetryAdvice.SOON),
    Ending.CARRIER_REFUSES: _failed(CallOutcome.NOT_CONNECTED, False, RetryAdvice.AFTER_FIX),
    Ending.CARRIER_LOGIN: _not_called(
        CallOutcome.SETUP_PROBLEM,
        RetryAdvice.AFTER_FIX,
        "The carrier refuses the phone line's login ({reason}). Mend the line in the Vapi dashboard, then resume.",
    ),
    Ending.SILENCE: _timed_out(CallOutcome.WENT_SILENT, None, RetryAdvice.IF_NOBODY_SPOKE),
    Ending.TIME_LIMIT: _timed_out(CallOutcome.TIME_LIMIT, True, RetryAdvice.NO),
    Ending.NEVER_JOINED: _timed_out(CallOutcome.TECHNICAL_FAULT, None, RetryAdvice.SOON),
    Ending.CANCELED: Judgement(CallStatus.CANCELED, CallOutcome.CANCELED, False, RetryAdvice.NO),
    Ending.CANCELED_LIVE: Judgement(CallStatus.CANCELED, CallOutcome.CANCELED, None, RetryAdvice.NO),
    Ending.NO_AUDIO: _failed(CallOutcome.TECHNICAL_FAULT, None, RetryAdvice.LATER),
    Ending.FAULT_BEFORE_ANSWER: _failed(CallOutcome.TECHNICAL_FAULT, False, RetryAdvice.SOON),
    Ending.FAULT: _failed(CallOutcome.TECHNICAL_FAULT, None, RetryAdvice.IF_NOBODY_SPOKE),
    Ending.ASSISTANT_FAULT: _failed(CallOutcome.SETUP_PROBLEM, None, RetryAdvice.AFTER_FIX),
    Ending.SETUP: _not_called(
        CallOutcome.SETUP_PROBLEM,
        RetryAdvice.AFTER_FIX,
        "Vapi could not use the campaign's assistant or phone line ({reason}). "
        "Check both in the Vapi dashboard, then resume.",
    ),
    Ending.ACCOUNT: _not_called(
        CallOutcome.ACCOUNT_LIMIT,
        RetryAdvice.AFTER_FIX,
        "The Vapi account may not place calls ({reason}). Check billing and credit in the Vapi dashboard, then resume.",
    ),
    Ending.LINES_BUSY: replace(_not_called(CallOutcome.ACCOUNT_LIMIT, RetryAdvice.SOON, None), is_over_limit=True),
    Ending.LINE_DAILY_LIMIT: _not_called(
        CallOutcome.LINE_LIMIT,
        RetryAdvice.NEXT_DAY,
        "The phone line was bought at Vapi and has made all the calls it may make today. "
        "A line imported from a carrier has no such limit.",
    ),
    Ending.LINE_NOT_INTERNATIONAL: _failed(CallOutcome.LINE_LIMIT, False, RetryAdvice.OTHER_LINE),
    Ending.NOT_AN_OUTBOUND_CALL: _failed(CallOutcome.TECHNICAL_FAULT, False, RetryAdvice.NO),
    Ending.UNKNOWN: _failed(CallOutcome.UNKNOWN, None, RetryAdvice.IF_NOBODY_SPOKE),
}
