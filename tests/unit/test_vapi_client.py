"""The client against canned answers, and against real sockets where it matters what was sent."""

import random
import socket
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import httpx
import pytest

from autolynx.errors import (
    ProviderError,
    ProviderKeyRefused,
    ProviderNotFound,
    ProviderUnavailable,
    Unavailable,
)
from autolynx.settings import Settings
from autolynx.vapi import connection
from autolynx.vapi.client import VapiClient
from autolynx.vapi.dialing import (
    Accepted,
    CallRequest,
    RefusalKind,
    Refused,
    Unknown,
    call_request,
    label,
)
from autolynx.vapi.refusals import retry_after_seconds
from autolynx.vapi.wire import ListedCall
from autolynx.waiting.clock import SystemClock
from autolynx.waiting.punctual_http import make_punctual, over_within

CALL_ID = "5f0c1d52-6a39-4c8e-9d6b-1f0e8a7b2c3d"
NOON = datetime(2026, 3, 26, 12, 0, tzinfo=UTC)
REQUEST = CallRequest(CALL_ID, {"name": CALL_ID})
BASE = "https://api.vapi.example"


class Provider:
    """Gives the answers it was made with in turn, the last for ever, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.sleeps = []
        self.now = 1000.0

    def __call__(self, request):
        self.requests.append(request)
        if trace := request.extensions.get("trace"):  # as httpcore does when the connection stands
            trace("http11.send_request_headers.started", {"request": request})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def elapsed(self):
        return self.now

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now += seconds

    def spread(self, seconds):
        return seconds

    def client(self, base_url=BASE, key="key"):
        return VapiClient(base_url, key, transport=httpx.MockTransport(self), clock=self)


def always(_send):
    return True


def answer(status, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return httpx.Response(status, text=body, headers=headers)
    return httpx.Response(status, json=body, headers=headers)


def refusal(status, message):
    return answer(status, {"message": message, "error": "Reason", "statusCode": status})


def dialed(*answers, leave=always, **options):
    provider = Provider(*answers)
    return provider.client().create_call(REQUEST, leave=leave, **options), provider


# Accepted


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


# Refused

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


# Unknown


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


# A 429 is repeated


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


# Real sockets


@contextmanager
def server(do_post):
    """A server on this machine whose POST does what it is told, and the bodies it received."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            do_post(self)

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}", received
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def test_it_sends_nothing_when_the_deadline_passed_before_the_connection_stood():
    times = iter([0.0, 0.0, 21.0])  # the name server took its time
    clock = SystemClock()
    clock.elapsed = lambda: next(times)
    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key", clock=clock)
        found = client.create_call(REQUEST, leave=always)
        client.close()
    assert isinstance(found, Refused)
    assert found.kind is RefusalKind.NOT_SENT
    assert received == []


def test_it_sends_nothing_when_the_machine_slept_between_the_leave_and_the_request():
    clock = SystemClock()
    times = iter([0.0, 0.0, 1.0, 7.0])
    clock.elapsed = lambda: next(times)
    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key", clock=clock)
        found = client.create_call(REQUEST, leave=always)
        client.close()
    assert found.kind is RefusalKind.NOT_SENT
    assert received == []


def test_it_asks_for_leave_when_the_connection_stands_and_sends_nothing_without():
    asked = []
    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key")
        found = client.create_call(REQUEST, leave=asked.append)
        client.close()
    assert found.kind is RefusalKind.NOT_SENT
    assert asked == [1]
    assert received == []


def test_it_asks_for_leave_before_every_repetition():
    asked = []

    def twice(send):
        asked.append(send)
        return send < 3

    found, provider = dialed(refusal(429, "slow down"), leave=twice)
    assert found.kind is RefusalKind.NOT_SENT
    assert asked == [1, 2, 3]
    assert provider.sleeps == [1, 4]


def test_it_lets_through_what_was_raised_when_nobody_could_give_leave():
    def away(_send):
        raise Unavailable

    with server(lambda handler: handler.send_error(500)) as (url, received):
        client = VapiClient(url, "key")
        with pytest.raises(Unavailable):
            client.create_call(REQUEST, leave=away)
        client.close()
    assert received == []


