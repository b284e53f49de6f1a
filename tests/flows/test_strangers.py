"""Who has proven nothing holds no memory, no connection and nobody's time for long; raw sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import httpx
import pytest

from autolynx.api import gate
from autolynx.api.application import connected, create_app
from autolynx.http import bodies, listening
from autolynx.vapi.client import VapiClient
from autolynx.vapi.signature import sign
from rig.waiting import eventually
from tests.support.caller import HANG, Caller
from tests.support.web import PROOF, SECRET, TOKEN, configured, run, serving
from tests.support.webhooks import MESSAGE, PATH

MANY_HEADERS = "X-n: 1\r\n" * 5000
SHORT = 0.3  # seconds, where a test waits for the end of a patience


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        yield http


@pytest.fixture
def caller(web: httpx.Client) -> Iterator[Caller]:
    with Caller(web) as caller:
        yield caller


def as_if_signed(**others: str) -> dict[str, str]:
    """What nobody can tell from a true signature before the body has come."""
    return {"X-Timestamp": str(int(time.time())), "X-Vapi-Signature": "0" * 64} | others


# -- before the body ---------------------------------------------------------------------------------------

UNLIKELY: dict[str, dict[str, str]] = {
    "old": {"X-Timestamp": str(int(time.time()) - 3600)},
    "from the future": {"X-Timestamp": str(int(time.time()) + 3600)},
    "no time": {"X-Timestamp": "now"},
    "empty time": {"X-Timestamp": ""},
    "no signature": {"X-Vapi-Signature": "garbage"},
    "empty signature": {"X-Vapi-Signature": ""},
    "short signature": {"X-Vapi-Signature": "0" * 63},
    "long signature": {"X-Vapi-Signature": "sha256=" + "0" * 65},
}


@pytest.mark.parametrize("headers", UNLIKELY.values(), ids=UNLIKELY)
def test_it_reads_no_body_when_the_signature_can_be_none(caller: Caller, headers: dict[str, str]) -> None:
    caller.ask(as_if_signed(**headers) | {"Content-Length": "1000000"})

    assert caller.status() == 401


def test_it_reads_no_body_when_nobody_can_prove_anything(database_url: str) -> None:
    settings = configured(database_url, webhook_shared_secret=None, vapi_api_key="a key")
    with serving(settings) as web, Caller(web) as caller:
        caller.ask(as_if_signed() | {"Content-Length": "1000000"})

        assert caller.status() == 401


@pytest.mark.parametrize("path", [PATH, "/api/campaigns", "/api/health"])
@pytest.mark.parametrize("length", [b"x", b"", b"-1", b"1.5", b"0x10", b"\xff", "١".encode(), b"5, 6"])
def test_it_answers_400_when_the_length_is_no_number(database_url: str, path: str, length: bytes) -> None:
    """The application behind any server: ours refuses most of these itself."""
    settings = configured(database_url)
    client = VapiClient.from_settings(settings)
    headers = [(b"content-length", length), (b"x-vapi-secret", SECRET.encode())]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [*headers, (b"authorization", f"Bearer {TOKEN}".encode())], "app": None,
    }  # fmt: skip
    answered: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        answered.append(message)

    with connected(settings) as databases:
        run(create_app(settings, databases, client)(scope, receive, send))
    client.close()

    assert answered[0]["status"] == 400


def test_it_answers_413_when_the_length_is_a_number_of_any_size() -> None:
    assert bodies.announced_bytes([(b"content-length", b"9" * 5000)]) == 10**18
    assert bodies.announced_bytes([(b"content-length", b"0" * 5000 + b"7")]) == 7
    assert bodies.announced_bytes([]) == 0


# -- while the body comes ----------------------------------------------------------------------------------


def test_it_waits_for_a_body_only_for_a_while(web: httpx.Client, caller: Caller, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "UNPROVEN_SECONDS", SHORT)
    caller.ask(as_if_signed() | {"Content-Length": "1000000"})
    caller.send(b"x" * 1000)

    assert caller.status() == 408
    assert web.post(PATH, content=MESSAGE, headers=PROOF).status_code == 200


@pytest.mark.parametrize("headers", [{"X-Vapi-Secret": SECRET}, {"Authorization": f"Bearer {SECRET}"}])
def test_it_waits_for_a_known_sender_only_for_a_while(caller: Caller, monkeypatch, headers: dict[str, str]) -> None:
    monkeypatch.setattr(bodies, "PROVEN_SECONDS", SHORT)
    caller.ask(headers | {"Content-Length": "1000000"})

    assert caller.status() == 408


def test_it_waits_for_a_file_only_for_a_while(caller: Caller, monkeypatch) -> None:
    monkeypatch.setattr(gate, "PIECE_SECONDS", SHORT)
    kind = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "1000"}
    caller.ask({"Authorization": f"Bearer {TOKEN}"} | kind, path="/api/campaigns")
    caller.send("--x\r\n")

    assert caller.status() == 408


def assert_the_honest_are_heard(web: httpx.Client) -> None:
    signed = sign(MESSAGE, SECRET, now=time.time())
    for headers in (PROOF, signed):
        answer = web.post(PATH, content=MESSAGE, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"result": "unused"})


def test_it_holds_few_bytes_of_whom_nobody_knows(web: httpx.Client, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPROVEN_BYTES", 1024**2)
    with ExitStack() as stack:
        callers = [stack.enter_context(Caller(web)) for _ in range(20)]
        for caller in callers:
            caller.ask(as_if_signed() | {"Content-Length": "9000000"})
            caller.send(b"x" * 200_000)
        statuses = [caller.status() for caller in callers[:15]]
        assert_the_honest_are_heard(web)

    assert statuses == [503] * 15  # what was put aside first, and read no further


def test_it_tells_who_is_put_aside_to_send_again(caller: Caller, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPROVEN_BYTES", 10)
    caller.ask(as_if_signed() | {"Content-Length": "100"})
    caller.send(b"x" * 50)

    head = caller.head()

    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 5\r\n" in head


def test_it_reads_few_bodies_at_once_of_whom_nobody_knows(web: httpx.Client, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPROVEN", 8)
    with ExitStack() as stack:
        callers = [stack.enter_context(Caller(web)) for _ in range(24)]
        for caller in callers:
            caller.ask(as_if_signed() | {"Content-Length": "100"})
        assert_the_honest_are_heard(web)

        assert [caller.status() for caller in callers[:16]] == [503] * 16


# -- before there is a request, and after its answer -------------------------------------------------------

HALF = {
    "nothing": b"",
    "half a line": b"POST /webh",
    "half a head": b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\nX-Vapi-Se",
    "a head without its end": b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\n",
}


@pytest.fixture
def impatient(monkeypatch) -> None:
    for awaited in listening.PATIENCE_SECONDS:
        monkeypatch.setitem(listening.PATIENCE_SECONDS, awaited, SHORT)


@pytest.mark.parametrize("sent", HALF.values(), ids=HALF)
def test_it_drops_half_a_head(impatient, web: httpx.Client, sent: bytes) -> None:
    with Caller(web) as caller:
        caller.send(sent)

        eventually(lambda: caller.is_cut, HANG)


def test_it_drops_a_head_that_comes_a_byte_at_a_time(impatient, web: httpx.Client) -> None:
    with Caller(web) as caller:
        caller.send("POST /webhooks/vapi HTTP/1.1\r\nX: ")

        caller.trickles_until_cut(b"x")


def test_it_drops_a_second_head_that_comes_a_byte_at_a_time(impatient, web: httpx.Client) -> None:
    with Caller(web) as caller:
        caller.ask({}, "GET", "/metrics")
        assert caller.status() == 200

        caller.trickles_until_cut(b"G")


@pytest.mark.parametrize(
    "begun",
    [
        "GET / HTTP/1.1\r\nHost: x\r\nX: ",
        "GET /",
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["a header", "a path", "a chunk's head"],
)
def test_it_keeps_no_head_without_an_end(web: httpx.Client, begun: str) -> None:
    with Caller(web) as caller:
        caller.send(begun)
        with suppress(ConnectionError):
            for _ in range(100):
                caller.send(b"x" * 1000)

        eventually(lambda: caller.is_cut, 5)  # sooner than patience would end


@pytest.mark.parametrize(
    "head",
    [
        f"GET /{'x' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /api/health HTTP/1.1\r\nHost: x\r\nX: {'x' * 20_000}\r\n\r\n",
        f"GET /api/health HTTP/1.1\r\nHost: x\r\n{MANY_HEADERS}\r\n",
    ],
    ids=["an address", "a header", "many headers"],
)
def test_it_refuses_a_head_that_is_too_long_though_it_comes_whole(web: httpx.Client, head: str) -> None:
    with Caller(web) as caller:
        caller.send(head)

        assert caller.status() == 400


def test_it_believes_no_trailer(web: httpx.Client) -> None:
    with Caller(web) as caller:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        caller.send(f"{head}2\r\n{{}}\r\n0\r\nX-Vapi-Secret: {SECRET}\r\n\r\n")

        assert caller.status() == 401


def test_it_takes_a_secret_with_blanks_around_it(web: httpx.Client) -> None:
    """They are no part of a header's value (RFC 9110, 5.5)."""
    with Caller(web) as caller:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Vapi-Secret: \t {SECRET} \t \r\n"
        caller.send(f"{head}Content-Length: {len(MESSAGE)}\r\n\r\n".encode() + MESSAGE)

        assert caller.status() == 200


