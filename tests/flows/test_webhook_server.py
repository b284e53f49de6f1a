"""What Vapi posts, over real sockets: applied before it is answered, and not lost while the database is away."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from rig.forking import running
from rig.product import Product
from rig.waiting import eventually
from tests.support.desk import Desk
from tests.support.web import configured, serving
from tests.support.webhooks import assert_unavailable, post, status_update


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        yield http


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


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