def test_it_does_not_know_when_the_server_hangs_up_after_reading():
    def hang_up(handler):
        handler.close_connection = True

    with server(hang_up) as (url, received):
        client = VapiClient(url, "key")
        found = client.create_call(REQUEST, leave=always)
        client.close()
    assert isinstance(found, Unknown)
    assert len(received) == 1


def test_it_does_not_know_when_the_server_never_answers():
    patience = threading.Event()
    with server(lambda _handler: patience.wait(60)) as (url, received):
        client = VapiClient(url, "key", timeout_seconds=0.2)
        found = client.create_call(REQUEST, leave=always)
        client.close()
        patience.set()
    assert isinstance(found, Unknown)
    assert len(received) == 1


def test_it_is_sure_that_nothing_was_sent_when_nobody_listens():
    with server(lambda _handler: None) as (url, _):
        pass
    client = VapiClient(url, "key")
    found = client.create_call(REQUEST, leave=always)
    client.close()
    assert found.kind is RefusalKind.UNREACHABLE


# Everything but a dial


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        (refusal(400, ["name must be shorter", "voice.x should not exist"]), ProviderError, "name must be"),
        (answer(409, {"error": "assistant_pinned", "message": "It is in use."}), ProviderError, "in use"),
        (refusal(401, "Invalid Key."), ProviderKeyRefused, "VAPI_API_KEY"),
        (answer(403, "<html>blocked</html>"), ProviderKeyRefused, "VAPI_API_KEY"),
        (refusal(404, "Not Found"), ProviderNotFound, "Not Found"),
        (refusal(429, "Rate limit"), ProviderUnavailable, "no more requests"),
        (refusal(500, "oops"), ProviderUnavailable, "try again"),
        (answer(200, "<html>"), ProviderUnavailable, "cannot be read"),
        (answer(200, "[]"), ProviderUnavailable, "cannot be read"),
        (answer(200, {"name": "no id"}), ProviderUnavailable, "cannot be read"),
        (httpx.ReadTimeout("slow"), ProviderUnavailable, "cannot be reached"),
        (httpx.ConnectError("no"), ProviderUnavailable, "cannot be reached"),
    ],
)
@pytest.mark.parametrize("method", ["get_assistant", "create_assistant", "update_assistant"])
def test_it_raises_one_sentence_when_the_provider_says_no(method, given, error, sentence):
    arguments = {"get_assistant": ("a",), "create_assistant": ({},), "update_assistant": ("a", {})}[method]
    with pytest.raises(error) as caught:
        getattr(Provider(given).client(), method)(*arguments)
    assert type(caught.value) is error
    assert sentence in caught.value.message
    assert caught.value.message.endswith(".")


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


def test_it_quotes_an_id_when_it_would_change_the_path():
    provider = Provider(answer(200, {"id": "c"}))
    provider.client().get_call("../assistant?x=1#y")
    assert provider.requests[0].url.raw_path == b"/call/..%2Fassistant%3Fx%3D1%23y"


def test_it_sends_what_the_provider_expects_when_assistants_are_kept():
    provider = Provider(answer(201, {"id": "a", "name": "Reminder"}))
    client = provider.client()
    assert client.create_assistant({"name": "Reminder"}).config == {"name": "Reminder"}
    client.update_assistant("a", {"firstMessage": "Hi"})
    client.delete_assistant("a")
    sent = [(request.method, request.url.path, request.content) for request in provider.requests]
    assert sent == [
        ("POST", "/assistant", b'{"name":"Reminder"}'),
        ("PATCH", "/assistant/a", b'{"firstMessage":"Hi"}'),
        ("DELETE", "/assistant/a", b""),
    ]


def test_it_refuses_the_key_when_no_header_can_carry_it():
    with pytest.raises(ProviderKeyRefused):
        VapiClient(BASE, "schlüssel")


def test_it_is_made_from_settings_when_nothing_is_configured():
    VapiClient.from_settings(Settings(_env_file=None)).close()


# Lists


