"""Dials: which answers are a call, and after which nobody knows whether there is one."""

import httpx
import pytest

from autolynx.vapi.dialing import Accepted, RefusalKind, Refused, Unknown
from tests.support.vapi_answers import answer, dialed


def test_it_accepts_when_the_provider_created_the_call():
    body = {
        "id": "019d",
        "status": "queued",
        "monitor": {"controlUrl": "https://c.example/control"},
        "subscriptionLimits": {
            "concurrencyBlocked": False,
            "concurrencyLimit": 10,
            "remainingConcurrentCalls": 0,
        },
    }
    found, provider = dialed(answer(201, body))
    assert found == Accepted("019d", "https://c.example/control", "queued", 10, False, None)
    (request,) = provider.requests
    assert (request.method, request.url.path) == ("POST", "/call")
    assert request.headers["Authorization"] == "Bearer key"


@pytest.mark.parametrize(
    ("body", "is_blocked", "limit"),
    [
        (
            {"status": "ended", "subscriptionLimits": {"concurrencyBlocked": True, "concurrencyLimit": 10}},
            True,
            10,
        ),
        ({"status": "queued", "subscriptionLimits": {"concurrencyBlocked": True}}, False, None),  # it waits
        ({"subscriptionLimits": {"concurrencyBlocked": True, "concurrencyLimit": 10}}, False, 10),
        (
            {
                "status": "ended",
                "endedReason": "call.start.error-subscription-concurrency-limit-reached",
            },
            True,
            None,
        ),
        ({"status": "ended", "endedReason": "customer-busy"}, False, None),
        ({"message": "Over Concurrency Limit is near"}, False, None),
        ({"subscriptionLimits": "odd"}, False, None),
        ({"subscriptionLimits": {"concurrencyBlocked": "no", "concurrencyLimit": 0}}, False, None),
        ({"monitor": None, "cost": "free"}, False, None),
    ],
)
def test_it_accepts_a_201_when_it_mentions_limits(body, is_blocked, limit):
    found, _ = dialed(answer(201, {"id": "019d", **body}))
    assert isinstance(found, Accepted)
    assert (found.is_blocked, found.concurrency_limit) == (is_blocked, limit)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 301, 302, 307])
def test_it_does_not_know_and_does_not_repeat_when_the_provider_stumbles(status):
    found, provider = dialed(answer(status, {"message": "oops"}))
    assert isinstance(found, Unknown)
    assert len(provider.requests) == 1
    assert provider.sleeps == []


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("closed"),
        httpx.DecodingError("gzip"),
    ],
    ids=repr,
)
def test_it_does_not_know_and_does_not_repeat_when_the_answer_is_lost(error):
    found, provider = dialed(error)
    assert isinstance(found, Unknown)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"id": ""}', '{"id": 5}', '{"id": null}', "null"])
def test_it_does_not_know_when_a_201_names_no_call(body):
    found, _ = dialed(answer(201, body))
    assert isinstance(found, Unknown)


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no"), httpx.ProxyError("no")],
    ids=repr,
)
def test_it_is_sure_that_nothing_was_sent_when_no_connection_was_made(error):
    found, provider = dialed(error)
    assert isinstance(found, Refused)
    assert found.kind is RefusalKind.UNREACHABLE
    assert len(provider.requests) == 1
