"""Who may post a message: whoever proves to know the secret, in whichever of the ways that Vapi offers."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from autolynx.vapi.signature import sign
from tests.support.web import BEARER, SECRET, configured, problem, serving
from tests.support.webhooks import MESSAGE, PATH, hmac_headers, signature


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        yield http


def proofs() -> dict[str, dict[str, Any]]:
    now = time.time()
    in_base64 = signature(now, lambda digest: base64.b64encode(digest).decode())
    return {
        "secret": {"X-Vapi-Secret": SECRET},
        "bearer": {"Authorization": f"Bearer {SECRET}"},
        "x-vapi-signature": hmac_headers(signature(now), at=now),
        "x-signature": hmac_headers(signature(now), "x-signature", at=now),
        "prefix": hmac_headers("sha256=" + signature(now), at=now),
        "base64": hmac_headers(in_base64, at=now),
        "milliseconds": sign_with_milliseconds(now),
        "exported": sign(MESSAGE, SECRET, now=now),
    }


def sign_with_milliseconds(now: float) -> dict[str, str]:
    at = int(now * 1000)
    return {"X-Timestamp": str(at), "X-Signature": signature(at)}


def test_it_lets_in_whoever_proves_to_know_the_secret(web) -> None:
    answers = {how: web.post(PATH, content=MESSAGE, headers=given).status_code for how, given in proofs().items()}

    assert answers == dict.fromkeys(proofs(), 200)


#: made when they are sent: a timestamp is good for five minutes
STRANGERS: dict[str, Callable[[], dict[str, Any]]] = {
    "nothing": lambda: {},
    "wrong secret": lambda: {"X-Vapi-Secret": "wrong"},
    "empty secret": lambda: {"X-Vapi-Secret": ""},
    "secret not ascii": lambda: {"X-Vapi-Secret": b"\xff\xfe\x80"},
    "wrong bearer": lambda: {"Authorization": "Bearer wrong"},
    "api token": lambda: BEARER,
    "no scheme": lambda: {"Authorization": SECRET},
    "bearer not ascii": lambda: {"Authorization": b"Bearer \xc3\xbc\xff"},
    "garbage": lambda: hmac_headers("garbage"),
    "wrong base64": lambda: hmac_headers("v1,A"),
    "not utf-8": lambda: hmac_headers(b"\xff\xfe"),
    "not ascii": lambda: hmac_headers("grün".encode()),
    "old": lambda: hmac_headers(signature(time.time() - 3600), at=time.time() - 3600),
    "no timestamp": lambda: {"X-Vapi-Signature": signature(time.time())},
    "timestamp not ascii": lambda: {"X-Timestamp": b"\xff", "X-Signature": "0" * 64},
    "long timestamp": lambda: {"X-Timestamp": "9" * 5000, "X-Signature": "0" * 64},
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_it_answers_401_when_nothing_is_proven(web, stranger: Callable[[], dict[str, Any]]) -> None:
    answer = web.post(PATH, content=MESSAGE, headers=stranger())

    assert answer.status_code == 401
    assert problem(answer)["code"] == "unauthorized"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_it_answers_401_when_a_signed_body_was_changed(web) -> None:
    answer = web.post(PATH, content=MESSAGE + b" ", headers=sign(MESSAGE, SECRET, now=time.time()))

    assert answer.status_code == 401


def test_it_answers_401_to_everybody_when_no_secret_is_configured(database_url) -> None:
    settings = configured(database_url, webhook_shared_secret=None, vapi_api_key="a key")
    with serving(settings) as web:
        answers = [web.post(PATH, content=MESSAGE, headers=given).status_code for given in proofs().values()]
        empty = web.post(PATH, content=MESSAGE, headers={"X-Vapi-Secret": "", "Authorization": "Bearer"})

    assert {*answers, empty.status_code} == {401}