class Ledger:
    """A list endpoint with 2,500 calls, three of them created in every millisecond, shown without its fraction.

    `drops`: how many calls each page lacks of those it would hold, other ones each time.
    """

    def __init__(self, order="newest", size=2500, drops=0):
        times = [NOON + timedelta(microseconds=n * 1000 // 3) for n in range(size)]
        shown = [at.isoformat(timespec="milliseconds") for at in times]
        self.calls = [(times[n], {"id": f"c{n}", "createdAt": shown[n]}) for n in range(size)]
        self.order = order
        self.drops = drops
        self.chance = random.Random(7)

    def __call__(self, request):
        query = request.url.params
        assert int(query["limit"]) == 100
        at_least = datetime.fromisoformat(query["createdAtGe"])
        at_most = datetime.fromisoformat(query.get("createdAtLe", "2099-01-01T00:00:00Z"))
        found = [call for at, call in self.calls if at_least <= at <= at_most]
        if self.order == "newest":
            found.reverse()
        elif self.order == "none":
            self.chance.shuffle(found)
        page = found[:100]
        for _ in range(min(self.drops, max(len(page) - 1, 0))):
            page.pop(self.chance.randrange(len(page)))
        return answer(200, page)


@pytest.mark.parametrize(("order", "most_requests"), [("newest", 30), ("oldest", 30), ("none", 400)])
@pytest.mark.parametrize("size", [1, 2, 99, 100, 101, 2500])
def test_it_lists_every_call_when_there_are_several_pages(order, most_requests, size):
    provider = Provider(Ledger(order, size))
    found = provider.client().list_calls(NOON, "line")
    assert [call.id for call in sorted(found, key=lambda call: int(call.id[1:]))] == [f"c{n}" for n in range(size)]
    assert all(request.url.params["phoneNumberId"] == "line" for request in provider.requests)
    assert len(provider.requests) <= most_requests


@pytest.mark.parametrize("order", ["newest", "oldest", "none"])
@pytest.mark.parametrize("drops", [1, 40])
def test_it_reads_on_when_a_page_lacks_some_calls(order, drops):
    found = Provider(Ledger(order, drops=drops)).client().list_calls(NOON)
    assert len(found) > 2500 * (0.99 - drops / 100)  # those on every page but the missing ones


def test_it_sees_the_second_page_when_the_first_lacks_one_unrelated_call():
    def listed(request):
        until = request.url.params.get("createdAtLe")
        calls = [{"id": f"c{n}", "createdAt": (NOON - timedelta(seconds=n)).isoformat()} for n in range(101)]
        del calls[50]
        page = [call for call in calls if until is None or call["createdAt"] <= until.replace("Z", "+00:00")]
        return answer(200, page[: 99 if until is None else 100])

    found = Provider(listed).client().list_calls(NOON - timedelta(hours=1))
    assert "c100" in {call.id for call in found}


def test_it_asks_twice_when_the_list_is_short_and_once_when_it_is_empty():
    one = Provider(answer(200, [{"id": "c1", "createdAt": NOON.isoformat()}]))
    assert [call.id for call in one.client().list_calls(NOON)] == ["c1"]
    assert len(one.requests) == 2
    none = Provider(answer(200, []))
    assert none.client().list_calls(NOON) == []
    assert len(none.requests) == 1


@pytest.mark.parametrize(
    "page",
    [
        [{"id": f"c{n}", "createdAt": NOON.isoformat()} for n in range(100)],
        [{"id": f"c{n}"} for n in range(100)],
        [{"id": f"c{n}", "createdAt": f"2026-03-26T12:00:0{n % 10}Z"} for n in range(100)],
        [{"id": "c1"}, {"name": "no id"}],
        {},
        {"results": []},
    ],
    ids=["one instant", "no times", "deaf to times", "no id", "empty object", "other shape"],
)
def test_it_does_not_pretend_to_be_complete_when_a_list_cannot_be_read_to_its_end(page):
    with pytest.raises(ProviderUnavailable):
        Provider(answer(200, page)).client().list_calls(NOON)


def test_it_asks_once_when_a_short_list_tells_no_times():
    provider = Provider(answer(200, [{"id": "l1", "provider": "twilio"}]))
    (line,) = provider.client().list_phone_numbers()
    assert (line.id, line.provider) == ("l1", "twilio")
    assert len(provider.requests) == 1


# Ending a call


def test_it_leaves_the_key_at_home_when_the_control_address_is_elsewhere():
    provider = Provider(answer(200, {}))
    provider.client().end_call("https://c.example/019d/control")
    (request,) = provider.requests
    assert (request.method, str(request.url)) == ("POST", "https://c.example/019d/control")
    assert request.content == b'{"type":"end-call"}'
    assert "Authorization" not in request.headers


def test_it_asks_where_to_end_a_call_on_the_way_that_hang_ups_take():
    provider = Provider(answer(200, {"id": "019d", "monitor": {"controlUrl": "https://c.example/1"}}))
    client = provider.client()
    client._connection.close()  # as if every other connection were waiting for an answer
    url = client.control_url("019d")
    client.end_call(url)
    assert [str(request.url) for request in provider.requests] == [f"{BASE}/call/019d", "https://c.example/1"]
    assert provider.requests[0].headers["Authorization"] == "Bearer key"


@pytest.mark.parametrize("url", ["http://c.example/control", "http://127.0.0.1/x", "file:///etc/passwd", ""])
def test_it_sends_nothing_when_the_control_address_is_not_safe(url):
    provider = Provider(answer(200, {}))
    with pytest.raises(ProviderError):
        provider.client().end_call(url)
    assert provider.requests == []


# Recordings


def storage(request):
    if request.url.host == "api.vapi.example":
        return answer(302, None, Location="https://storage.example/a.wav?signature=x")
    return httpx.Response(200, headers={"Content-Type": "audio/mpeg"}, content=b"RIFF" * 50_000)


def test_it_streams_a_recording_without_the_key_when_the_storage_is_elsewhere():
    provider = Provider(storage)
    recording = provider.client().open_recording("019d", byte_range="bytes=0-")
    assert (recording.content_type, recording.content_length) == ("audio/mpeg", 200_000)
    assert b"".join(recording) == b"RIFF" * 50_000
    first, second = provider.requests
    assert (first.url.path, first.headers["Authorization"]) == ("/call/019d/mono-recording", "Bearer key")
    assert "Authorization" not in second.headers
    assert second.headers["Range"] == "bytes=0-"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer(302, None, Location="http://storage.example/a.wav"), ProviderError),
        (answer(302, None, Location="file:///etc/passwd"), ProviderError),
        (answer(302, None, Location="/call/019d/mono-recording"), ProviderError),  # for ever
        (refusal(404, "no recording"), ProviderNotFound),
        (refusal(401, "Invalid Key"), ProviderKeyRefused),
        (httpx.ReadTimeout("slow"), ProviderUnavailable),
    ],
)
def test_it_raises_when_a_recording_cannot_be_opened(given, error):
    with pytest.raises(error):
        Provider(given).client().open_recording("019d")


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "many", ""])
def test_it_does_not_know_how_long_a_recording_is_when_no_number_says_so(length):
    found = Provider(httpx.Response(200, headers={"Content-Length": length}, content=b"RIFF"))
    with found.client().open_recording("019d") as recording:
        assert recording.content_length is None


