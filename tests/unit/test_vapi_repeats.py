"""What is asked again: after which answers, after how long, and how often."""

import httpx
import pytest

from autolynx.errors import ProviderError
from autolynx.vapi.dialing import Accepted, RefusalKind, Unknown
from autolynx.vapi.refusals import retry_after_seconds
from tests.support.vapi_answers import NOON, Provider, answer, dialed, refusal


def test_it_repeats_after_1_4_and_10_seconds_when_answered_429():
    found, provider = dialed(refusal(429, "Rate limit exceeded"))
    assert found.kind is RefusalKind.RATE_LIMITED
    assert len(provider.requests) == 4
    assert provider.sleeps == [1, 4, 10]


def test_it_repeats_nothing_when_a_429_says_that_the_lines_are_busy():
    found, provider = dialed(refusal(429, "Over concurrency limit"), answer(201, {"id": "019d"}))
    assert found.kind is RefusalKind.OVER_LIMIT
    assert len(provider.requests) == 1


def test_it_accepts_when_a_repetition_gets_through():
    found, provider = dialed(refusal(429, "slow down"), answer(201, {"id": "019d"}))
    assert isinstance(found, Accepted)
    assert len(provider.requests) == 2


def test_it_does_not_know_when_a_repetition_breaks():
    found, _ = dialed(refusal(429, "slow down"), httpx.ReadTimeout("slow"))
    assert isinstance(found, Unknown)


def test_it_waits_as_told_when_a_429_says_how_long():
    found, provider = dialed(answer(429, None, Retry_After="7"), answer(201, {"id": "019d"}))
    assert isinstance(found, Accepted)
    assert provider.sleeps == [7]


def test_it_repeats_no_more_when_the_wait_would_exceed_the_deadline():
    found, provider = dialed(answer(429, None, Retry_After="3600"))
    assert (found.kind, found.retry_after_seconds) == (RefusalKind.RATE_LIMITED, 30)
    assert provider.sleeps == []
    found, provider = dialed(refusal(429, "slow down"), deadline_seconds=3)
    assert len(provider.sleeps) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("Thu, 26 Mar 2026 12:00:09 GMT", 9),
        ("Thu, 26 Mar 2026 14:00:09 GMT", 30),
        ("99999", 30),
        ("inf", 30),
        ("Thu, 26 Mar 2026 11:00:00 GMT", None),
        ("0", None),
        ("-3", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Thu, 01 Jan 99999999999 00:00:00 GMT", None),
        ("Thu, 26 Mar 2026 12:00:00 +99999999999", None),
        ("9" * 5000, 30),
    ],
)
def test_it_reads_retry_after_when_it_is_seconds_or_a_date(value, expected):
    response = httpx.Response(429, headers={"Retry-After": value})
    assert retry_after_seconds(response, now=NOON) == expected


@pytest.mark.parametrize(
    ("method", "given", "times"),
    [
        ("get", refusal(500, "oops"), 3),
        ("get", refusal(429, "slow"), 3),
        ("get", httpx.ReadTimeout("slow"), 3),
        ("get", httpx.ConnectError("no"), 3),
        ("get", refusal(404, "no"), 1),
        ("get", refusal(400, "no"), 1),
        ("create", refusal(500, "oops"), 1),
        ("create", httpx.ReadTimeout("slow"), 1),
        ("create", refusal(429, "slow"), 3),
        ("create", httpx.ConnectError("no"), 3),
        ("end", refusal(500, "oops"), 3),
        ("end", httpx.ReadTimeout("slow"), 3),
    ],
)
def test_it_repeats_only_what_does_no_harm(method, given, times):
    provider = Provider(given)
    client = provider.client()
    ask = {
        "get": lambda: client.get_call("c"),
        "create": lambda: client.create_assistant({}),
        "end": lambda: client.end_call("https://c.example/control"),
    }[method]
    with pytest.raises(ProviderError):
        ask()
    assert len(provider.requests) == times
    assert len(provider.sleeps) == times - 1


def test_it_returns_the_answer_when_a_repetition_gets_through():
    provider = Provider(refusal(503, "oops"), httpx.ReadError("reset"), answer(200, {"id": "c"}))
    assert provider.client().get_call("c").id == "c"
