"""What ended reasons mean."""

import csv
from pathlib import Path

import pytest

from autolynx.models import CallOutcome
from autolynx.vapi.ended_reasons import Ending
from autolynx.vapi.outcomes import _JUDGEMENTS, RetryAdvice, judge

# Every value of VapiAI/docs OpenAPI, 2026-08-18, and of older releases.
_TABLE = (Path(__file__).parent / "data" / "ended_reasons.tsv").read_text().splitlines()
REASONS = list(csv.DictReader(_TABLE, delimiter="\t"))
HUMAN = {"yes": True, "likely": True, "maybe": None, "no": False}
RETRY = {
    "no": RetryAdvice.NO,
    "soon": RetryAdvice.SOON,
    "soon-not-an-attempt": RetryAdvice.SOON,
    "later": RetryAdvice.LATER,
    "never": RetryAdvice.NEVER,
    "after-fix": RetryAdvice.AFTER_FIX,
    "if-no-user-turn": RetryAdvice.IF_NOBODY_SPOKE,
    "next-utc-day-or-other-number": RetryAdvice.NEXT_DAY,
    "other-number-only": RetryAdvice.OTHER_LINE,
}
PIPELINE = "call.in-progress.error-"


def test_it_agrees_with_the_table_when_a_reason_is_listed():
    assert len(REASONS) == 635
    wrong = []
    for row in REASONS:
        found = judge(row["ended_reason"])
        expected = (row["status"], HUMAN[row["human"]], RETRY[row["retry"]])
        if (found.status, found.human_reached, found.retry) != expected or not found.is_known:
            wrong.append((row["ended_reason"], expected, found))
    assert wrong == []


def test_it_judges_every_kind_of_ending():
    assert set(_JUDGEMENTS) == set(Ending)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("customer-ended-call", CallOutcome.CONVERSATION),
        ("assistant-said-end-call-phrase", CallOutcome.ASSISTANT_ENDED),
        ("assistant-forwarded-call", CallOutcome.TRANSFERRED),
        ("call.forwarding.operator-busy", CallOutcome.TRANSFER_FAILED),
        ("vonage-completed", CallOutcome.LINE_ENDED),
        ("voicemail", CallOutcome.VOICEMAIL),
        ("customer-did-not-answer", CallOutcome.NO_ANSWER),
        ("customer-busy", CallOutcome.BUSY),
        ("twilio-reported-customer-misdialed", CallOutcome.WRONG_NUMBER),
        ("twilio-failed-to-connect-call", CallOutcome.NOT_CONNECTED),
        ("silence-timed-out", CallOutcome.WENT_SILENT),
        ("exceeded-max-duration", CallOutcome.TIME_LIMIT),
        ("manually-canceled", CallOutcome.CANCELED),
        (PIPELINE + "vapifault-openai-llm-failed", CallOutcome.TECHNICAL_FAULT),
        (PIPELINE + "vapifault-openai-401-unauthorized", CallOutcome.SETUP_PROBLEM),
        ("assistant-not-found", CallOutcome.SETUP_PROBLEM),
        ("call.start.error-subscription-insufficient-credits", CallOutcome.ACCOUNT_LIMIT),
        ("call.start.error-subscription-concurrency-limit-reached", CallOutcome.ACCOUNT_LIMIT),
        ("call.start.error-vapi-number-outbound-daily-limit", CallOutcome.LINE_LIMIT),
    ],
)
def test_it_tells_what_a_call_came_to_when_it_ended(reason, outcome):
    assert judge(reason).outcome is outcome


@pytest.mark.parametrize(
    ("reason", "status", "outcome"),
    [
        ("customer-ended-call-while-on-hold", "ENDED", CallOutcome.CONVERSATION),
        (
            "call.in-progress.error-providerfault-outbound-sip-502-bad-gateway",
            "FAILED",
            CallOutcome.NOT_CONNECTED,
        ),
        ("call.start.error-subscription-overdue", "FAILED", CallOutcome.ACCOUNT_LIMIT),
        ("call.start.error-get-something-new", "FAILED", CallOutcome.TECHNICAL_FAULT),
        (PIPELINE + "providerfault-newvendor-503-server-overloaded-error", "FAILED", CallOutcome.TECHNICAL_FAULT),
        (PIPELINE + "vapifault-newvendor-403-model-access-denied", "FAILED", CallOutcome.SETUP_PROBLEM),
        ("pipeline-error-newvendor-voice-failed", "FAILED", CallOutcome.TECHNICAL_FAULT),
    ],
)
def test_it_judges_by_the_beginning_when_a_reason_is_new(reason, status, outcome):
    found = judge(reason)
    assert (found.status, found.outcome, found.is_known) == (status, outcome, True)


@pytest.mark.parametrize("reason", [None, "", "  ", "hangup", "something-new", "Voicemail left", "\x00"])
def test_it_fails_the_call_as_unknown_when_a_reason_is_unlike_all_others(reason):
    found = judge(reason)
    assert (found.status, found.outcome, found.human_reached) == ("FAILED", CallOutcome.UNKNOWN, None)
    assert not found.is_known
    assert found.is_attempt
    assert not found.pauses_campaign


def test_it_costs_no_attempt_when_the_lines_of_the_account_are_busy():
    found = judge("call.start.error-subscription-concurrency-limit-reached")
    assert not found.is_attempt
    assert not found.pauses_campaign


@pytest.mark.parametrize(
    "reason",
    [
        "call.start.error-subscription-frozen",
        "call.start.error-subscription-insufficient-credits",
        "call.start.error-subscription-wallet-does-not-exist",
        "assistant-not-found",
        "call.start.error-get-assistant",
        "call.start.error-get-phone-number",
        "call.in-progress.error-providerfault-outbound-sip-407-proxy-authentication-required",
    ],
)
def test_it_pauses_with_a_reason_when_no_further_call_could_succeed(reason):
    found = judge(reason)
    assert found.pauses_campaign
    assert not found.is_attempt
    assert reason in found.pause_reason
    assert found.pause_reason.endswith("then resume.")


def test_it_gives_a_contact_back_only_when_no_phone_can_have_rung():
    for row in REASONS:
        found = judge(row["ended_reason"])
        if not found.is_attempt:
            assert found.human_reached is False, row
            assert found.pauses_campaign or found.retry is RetryAdvice.SOON, row


@pytest.mark.parametrize("reason", ["customer-busy", "voicemail", PIPELINE + "vapifault-openai-429-exceeded-quota"])
def test_it_leaves_the_campaign_alone_when_only_this_call_went_wrong(reason):
    assert not judge(reason).pauses_campaign
