"""The desk's server over real sockets: who gets in, what is streamed, what browsers are told."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as open_socket

from autolynx import access
from autolynx.campaigns import lifecycle
from autolynx.campaigns.listing import get_campaign
from rig.actors import EVA, TESTER
from rig.forking import running
from rig.ports import free_port
from rig.product import Product
from tests.support import cheap_passwords
from tests.support.run import temporary_folder
from tests.support.visitors import who

PASSWORD = "correct horse"
PAGES = ("/", "/campaigns", "/new_campaign", "/assistants", "/campaign?id=5")
PAGE = {"Accept": "text/html"}


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    with temporary_folder() as home, running(database_url, home, APP_PORT=str(free_port())) as product:
        product.folder = home
        yield product


@pytest.fixture
def desk(product: Product) -> Iterator[httpx.Client]:
    """The server, started far from the repository; the client follows no redirect and keeps cookies."""
    with httpx.Client(base_url=product.start_pages(cheap_passwords.PAGES), timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def costly_desk(product: Product) -> Iterator[httpx.Client]:
    """The same, where a password costs what it costs in the product."""
    with httpx.Client(base_url=product.start_pages(), timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def eva(product: Product) -> access.User:
    with cheap_passwords.cheaply():
        return access.add_user(
            product.database, email="eva@example.com", name="Eva", role="manager", password=PASSWORD, actor=TESTER
        )


def sign_in(desk: httpx.Client, password: str = PASSWORD, **others: str) -> httpx.Response:
    return desk.post("/sign-in", data={"email": "eva@example.com", "password": password, **others})


def post(desk: httpx.Client, email: str, password: str, headers: dict[str, str]) -> httpx.Response:
    return desk.post("/sign-in", data={"email": email, "password": password}, headers=headers)


def socket_status(desk: httpx.Client, **headers: str) -> int:
    """What a browser's live connection is answered with: 101 is let in."""
    cookie = "; ".join(f"{name}={value}" for name, value in desk.cookies.items())
    port = desk.base_url.port
    try:
        with open_socket(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            additional_headers={"Cookie": cookie, **headers},
            proxy=None,
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_it_is_open_to_this_machine_when_nobody_has_an_account(desk: httpx.Client) -> None:
    assert {desk.get(page, headers=PAGE).status_code for page in PAGES} == {200}
    assert socket_status(desk) == 101


def test_it_says_how_to_open_it_when_a_stranger_comes(desk: httpx.Client) -> None:
    for header in (
        {"Host": "desk.example"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
    ):
        answer = desk.get("/", headers=PAGE | header)
        assert answer.status_code == 403
        assert "<code>python -m autolynx user add</code>" in answer.text


def test_it_refuses_the_live_connection_when_a_stranger_comes(desk: httpx.Client) -> None:
    assert socket_status(desk, **{"X-Forwarded-For": "127.0.0.1"}) == 403


def test_it_asks_to_sign_in_when_a_user_exists(desk: httpx.Client, eva: access.User) -> None:
    for page in PAGES:
        answer = desk.get(page, headers=PAGE)
        assert answer.status_code == 303
        assert httpx.URL(answer.headers["location"]).params["next"] == page
    assert socket_status(desk) == 403


def test_it_gives_nothing_away_when_nobody_is_signed_in(desk: httpx.Client, eva: access.User) -> None:
    for path in (
        "/_stcore/metrics",
        "/media/x.wav",
        "/export/1.csv",
        "/recordings/1",
        "/_stcore/host-config",
    ):
        assert desk.get(path).status_code == 401


def test_it_leads_back_to_the_page_when_somebody_signs_in(desk: httpx.Client, eva: access.User) -> None:
    form = desk.get("/sign-in?next=%2Fcampaign%3Fid%3D5")
    assert 'value="/campaign?id=5"' in form.text
    answer = sign_in(desk, next="/campaign?id=5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/campaign?id=5")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert desk.get("/campaign?id=5", headers=PAGE).status_code == 200
    assert socket_status(desk) == 101


def test_it_ends_the_session_when_somebody_signs_out(desk: httpx.Client, eva: access.User, product) -> None:
    sign_in(desk)
    token = desk.cookies["autolynx_session"]
    answer = desk.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert who(product.database, token) is None
    assert desk.get("/", headers=PAGE).status_code == 303


def test_it_keeps_the_session_when_a_link_leads_to_sign_out(desk: httpx.Client, eva: access.User, product) -> None:
    assert desk.get("/sign-out", headers=PAGE).headers["location"].startswith("/sign-in")
    sign_in(desk)
    token = desk.cookies["autolynx_session"]
    answer = desk.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert '<form method="post" action="/sign-out">' in answer.text
    assert "set-cookie" not in answer.headers
    assert who(product.database, token) == eva


@pytest.mark.parametrize(
    "page", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}]
)
def test_it_signs_nobody_out_when_another_page_asks_for_it(desk: httpx.Client, eva, product, page) -> None:
    sign_in(desk)
    assert desk.post("/sign-out", headers=page).status_code == 403
    assert who(product.database, desk.cookies["autolynx_session"]) == eva


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:1", "http://127.0.0.1:1", "null", "https://", "http://[::1"]
)
def test_it_refuses_the_live_connection_when_another_page_opens_it(desk: httpx.Client, eva, origin: str) -> None:
    sign_in(desk)
    assert socket_status(desk, Origin=origin) == 403
    assert socket_status(desk, Origin=f"http://127.0.0.1:{desk.base_url.port}") == 101


