"""What Vapi posts, over real sockets: proven or not, stored or not - and never a 500 for a stranger."""

from __future__ import annotations

import base64
import hashlib
import hmac
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from autolynx.operations.probe import Probe
from autolynx.vapi.signature import sign
from rig.forking import running
from rig.product import Product
from rig.waiting import eventually
from tests.support.desk import Desk
from tests.support.web import BEARER, PROOF, SECRET, configured, problem, run, serving
from tests.support.webhooks import MESSAGE, PATH, assert_unavailable, post, status_update

TEN_MB = 10 * 1024**2


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        yield http


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


# -- what becomes of a message ---------------------------------------------------------------------------


def test_it_applies_a_message_before_it_answers(web, desk) -> None:
    order, provider_call_id = desk.dialed()

    answer = post(web, status_update(provider_call_id))

    assert (answer.status_code, answer.json()) == (200, {"result": "applied"})
    assert desk.call(order)["status"] == "RINGING"


def test_it_answers_a_duplicate_with_200_and_keeps_one_event(web, desk) -> None:
    order, provider_call_id = desk.dialed()
    post(web, status_update(provider_call_id))

    answer = post(web, status_update(provider_call_id))

    assert (answer.status_code, answer.json()) == (200, {"result": "duplicate"})
    assert len(desk.call(order)["events"]) == 1


@pytest.mark.parametrize(
    ("message", "result"),
    [
        (status_update("a call of nobody"), "unmatched"),
        ({"message": {"type": "speech-update"}}, "unused"),
        ({"message": "?"}, "unreadable"),
        ({}, "unreadable"),
    ],
)
def test_it_answers_200_when_it_can_keep_but_not_use_a_message(web, message, result) -> None:
    answer = post(web, message)

    assert (answer.status_code, answer.json()) == (200, {"result": result})


def test_it_stores_each_of_a_hundred_posts_at_once(web, desk) -> None:
    campaign = desk.campaign(100, cap=50)
    desk.database.call("set_organization_cap", cap=100)
    for _ in range(2):  # the campaign's cap is 50: end the first half, then dial the second
        for order in desk.claim(100):
            desk.begin(order)
            desk.confirm(order)
            desk.report(f"provider-{order['call_id']}")
    calls = [f"provider-{contact['call_id']}" for contact in desk.all_contacts(campaign)]

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda call: post(web, status_update(call, "in-progress")), calls))

    assert Counter((answer.status_code, answer.text) for answer in answers) == {(200, '{"result":"applied"}'): 100}
    assert post(web, status_update(calls[0], "in-progress")).json() == {"result": "duplicate"}


def test_it_applies_one_message_once_when_it_comes_a_hundred_times_at_once(web, desk) -> None:
    order, provider_call_id = desk.dialed()

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: post(web, status_update(provider_call_id)), range(100)))

    assert Counter(answer.json()["result"] for answer in answers) == {"applied": 1, "duplicate": 99}
    assert len(desk.call(order)["events"]) == 1


# -- who may speak ---------------------------------------------------------------------------------------


def hmac_headers(signature: str | bytes, name: str = "X-Vapi-Signature", at: float | None = None) -> dict[str, Any]:
    return {"X-Timestamp": str(int(at or time.time())), name: signature}


def signature(at: float, encode: Any = bytes.hex, body: bytes = MESSAGE) -> str:
    digest = hmac.new(SECRET.encode(), str(int(at)).encode() + b"." + body, hashlib.sha256).digest()
    encoded: str = encode(digest)
    return encoded


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


# -- what it refuses -------------------------------------------------------------------------------------

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


# -- a database that is away -----------------------------------------------------------------------------


def test_it_answers_503_when_the_database_is_away() -> None:
    with serving(configured("postgresql://somebody:password@127.0.0.1:1/nothing")) as web:
        assert_unavailable(post(web, status_update("x")))


def test_it_answers_503_when_the_schema_is_missing(server) -> None:
    with server.database(template="template1") as empty, serving(configured(empty)) as web:
        assert_unavailable(post(web, status_update("x")))
        assert web.get("/api/health").status_code == 503


