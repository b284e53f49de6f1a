"""Dials that Vapi refuses: for what reason, told in which words."""

import pytest

from autolynx.vapi.dialing import RefusalKind, Refused
from tests.support.vapi_answers import answer, dialed, refusal

REFUSALS = [
    (400, "Over Concurrency Limit", RefusalKind.OVER_LIMIT, "over-concurrency-limit"),
    (400, ["concurrency limit reached for org"], RefusalKind.OVER_LIMIT, "over-concurrency-limit"),
    (400, "Too many concurrent calls.", RefusalKind.OVER_LIMIT, "over-concurrency-limit"),
    (
        400,
        "call.start.error-subscription-concurrency-limit-reached",
        RefusalKind.OVER_LIMIT,
        "over-concurrency-limit",
    ),
    (429, "Over concurrency limit", RefusalKind.OVER_LIMIT, "over-concurrency-limit"),
    (429, "Rate limit exceeded", RefusalKind.RATE_LIMITED, "rate-limited"),
    (401, "Invalid Key. Hot tip, you may be using the private key", RefusalKind.KEY_REFUSED, "http-401"),
    (403, "Forbidden", RefusalKind.KEY_REFUSED, "http-403"),
    (402, "Payment Required", RefusalKind.NO_CREDIT, "no-credit"),
    (400, "Insufficient credits. Please add a card.", RefusalKind.NO_CREDIT, "no-credit"),
    (400, "Wallet does not exist", RefusalKind.NO_CREDIT, "no-credit"),
    (400, "Your subscription is frozen.", RefusalKind.NO_CREDIT, "no-credit"),
    (
        400,
        "Couldn't Get Assistant. `assistantId` 0b000000 Does Not Exist.",
        RefusalKind.ASSISTANT_MISSING,
        "assistant-missing",
    ),
    (400, ["assistantId must be a UUID"], RefusalKind.ASSISTANT_MISSING, "assistant-missing"),
    (
        400,
        "Couldn't Start Call. Numbers Bought On Vapi Have A Daily Outbound Call Limit. Import Your Own "
        "Twilio Numbers To Scale Without Limits.",
        RefusalKind.LINE_REFUSED,
        "line-daily-limit",
    ),
    (
        400,
        "Couldn't start call. Free Vapi numbers do not support international calls.",
        RefusalKind.LINE_REFUSED,
        "line-not-international",
    ),
    (
        400,
        "Couldn't Get Phone Number. `phoneNumberId` 0c0 Does Not Exist.",
        RefusalKind.LINE_REFUSED,
        "line-missing",
    ),
    (
        400,
        [
            "property foo should not exist",
            "customer.number must be a valid phone number in the E.164 format. Hot tip, you may be missing "
            "the country code (Eg. US: +1).",
        ],
        RefusalKind.BAD_CONTACT,
        "bad-number",
    ),
    (
        400,
        ["customer.number must be in the international format"],
        RefusalKind.BAD_CONTACT,
        "bad-number",
    ),
    (
        400,
        ["assistantOverrides.property foo should not exist"],
        RefusalKind.REQUEST_REFUSED,
        "http-400",
    ),
    (
        400,
        ["customer.name must be shorter than or equal to 40 characters"],
        RefusalKind.REQUEST_REFUSED,
        "http-400",
    ),
    (400, ["maxConcurrency should not exist"], RefusalKind.REQUEST_REFUSED, "http-400"),
    (404, "Cannot POST /call", RefusalKind.REQUEST_REFUSED, "http-404"),
    (413, "Payload Too Large", RefusalKind.REQUEST_REFUSED, "http-413"),
    (422, None, RefusalKind.REQUEST_REFUSED, "http-422"),
]


@pytest.mark.parametrize(("status", "message", "kind", "reason"), REFUSALS)
def test_it_refuses_by_kind_when_the_provider_says_no(status, message, kind, reason):
    found, _ = dialed(refusal(status, message))
    assert isinstance(found, Refused)
    assert (found.kind, found.reason) == (kind, reason)
    assert found.sentence.endswith(".")
    assert "{}" not in found.sentence


def test_it_reads_the_error_field_when_there_is_no_message():
    found, _ = dialed(answer(400, {"error": "Over Concurrency Limit"}))
    assert found.kind is RefusalKind.OVER_LIMIT


def test_it_learns_the_cap_when_a_refusal_tells_it():
    body = {"message": "Over Concurrency Limit", "subscriptionLimits": {"concurrencyLimit": 5}}
    found, _ = dialed(answer(400, body))
    assert found.concurrency_limit == 5


@pytest.mark.parametrize("body", ["<html><h1>Bad Request</h1></html>", "", "[]", "7", '"odd"', "{", "\ufffd"])
def test_it_refuses_the_request_when_a_400_has_no_json_we_know(body):
    found, _ = dialed(answer(400, body))
    assert found.kind is RefusalKind.REQUEST_REFUSED
    assert "<" not in found.sentence


def test_it_keeps_the_sentence_short_when_the_provider_is_verbose():
    found, _ = dialed(refusal(400, ["x" * 5000]))
    assert len(found.sentence) < 400