def test_it_refuses_another_page_when_nobody_has_an_account_either(desk: httpx.Client) -> None:
    assert socket_status(desk, Origin="http://localhost:1") == 403
    assert desk.put("/_stcore/upload_file/x/y", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert socket_status(desk, Origin=f"http://127.0.0.1:{desk.base_url.port}") == 101


def test_it_knows_its_page_by_the_origin_of_the_session_when_a_proxy_hides_the_host(desk: httpx.Client, eva) -> None:
    page = {"Origin": "https://desk.example", "Sec-Fetch-Site": "same-origin"}
    answer = desk.post("/sign-in", data={"email": eva.email, "password": PASSWORD}, headers=page)
    assert "secure" in answer.headers["set-cookie"].lower()
    desk.cookies.clear()  # a secure one, which this client would not send over http
    desk.cookies.set("autolynx_session", answer.headers["set-cookie"].partition("=")[2].partition(";")[0])
    assert socket_status(desk, Origin="https://desk.example") == 101
    assert socket_status(desk, Origin="https://evil.example") == 403
    assert socket_status(desk, **{"Origin": "https://x.example", "X-Forwarded-Host": "x.example"}) == 101
    assert '"desk.example"' in desk.get("/", headers=PAGE).text


def test_it_refuses_when_the_password_is_wrong(desk: httpx.Client, eva: access.User) -> None:
    answer = sign_in(desk, "wrong horse")
    assert answer.status_code == 401
    assert "The e-mail address or the password is wrong." in answer.text
    assert "set-cookie" not in answer.headers
    for _ in range(9):
        sign_in(desk, "wrong horse")
    assert sign_in(desk).status_code == 429


def test_it_locks_an_address_only_where_it_failed(desk: httpx.Client, eva: access.User) -> None:
    """The proxy on this machine says where each comes from; of a stranger that is believed of none."""
    there, home = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "10.0.0.1, 198.51.100.7"}
    for address in ["eva@example.com", " EVA@Example.com ", "Eva@example.com"] * 3 + ["eva@example.com"]:
        assert post(desk, address, "wrong horse", there).status_code == 401
    refused = post(desk, "eva@example.com", PASSWORD, there)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert post(desk, "\u0130eva@example.com", PASSWORD, there).status_code == 401
    assert post(desk, "EVA@example.com", PASSWORD, there).status_code == 429
    assert post(desk, "eva@example.com", PASSWORD, home).status_code == 303


