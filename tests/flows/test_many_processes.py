"""Four schedulers and two webhook servers on one database: they share the work and never do a thing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.books import differences, our_calls
from rig.forking import running
from rig.ports import free_port
from rig.product import Product
from rig.waiting import eventually


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path, ORGANIZATION_CONCURRENCY_CAP="9") as product:
        yield product


def start_everything(product: Product) -> None:
    ports = [product.webhook_port, free_port()]
    for number, port in enumerate(ports):
        product.start_webhook_server(f"webhook-{number}", port)
    for number in range(4):
        address = f"http://127.0.0.1:{ports[number % 2]}"
        product.start_scheduler(f"scheduler-{number}", WEBHOOK_PUBLIC_URL=address)
    eventually(lambda: len(product.database.call("get_health")["processes"]) == 4, "a sign of life of every scheduler")


def test_it_shares_the_work_between_four_schedulers_and_two_webhook_servers(product: Product, connection) -> None:
    product.start_simulator(speed=40, rate_lost_answer=0.05, webhook_double_rate=0.2, webhook_drop_rate=0.05)
    start_everything(product)
    campaigns = [product.campaign(24, cap=5, first=0), product.campaign(24, cap=6, first=1000)]

    for campaign in campaigns:
        product.wait_for(campaign, "COMPLETED")

    books = product.books()
    assert set(Counter(books["dials_by_number"]).values()) == {1}
    assert len(books["dials_by_number"]) == 48
    assert books["peak_concurrency"] <= 9
    assert differences(our_calls(connection), books["calls"]) == []
    workers = connection.execute("select count(distinct claimed_by) from public.calls").fetchone()
    assert workers is not None
    assert workers[0] > 1


def test_it_obeys_a_click_from_any_process(product: Product) -> None:
    product.start_simulator(speed=1, call_seconds=[30, 40])
    start_everything(product)
    campaign = product.campaign(20, cap=4)
    eventually(lambda: product.books()["active"] == 4, "every line busy")
    eventually(lambda: product.database.call("get_campaign", id=campaign)["progress"]["held_calls"] == 0, "no doubt")

    product.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True)

    eventually(lambda: product.books()["active"] == 0, "every phone hung up", 25)
    found = product.database.call("get_campaign", id=campaign)
    assert (found["status"], found["progress"]["waiting"]) == ("CANCELED", 0)
    eventually(lambda: product.database.call("get_health")["active_calls"] == 0, "our books to agree")
    statuses = product.database.call("get_campaign", id=campaign)["progress"]["by_status"]
    assert statuses == {"CANCELED": 4}


def test_it_dials_nothing_new_while_paused_and_goes_on_when_resumed(product: Product) -> None:
    product.start_simulator(speed=20)
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(16, cap=4)
    eventually(lambda: product.books()["calls_total"] >= 4, "the first calls")

    product.database.call("pause_campaign", id=campaign, actor="Eva")
    eventually(lambda: product.database.call("get_health")["active_calls"] == 0, "the calls under way to finish")
    dialed = product.books()["calls_total"]
    product.kill("scheduler")
    product.start_scheduler("another")
    eventually(lambda: product.database.call("get_health")["processes"], "the other scheduler")
    assert product.books()["calls_total"] == dialed
    assert product.status(campaign) == "PAUSED"

    product.database.call("resume_campaign", id=campaign, actor="Eva")

    product.wait_for(campaign, "COMPLETED")
    assert set(product.books()["dials_by_number"].values()) == {1}