def test_it_stores_the_repeated_message_once_when_the_database_is_back(web, desk, server, database_url) -> None:
    order, provider_call_id = desk.dialed()
    assert post(web, {"message": {"type": "speech-update"}}).status_code == 200
    name = database_url.rpartition("/")[2]
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false")
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        for _ in range(3):
            assert_unavailable(post(web, status_update(provider_call_id)))
        admin.execute(f"alter database {name} allow_connections true")

    results = [post(web, status_update(provider_call_id)) for _ in range(2)]

    assert [answer.json() for answer in results] == [{"result": "applied"}, {"result": "duplicate"}]
    assert len(desk.call(order)["events"]) == 1


# -- strangers everywhere --------------------------------------------------------------------------------

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


# -- health and metrics ----------------------------------------------------------------------------------


def test_it_is_healthy_though_provider_and_scheduler_are_away(web) -> None:
    answer = web.get("/api/health")

    report = answer.json()
    assert (answer.status_code, report["status"]) == (200, "healthy")
    assert {name: check["status"] for name, check in report["checks"].items()} == {
        "database": "healthy",
        "provider": "degraded",
        "scheduler": "degraded",
        "alarms": "healthy",
        "time_zones": "healthy",
    }


def test_it_says_how_long_ago_the_scheduler_was_alive(web, database) -> None:
    database.call("beat", name="s1", kind="scheduler")

    check = eventually(
        lambda: next(
            found for found in [web.get("/api/health").json()["checks"]["scheduler"]] if found["status"] == "healthy"
        )
    )

    assert check["seconds_since_heartbeat"] < 60


def raise_alarm(connection, subject: str = "a", code: str = "call_turned_up") -> None:
    connection.execute(
        "select internal.raise_alarm(%s, %s, 'A call that Vapi had not shown turned up.', now())", (code, subject)
    )


def test_it_names_open_alarms_but_nobody_and_stays_healthy(web, desk, connection) -> None:
    desk.campaign(1, name="Autumn")
    order = desk.claim(1)[0]
    raise_alarm(connection, order["call_id"])

    answer = web.get("/api/health")

    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
    check = answer.json()["checks"]["alarms"]
    assert (check["status"], check["total"]) == ("degraded", 1)
    assert [(alarm["code"], alarm["text"]) for alarm in check["open"]] == [
        ("call_turned_up", "A call that Vapi had not shown turned up.")
    ]
    assert not [private for private in (order["phone"], order["name"], "Autumn") if private in answer.text]


def test_it_names_the_newest_alarms_when_there_are_very_many(web, connection) -> None:
    for n in range(25):
        raise_alarm(connection, str(n))

    check = web.get("/api/health").json()["checks"]["alarms"]

    assert (check["total"], len(check["open"])) == (25, 20)


def test_it_counts_open_alarms_by_code(web, connection) -> None:
    assert "autolynx_open_alarms 0.0" in web.get("/metrics").text
    raise_alarm(connection, "a")
    raise_alarm(connection, "b")
    raise_alarm(connection, "provider", "clocks_differ")

    def lines() -> set[str] | None:
        found = set(web.get("/metrics").text.splitlines())
        return found if "autolynx_open_alarms 3.0" in found else None

    assert eventually(lines) >= {
        'autolynx_alarms{code="call_turned_up"} 2.0',
        'autolynx_alarms{code="clocks_differ"} 1.0',
    }


def test_it_is_unhealthy_when_the_database_is_away() -> None:
    with serving(configured("postgresql://somebody:password@127.0.0.1:1/nothing")) as web:
        answer = web.get("/api/health")

        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        assert "autolynx_database_up 0.0" in web.get("/metrics").text


def test_it_reveals_no_secret_in_its_health() -> None:
    settings = configured("postgresql://somebody:hidden@127.0.0.1:1/nothing", vapi_api_key="another-hidden")
    with serving(settings) as web:
        text = web.get("/api/health").text + web.get("/metrics").text

    for secret in ("hidden", "somebody", SECRET, "127.0.0.1"):
        assert secret not in text