def test_it_logs_and_audits_failed_sign_ins_without_what_was_typed(desk, eva, product, connection) -> None:
    for number in range(12):
        post(desk, "eva@example.com", f"wrong horse {number}", {"X-Forwarded-For": "2001:db8::7"})
    post(desk, "nobody@example.com", "wrong horse", {"X-Forwarded-For": "2001:db8::8"})
    log = (product.home / "app.log").read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    failed = [line for line in lines if line["event"] == "sign_in_failed"]
    assert [line["user_id"] for line in failed] == [str(eva.id)] * 10 + [None]
    assert {line["source"] for line in failed} == {"2001:db8::/64"}
    assert [line["is_locked_now"] for line in failed] == [False] * 9 + [True, False]
    assert next(line["count"] for line in lines if line["event"] == "sign_ins_turned_away") == 1
    assert "wrong horse" not in log
    assert "eva@example.com" not in log
    audited = connection.execute(
        "select action, subject_id, details->>'source' from audit_log where action like 'sign_in.%' order by id"
    ).fetchall()
    assert audited == [
        ("sign_in.failed", str(eva.id), "2001:db8::/64"),
        ("sign_in.locked", str(eva.id), "2001:db8::/64"),
        ("sign_in.failed", None, "2001:db8::/64"),
    ]


def test_it_lets_people_in_where_others_have_failed(desk: httpx.Client, eva: access.User, product: Product) -> None:
    """As behind a proxy that tells nobody's address."""
    statuses = [post(desk, f"{number}@example.com", "wrong horse", {}).status_code for number in range(30)]
    assert statuses == [401] * 30
    assert post(desk, "29@example.com", "wrong horse", {}).status_code == 429
    assert post(desk, "another@example.com", "wrong horse", {}).status_code == 401
    assert sign_in(desk).status_code == 303
    log = (product.home / "app.log").read_text()
    assert log.count("sign_ins_wait_for_each_other") == 1


def test_it_lets_those_who_are_in_pass_a_crowd_of_sign_ins(costly_desk: httpx.Client, eva: access.User) -> None:
    desk = costly_desk
    sign_in(desk)
    with ThreadPoolExecutor(45) as strangers, httpx.Client(base_url=desk.base_url, timeout=60, trust_env=False) as door:
        trying = [strangers.submit(post, door, f"{n}@example.com", "wrong horse", {}) for n in range(45)]
        wait([*trying], return_when=FIRST_COMPLETED)
        assert desk.get("/campaigns", headers=PAGE).status_code == 200
        assert socket_status(desk) == 101
        answered = [attempt.result() for attempt in trying]
    busy = [answer for answer in answered if answer.status_code == 429]
    assert {answer.status_code for answer in answered} == {401, 429}
    assert len(busy) >= 20  # one password is checked at a time, and eight wait
    assert {answer.headers["retry-after"] for answer in busy} == {"5"}


def test_it_keeps_those_who_are_in_out_of_the_strangers_line(desk: httpx.Client, eva: access.User) -> None:
    sign_in(desk)
    with ThreadPoolExecutor(100) as many, httpx.Client(base_url=desk.base_url, timeout=60, trust_env=False) as door:
        asking = [many.submit(door.get, "/campaigns", headers=PAGE) for _ in range(300)]
        wait(asking, return_when=FIRST_COMPLETED)
        pages = [desk.get("/campaigns", headers=PAGE).status_code for _ in range(20)]
        are_waiting = sum(not one.done() for one in asking)
        assert pages == [200] * 20
        assert are_waiting > 0  # three hundred at forty a second, after eighty at once
        assert {one.result().status_code for one in asking} == {303}


def test_it_takes_no_form_that_never_ends(desk: httpx.Client) -> None:
    with socket.create_connection(("127.0.0.1", desk.base_url.port), timeout=60) as slow:
        head = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        slow.sendall(f"{head}Content-Length: 100\r\n\r\nemail=".encode())
        assert slow.recv(64).startswith(b"HTTP/1.1 408")
    form = {"email": "eva@example.com", "password": "x" * 9000}
    assert desk.post("/sign-in", data=form).status_code == 413


def test_it_stays_on_this_site_when_next_leads_elsewhere(desk: httpx.Client, eva: access.User) -> None:
    for wanted in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-out",
    ):
        assert sign_in(desk, next=wanted).headers["location"] == "/"