def test_it_blames_the_storage_when_its_link_has_expired():
    redirect = answer(302, None, Location="https://storage.example/a.wav")
    with pytest.raises(ProviderUnavailable, match="storage answered 403"):
        Provider(redirect, answer(403, "<Error/>")).client().open_recording("019d")


def test_it_calls_it_audio_when_the_storage_says_something_else():
    page = httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<script>")
    with Provider(page).client().open_recording("019d", kind="stereo") as recording:
        assert recording.content_type == "audio/wav"


# The request

ORDER = {
    "call_id": CALL_ID,
    "campaign_id": "c1",
    "contact_id": "k1",
    "attempt": 2,
    "phone_number_id": "line",
    "provider_assistant_id": "assistant",
    "phone": "+14155550123",
    "name": "Ana",
    "business_name": None,
    "variables": {"appointment": "Monday", "seats": 3, "vip": True, "note": None, "name": "not this"},
}


def test_it_writes_our_id_in_three_places_when_a_call_is_ordered():
    found = call_request(ORDER, webhook_url="https://w.example/webhooks/vapi", webhook_secret="s")
    assert found.call_id == CALL_ID
    assert found.body == {
        "assistantId": "assistant",
        "phoneNumberId": "line",
        "name": CALL_ID,
        "customer": {"number": "+14155550123", "name": "Ana", "externalId": CALL_ID},
        "assistantOverrides": {
            "variableValues": {
                "name": "Ana",
                "business_name": "",
                "appointment": "Monday",
                "seats": "3",
                "vip": "true",
                "note": "",
            },
            "metadata": {"autolynx_call_id": CALL_ID, "autolynx_campaign_id": "c1", "attempt": 2},
            "server": {
                "url": "https://w.example/webhooks/vapi",
                "timeoutSeconds": 20,
                "backoffPlan": {
                    "type": "exponential",
                    "maxRetries": 5,
                    "baseDelaySeconds": 1,
                    "excludedStatusCodes": [400, 401, 403, 404, 413, 422],
                },
                "headers": {"X-Vapi-Secret": "s"},
            },
            "serverMessages": ["status-update", "end-of-call-report"],
        },
    }