def test_it_answers_in_bounded_time_when_a_check_hangs() -> None:
    goes_on = threading.Event()
    began: list[float] = []

    def check() -> dict[str, Any]:
        began.append(time.monotonic())
        goes_on.wait(60)
        return {"status": "healthy"}

    probe = Probe(check, fresh_seconds=60, patience_seconds=0.01)

    def answer() -> dict[str, Any] | None:
        return run(probe.answer())

    assert [answer() for _ in range(5)] == [None] * 5
    assert len(began) == 1  # one thread waits, not one a question
    goes_on.set()
    assert eventually(answer) == {"status": "healthy"}
    assert len(began) == 1


def test_it_counts_in_its_metrics(web, desk) -> None:
    _, provider_call_id = desk.dialed()
    post(web, status_update(provider_call_id))
    post(web, status_update(provider_call_id))
    post(web, status_update(provider_call_id), headers={})

    def lines() -> set[str] | None:
        found = set(web.get("/metrics").text.splitlines())
        return found if "autolynx_active_calls 1.0" in found else None

    assert eventually(lines) >= {
        'autolynx_webhook_requests_total{result="applied"} 1.0',
        'autolynx_webhook_requests_total{result="duplicate"} 1.0',
        'autolynx_webhook_requests_total{result="unproven"} 1.0',
        "autolynx_webhook_seconds_count 3.0",
        "autolynx_database_up 1.0",
        "autolynx_campaigns_dialing 1.0",
    }


@pytest.mark.parametrize("given", [{}, BEARER, PROOF, {"Authorization": "Bearer"}, {"Authorization": "metrics"}])
def test_it_shows_no_figures_when_a_token_is_set_and_not_sent(database_url, given) -> None:
    with serving(configured(database_url, metrics_token="a-token-for-metrics")) as web:
        answer = web.get("/metrics", headers=given)
        heard = web.get("/metrics", headers={"Authorization": "Bearer a-token-for-metrics"})

    assert (answer.status_code, problem(answer)["code"]) == (401, "unauthorized")
    assert "METRICS_TOKEN" in problem(answer)["message"]
    assert (heard.status_code, "autolynx_database_up 1.0" in heard.text) == (200, True)


def test_it_shows_figures_to_everybody_when_no_token_is_set(web) -> None:
    assert web.get("/metrics").status_code == 200


def test_it_shows_every_route_with_a_summary_on_its_page(web) -> None:
    assert web.get("/docs").status_code == 200
    routes = web.get("/openapi.json").json()["paths"]

    assert all(operation.get("description") for methods in routes.values() for operation in methods.values())
    assert {"/webhooks/vapi", "/api/campaigns", "/api/scheduler/tick", "/api/health", "/metrics"} <= set(routes)


# -- the process -----------------------------------------------------------------------------------------


@pytest.fixture
def product(database_url: str, tmp_path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        yield product


def test_it_stops_with_0_when_it_is_told_to(product: Product) -> None:
    product.start_webhook_server()
    process = product.processes["webhook"]

    process.send_signal(signal.SIGTERM)

    assert process.wait(60) == 0


def test_it_does_not_start_when_a_setting_is_wrong(product: Product) -> None:
    process = product.start("webhook", "webhook_server.py", WEBHOOK_PORT="eighty")

    assert process.wait(60) == 1
    said = (product.home / "webhook.log").read_text().strip().splitlines()
    assert len(said) == 1
    assert "WEBHOOK_PORT" in said[0]


def test_it_warns_at_its_start_when_no_secret_is_configured(product: Product) -> None:
    product.start("webhook", "webhook_server.py", WEBHOOK_SHARED_SECRET="", VAPI_API_KEY="x", API_TOKEN="")

    said = eventually(lambda: (product.home / "webhook.log").read_text(), "the warning")

    assert "WEBHOOK_SHARED_SECRET" in said


def test_it_is_healthy_between_two_ticks_of_a_cron_that_comes_once_a_minute(web, database, connection) -> None:
    database.call("beat", name="tick:a", kind="scheduler", details={"beats_every_seconds": 60})
    connection.execute("update public.heartbeats set seen_at = now() - interval '100 seconds'")

    def told() -> tuple[str, bool]:
        check = web.get("/api/health").json()["checks"]["scheduler"]
        return check["status"], "autolynx_scheduler_alive 1.0" in web.get("/metrics").text

    assert eventually(lambda: told() == ("healthy", True))