def test_it_refuses_a_form_when_another_site_sends_it(desk: httpx.Client, eva: access.User) -> None:
    answer = desk.post(
        "/sign-in",
        data={"email": "eva@example.com", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_it_escapes_what_was_typed_when_it_shows_the_form_again(desk: httpx.Client, eva) -> None:
    answer = desk.post("/sign-in", data={"email": '"><script>x</script>', "password": "x", "next": '/"><b>'})
    assert "<script>x" not in answer.text
    assert '"><b>' not in answer.text


def test_it_hardens_every_answer_when_it_is_asked_anything(desk: httpx.Client) -> None:
    for path in ("/", "/_stcore/health", "/nowhere", "/static/nowhere.js"):
        headers = desk.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_it_names_the_desk_and_its_server_when_the_page_is_sent(desk: httpx.Client) -> None:
    page = desk.get("/campaign?id=5", headers=PAGE | {"Accept-Encoding": "gzip"})
    assert "<title>AutoLynx</title>" in page.text
    assert "window.__streamlit={BACKEND_BASE_URL:" in page.text
    assert int(page.headers["content-length"]) == len(page.content)


def test_it_streams_the_results_when_the_export_is_asked_for(desk: httpx.Client, product: Product, connection) -> None:
    campaign = a_campaign(product, connection)
    answer = desk.get(f"/export/{campaign.id}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="spring-offer.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["name"] for row in rows] == ["Ana", "Bo"]
    assert desk.get("/export/5.csv").status_code == 404


def test_it_says_so_when_there_is_no_recording(desk: httpx.Client, product: Product, connection) -> None:
    campaign = a_campaign(product, connection)
    lifecycle.start_campaign(product.database, campaign.id, actor=TESTER)
    (order, *_) = product.database.call("claim_calls", worker="test", limit=1)["orders"]
    answer = desk.get(f"/recordings/{order['call_id']}")
    assert (answer.status_code, answer.text) == (404, "There is no recording of this call.")
    assert desk.get("/recordings/5").status_code == 404


def test_it_waits_in_a_sentence_when_the_database_is_away(product: Product, database_url: str) -> None:
    product.values["DATABASE_URL"] = "postgresql://127.0.0.1:1/nowhere"
    answer = httpx.get(product.start_pages(), headers=PAGE, trust_env=False)
    assert answer.status_code == 503
    assert "The database cannot be reached" in answer.text
    assert answer.headers["refresh"] == "5"


def test_it_ends_when_told_to_with_a_browser_connected(desk: httpx.Client, product: Product) -> None:
    with open_socket(f"ws://127.0.0.1:{desk.base_url.port}/_stcore/stream", proxy=None):
        process = product.processes.pop("app")
        os.kill(process.pid, signal.SIGTERM)
        process.wait(60)


def test_it_refuses_to_start_when_a_setting_is_wrong(product: Product) -> None:
    process = product.start("app", "-m", "autolynx.ui.serving.server", MAX_UPLOAD_MB="lots")
    assert process.wait(60) == 2
    log = Path(product.home / "app.log").read_text()
    assert log == "MAX_UPLOAD_MB is 'lots'; accepted is a whole number from 1 to 200.\n"


def a_campaign(product: Product, connection) -> lifecycle.Campaign:
    """Two contacts, stored past the provider: no simulator runs here."""
    assistant = product.database.call(
        "save_assistant", name="Voice", source="local", provider_assistant_id="a1", config={}, actor="test"
    )
    created = product.database.call(
        "create_campaign",
        new={
            "name": "Spring offer",
            "mode": "continuous",
            "cap": 2,
            "assistant_id": assistant["id"],
            "phone_number_id": "line",
        },
        list={
            "contacts": [
                {"name": "Ana", "business_name": "Acme", "phone": "+14155550123"},
                {"name": "Bo", "business_name": "Bolt", "phone": "+14155550124"},
            ]
        },
        actor="test",
    )
    return get_campaign(product.database, created["id"], actor=EVA)
