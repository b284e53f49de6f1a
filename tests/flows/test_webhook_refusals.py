"""What the webhook server refuses or keeps though it is odd - and never a 500 for a stranger."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.web import PROOF, SECRET, configured, problem, serving
from tests.support.webhooks import MESSAGE, PATH, hmac_headers, post

TEN_MB = 10 * 1024**2


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        yield http


NO_OBJECTS: dict[str, bytes] = {
    "empty": b"",
    "text": b"hello",
    "list": b"[]",
    "number": b"1",
    "null": b"null",
    "cut off": b'{"message": ',
    "not utf-8": b'{"message": "\xff"}',
    "nested lists": b"[" * 200_000,
    "nested objects": b'{"message":' * 200_000,
    "deep, and no object": b"[" * 200_000 + b"]" * 200_000,
    "utf-16": '{"message": "\ud7ff'.encode("utf-16"),
}


@pytest.mark.parametrize("body", NO_OBJECTS.values(), ids=NO_OBJECTS)
def test_it_answers_400_when_the_body_is_no_json_object(web, body) -> None:
    answer = web.post(PATH, content=body, headers=PROOF)

    assert answer.status_code == 400
    assert problem(answer)["code"] == "invalid_input"


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": {"type": "status-update", "call": {"id": "x"}, "cost": NaN, "n": -Infinity}}',
        b'{"message": {"type": "end-of-call-report", "call": {"id": "\\u0000\\ud800"}, "cost": 1e400}}',
        b'{"message": {"type": "\\u0000"}}',
        b'{"message": {"type": "' + b"x" * 100_000 + b'"}}',
        b'{"message": {"type": "status-update", "status": 7, "call": []}}',
        b'{"message": ' + b"9" * 10_000 + b"}",
        b'{"message": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"message": {"type": "end-of-call-report", "call": {"id": "x"}, "cost": ' + b"9" * 200_000 + b"}}",
    ],
)
def test_it_keeps_what_is_odd(web, body) -> None:
    assert web.post(PATH, content=body, headers=PROOF).status_code == 200


def test_it_reads_the_body_as_it_is_when_an_encoding_is_claimed(web) -> None:
    for encoding in ("gzip", "br", "made-up", "gzip, gzip, gzip"):
        answer = web.post(PATH, content=MESSAGE, headers=PROOF | {"Content-Encoding": encoding})
        assert answer.json() == {"result": "unused"}


def pieces(size: int) -> Iterator[bytes]:
    """A body of unknown length, in pieces."""
    for _ in range(size // 65536 + 1):
        yield b"x" * 65536


@pytest.mark.parametrize("headers_of_now", [lambda: PROOF, lambda: hmac_headers("0" * 64)], ids=["proven", "wrongly"])
@pytest.mark.parametrize("is_announced", [True, False])
def test_it_answers_413_when_the_body_is_over_ten_mb(
    web, headers_of_now: Callable[[], dict[str, str]], is_announced: bool
) -> None:
    headers = headers_of_now()
    content = b"x" * (TEN_MB + 1) if is_announced else pieces(TEN_MB)

    answer = web.post(PATH, content=content, headers=headers)

    assert answer.status_code == 413
    assert problem(answer)["code"] == "too_large"


def test_it_takes_a_message_of_ten_mb(web) -> None:
    padding = "x" * (TEN_MB - 100)

    answer = post(web, {"message": {"type": "speech-update", "padding": padding}})

    assert answer.json() == {"result": "unused"}


def test_it_reads_no_stranger_to_the_end(web) -> None:
    """The refusal is on its way before the body is."""
    address = (web.base_url.host, web.base_url.port)
    with socket.create_connection(address, timeout=60) as caller:
        caller.sendall(b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert caller.recv(100).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_answers_405_when_the_method_is_not_post(web, method) -> None:
    answer = web.request(method, PATH)

    assert (answer.status_code, problem(answer)["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


PATHS = (
    PATH, "/", "/api", "/api/", "/api/campaigns", "/api/campaigns/%00/start", "/api/campaigns/%ff/export.csv",
    "/api/assistants/import", "/api/scheduler/tick", "/api/health", "/metrics", "/docs", "/openapi.json",
    "/%2e%2e/x",
    "/api/campaigns?page=%00&limit=" + "9" * 500,
)  # fmt: skip
BODIES = (
    b"",
    b"\xff\x00",
    b"[" * 50_000,
    b'{"name": NaN}',
    b"--x\r\nContent-Disposition: form-data",
    b"%" * 9999,
)
KINDS = (
    b"application/json", b"application/json; charset=made-up", b"multipart/form-data", b"\xff\xff",
    b"multipart/form-data; boundary=" + b"x" * 300, b"application/x-www-form-urlencoded; charset=utf-7",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_it_never_answers_500_to_a_stranger(web, path) -> None:
    headers = {"Content-Encoding": "made-up", "Accept": b"\xff", "Authorization": b"Bearer \xff"}
    for method in ("GET", "POST", "PATCH", "DELETE", "HEAD", "TRACE", "MADEUP"):
        for body, kind in zip(BODIES, KINDS, strict=True):
            answer = web.request(method, path, content=body, headers=headers | {"Content-Type": kind})
            assert answer.status_code < 500, (method, path, body, kind)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: made-up\r\n\r\n",
        b"POST /webhooks/vapi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST \xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /webhooks/vapi HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET http://[ HTTP/1.1\r\nHost: [\r\n\r\n",
    ],
)
def test_it_survives_what_is_no_http(web, request_bytes) -> None:
    address = (web.base_url.host, web.base_url.port)
    with socket.create_connection(address, timeout=60) as caller:
        caller.sendall(request_bytes)
        caller.shutdown(socket.SHUT_WR)
        answer = caller.recv(100)

    assert not answer.startswith(b"HTTP/1.1 5")
    assert web.post(PATH, content=MESSAGE, headers=PROOF).status_code == 200


def test_it_goes_on_when_senders_leave_in_the_middle(web) -> None:
    address = (web.base_url.host, web.base_url.port)
    for _ in range(20):
        with socket.create_connection(address, timeout=60) as caller:
            head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Vapi-Secret: {SECRET}\r\nContent-Length: 100\r\n\r\n"
            caller.sendall(head.encode() + b'{"message"')

    assert web.post(PATH, content=MESSAGE, headers=PROOF).status_code == 200