def test_it_sends_no_secret_when_there_is_none():
    body = call_request(ORDER, webhook_url="https://w.example", webhook_secret=None).body
    assert "headers" not in body["assistantOverrides"]["server"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana", "Ana"),
        ("  Ana \n Maria ", "Ana Maria"),
        ("x" * 50, "x" * 40),
        ("x" * 39 + " y", "x" * 39),
        ("x" * 39 + "e\u0301", "x" * 39),  # an accent stays with its letter or goes with it
        ("🙂" * 30, "🙂" * 20),
        ("x" * 39 + "🙂", "x" * 39),
        (None, ""),
    ],
)
def test_it_cuts_a_name_between_characters_when_it_is_too_long(name, expected):
    assert label(name) == expected


def test_it_leaves_the_name_out_when_there_is_none():
    body = call_request({**ORDER, "name": " "}, webhook_url="https://w.example", webhook_secret=None).body
    assert "name" not in body["customer"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"assistantOverrides": {"metadata": {"autolynx_call_id": CALL_ID}}}, True),
        ({"customer": {"externalId": CALL_ID}}, True),
        ({"name": CALL_ID}, True),
        ({"name": "other", "assistantOverrides": {"metadata": None}}, False),
        ({}, False),
    ],
)
def test_it_recognises_our_call_when_the_id_survived_anywhere(call, expected):
    assert (CALL_ID in ListedCall.model_validate({"id": "x", **call}).marks) is expected


# The provider's clock


def test_it_reads_the_providers_clock_from_its_answers():
    provider = Provider(answer(200, {"id": "c"}, Date="Thu, 26 Mar 2026 12:00:00 GMT"))
    client = provider.client()
    assert client.provider_now() is None
    client.get_call("c")
    provider.now += 30
    assert client.provider_now() == NOON + timedelta(seconds=30)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Date": "soon"},
        {"Date": "Thu, 01 Jan 99999999999 00:00:00 GMT"},
        {"Date": "Fri, 31 Dec 9999 23:59:59 -2359"},
        {"Date": "Thu, 26 Mar 2026 12:00:00 GMT", "Age": "600"},
    ],
)
def test_it_does_not_know_the_providers_clock_when_no_fresh_answer_tells_it(headers):
    client = Provider(answer(200, {"id": "c"}, **headers)).client()
    client.get_call("c")
    assert client.provider_now() is None


def test_it_does_not_take_a_strangers_clock_for_the_providers():
    client = Provider(
        answer(302, None, Location="https://storage.example/a.wav"),
        answer(200, "RIFF", Date="Thu, 26 Mar 2026 12:00:00 GMT"),
    ).client()
    b"".join(client.open_recording("019d"))
    assert client.provider_now() is None


def test_it_keeps_of_a_listed_call_only_who_it_is():
    call = {"id": "c", "createdAt": NOON.isoformat(), "artifact": {"transcript": "x" * 1000}, "name": CALL_ID}
    (found,) = Provider(answer(200, [call])).client().list_calls(NOON)
    assert found.marks == {CALL_ID}
    assert "artifact" not in found.model_dump()


# An answer that never ends


