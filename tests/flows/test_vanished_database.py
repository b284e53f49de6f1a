"""The database vanishes in the middle of the work - no reset, no answer - and comes back; real processes, a relay."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from autolynx.database import Database
from rig.books import differences, our_calls
from rig.forking import running
from rig.product import Product
from rig.relay import Relay
from rig.servers import Server
from rig.waiting import eventually
from tests.support.desk import Desk
from tests.support.web import problem
from tests.support.webhooks import PATH, assert_unavailable, status_update

HANG_SECONDS = 15


@pytest.fixture
def relay(server: Server) -> Iterator[Relay]:
    with Relay(server.port) as relay:
        yield relay


@pytest.fixture
def product(relay: Relay, database_url: str, tmp_path: Path) -> Iterator[Product]:
    """Every process reaches the database through the relay; the fixtures `database` and `connection` do not."""
    with running(relay.url(database_url), tmp_path) as product:
        yield product
        relay.thaw()


def said(product: Product, process: str, what: str) -> bool:
    return what in (product.home / f"{process}.log").read_text()


def test_it_answers_503_in_time_while_the_database_is_silent(
    product: Product, relay: Relay, database: Database
) -> None:
    order, provider_call_id = Desk(database).dialed()
    product.start_webhook_server()
    secret = {"X-Vapi-Secret": product.values["WEBHOOK_SHARED_SECRET"]}
    address = product.values["WEBHOOK_PUBLIC_URL"]
    with httpx.Client(base_url=address, timeout=60, headers=secret, limits=httpx.Limits(max_connections=60)) as web:

        def post(message: object) -> tuple[httpx.Response, float]:
            begun = time.monotonic()
            return web.post(PATH, json=message), time.monotonic() - begun

        assert post({"message": {"type": "speech-update"}})[0].status_code == 200
        relay.freeze()
        with ThreadPoolExecutor(41) as threads:  # more than the server has threads for
            waiting = [threads.submit(post, status_update(provider_call_id)) for _ in range(40)]
            begun = time.monotonic()
            eventually(lambda: web.get("/api/health").status_code == 503, "the answer from before to be forgotten")
            health = web.get("/api/health")
            assert time.monotonic() - begun < HANG_SECONDS
            answers = [future.result() for future in waiting]

        assert (health.status_code, health.json()["checks"]["database"]["status"]) == (503, "unhealthy")
        for answer, seconds in answers:
            assert_unavailable(answer)
            assert seconds < HANG_SECONDS
        relay.thaw()
        answer, _ = post(status_update(provider_call_id))

    assert answer.json()["result"] in ("applied", "duplicate")
    assert len(Desk(database).call(order)["events"]) == 1


def test_it_answers_503_to_who_still_waits_when_it_is_told_to_stop(
    product: Product, relay: Relay, database: Database
) -> None:
    _, provider_call_id = Desk(database).dialed()
    product.start_webhook_server()
    server = product.processes["webhook"]
    address = product.values["WEBHOOK_PUBLIC_URL"]
    headers = {
        "X-Vapi-Secret": product.values["WEBHOOK_SHARED_SECRET"],
        "Authorization": f"Bearer {product.values['API_TOKEN']}",
    }
    with httpx.Client(base_url=address, timeout=60, headers=headers) as web:
        assert web.get("/api/campaigns").status_code == 200
        # so that its connection stands, too, and it waits for an answer instead of for a connection
        assert web.post(PATH, json={"message": {"type": "speech-update"}}).status_code == 200
        relay.freeze()
        with ThreadPoolExecutor(2) as threads:
            told = threads.submit(web.post, PATH, json=status_update(provider_call_id))
            asked = threads.submit(web.get, "/api/campaigns")
            time.sleep(1.5)
            server.terminate()

            for answer in (told.result(), asked.result()):
                assert answer.status_code == 503
                assert answer.headers["retry-after"]
                assert problem(answer)["message"] == "The server is stopping; please try again."

    assert server.wait(HANG_SECONDS) == 0


@pytest.mark.parametrize("comes_back", ["with its connections", "without them"])
def test_it_goes_on_when_the_database_comes_back_in_the_middle_of_a_campaign(
    product: Product, relay: Relay, connection, comes_back: str
) -> None:
    product.start_simulator(speed=30)
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(24, cap=6)
    eventually(lambda: len(product.books()["calls"]) >= 8 and product.books()["active"] >= 3, "calls under way")

    relay.freeze()
    eventually(lambda: said(product, "scheduler", "tick_put_off"), "the scheduler's patience is over")
    eventually(lambda: said(product, "webhook", "event_not_recorded"), "the webhook server's patience is over")
    if comes_back == "without them":
        relay.drop()
    relay.thaw()
    product.wait_for(campaign, "COMPLETED")

    books = product.books()
    assert set(Counter(books["dials_by_number"]).values()) == {1}
    assert len(books["dials_by_number"]) == 24
    assert books["peak_concurrency"] <= 6
    assert differences(our_calls(connection), books["calls"]) == []