@pytest.mark.parametrize("hosts", ["", "Host: x\r\nHost: y\r\n"], ids=["none", "two"])
def test_it_answers_400_when_it_is_not_one_host_that_is_asked_for(web: httpx.Client, hosts: str) -> None:
    with Caller(web) as caller:
        caller.send(f"GET /metrics HTTP/1.1\r\n{hosts}\r\n")

        assert caller.status() == 400


def test_it_takes_few_requests_ahead_of_their_turn(web: httpx.Client) -> None:
    with Caller(web) as caller:
        caller.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)

        assert caller.status() == 400


def test_it_answers_one_after_the_other_what_was_sent_ahead(web: httpx.Client) -> None:
    with Caller(web) as caller:
        caller.send("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")

        assert caller.status() == 200


def test_it_throws_the_rest_of_a_refused_body_away_only_for_a_while(impatient, web: httpx.Client) -> None:
    with Caller(web) as caller:
        caller.ask({"Content-Length": "9000000"})
        assert caller.status() == 401

        caller.trickles_until_cut(b"x" * 1000)


def test_it_drops_who_does_not_read_his_answer(impatient, web: httpx.Client) -> None:
    with Caller(web, reads_little=True) as caller:
        for _ in range(200):  # more than any buffer between us takes
            with suppress(ConnectionError):
                caller.ask({}, "GET", "/openapi.json")

        with pytest.raises(ConnectionError):
            eventually(lambda: caller.ask({}, "GET", "/openapi.json"), HANG)


def test_it_keeps_a_connection_while_the_application_takes_its_time(web: httpx.Client, monkeypatch) -> None:
    """The patience is for the other side alone."""
    for awaited in listening.PATIENCE_SECONDS:
        monkeypatch.setitem(listening.PATIENCE_SECONDS, awaited, 0.001)
    with Caller(web) as caller:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Vapi-Secret: {SECRET}\r\nContent-Length: {len(MESSAGE)}\r\n\r\n"
        caller.send(head.encode() + MESSAGE)

        assert caller.status() == 200


def test_it_serves_the_next_though_hundreds_hold_connections(web: httpx.Client, monkeypatch) -> None:
    monkeypatch.setattr(listening, "MOST_CONNECTIONS", 16)
    with ExitStack() as stack:
        callers = [stack.enter_context(Caller(web)) for _ in range(100)]
        for caller in callers:
            with suppress(ConnectionError):
                caller.send("GET /")
        assert_the_honest_are_heard(web)

        eventually(lambda: sum(caller.is_cut for caller in callers) >= 84)
        assert not callers[-1].is_cut