@contextmanager
def trickling(head):
    """A provider that sends a byte of its answer every tenth of a second, for ten at most: its address, whom it met."""
    begun, over = [], threading.Event()

    def serve(listener):
        while not over.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            begun.append(peer)
            threading.Thread(target=trickle, args=(peer,), daemon=True).start()

    def trickle(peer):
        with peer, suppress(OSError):
            peer.recv(65536)
            peer.sendall(head)
            for _ in range(100):
                peer.sendall(b" ")
                if over.wait(0.1):
                    break

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", begun
        finally:
            over.set()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n["
HEADERS = b"HTTP/1.1 200 OK\r\nX-Odd:"


@pytest.mark.parametrize("head", [OK, HEADERS], ids=["body", "headers"])
@pytest.mark.parametrize(
    ("ask", "tries"),
    [
        (lambda client: client.list_calls(NOON), 1),
        (lambda client: client.get_call("c"), 3),
        (lambda client: client.create_assistant({}), 1),
    ],
    ids=["list", "call", "assistant"],
)
def test_it_gives_an_answer_up_that_trickles_without_end(monkeypatch, head, ask, tries):
    monkeypatch.setattr(connection, "ANSWER_LASTS_SECONDS", 0.5)
    with trickling(head) as (url, begun):
        client = VapiClient(url, "key")
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable):
            ask(client)
        client.close()
    assert len(begun) == tries
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("head", [OK, HEADERS], ids=["body", "headers"])
def test_it_does_not_know_when_the_answer_to_a_dial_trickles_without_end(monkeypatch, head):
    monkeypatch.setattr(connection, "ANSWER_LASTS_SECONDS", 0.5)
    with trickling(head) as (url, begun):
        client = VapiClient(url, "key")
        began = time.monotonic()
        found = client.create_call(REQUEST, leave=asks_the_database)
        client.close()
    assert isinstance(found, Unknown)
    assert len(begun) == 1
    assert time.monotonic() - began < 8


def test_it_waits_for_the_answer_to_a_dial_no_longer_than_it_may_take_after_the_deadline():
    with trickling(OK) as (url, _):
        client = VapiClient(url, "key", timeout_seconds=0.5)
        began = time.monotonic()
        found = client.create_call(REQUEST, leave=always, deadline_seconds=0.5)
        client.close()
    assert isinstance(found, Unknown)
    assert time.monotonic() - began < 8


def test_it_keeps_the_time_on_a_connection_that_was_opened_without_a_limit():
    with trickling(OK) as (url, _):
        network = make_punctual(httpx.Client())._transport._pool._network_backend
        stream = network.connect_tcp("127.0.0.1", httpx.URL(url).port)
        stream.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with over_within(0.3), pytest.raises(httpcore.ReadTimeout):
            list(iter(lambda: stream.read(1, 10), b""))
        stream.close()


def asks_the_database(_send):
    with over_within(5):  # as the supabase transport does, on the same thread
        return True


LONG = "9" * 5000


@pytest.mark.parametrize(
    "odd", ["1" * 25, LONG, f"-{LONG}", f"1.{LONG}", "1e400", "1e99999999999999999999", f"1e{LONG}"]
)
def test_it_reads_the_rest_when_a_number_is_absurdly_long(odd):
    body = f'{{"id": "c", "name": "{CALL_ID}", "metadata": {{"order": {odd}}}, "cost": {odd}, "createdAt": {odd}}}'
    assert dialed(answer(201, body))[0].provider_call_id == "c"
    assert Provider(answer(200, body)).client().get_call("c").id == "c"
    (found,) = Provider(answer(200, f"[{body}]")).client().list_calls(NOON)
    assert (found.marks, found.created_at) == ({CALL_ID}, None)


def test_it_reads_a_long_number_when_it_comes_in_pieces(monkeypatch):
    body = f'[{{"id": "c1", "n": {LONG}}}, {{"id": "c2", "createdAt": 1774526400}}]'.encode()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    monkeypatch.setattr(httpx.Response, "iter_bytes", lambda _self: iter(pieces))
    found = Provider(answer(200, "[]")).client().list_calls(NOON)
    assert [(call.id, call.created_at) for call in found] == [("c1", None), ("c2", NOON)]


def test_it_does_not_know_when_a_201_is_nested_without_end():
    assert isinstance(dialed(answer(201, "[" * 100_000))[0], Unknown)
