"""From Start to finished calls: scheduler, webhook server and simulator as processes; counted at the simulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.books import differences, our_calls
from rig.forking import running
from rig.product import Product
from rig.waiting import eventually


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        yield product


def assert_books_agree(product: Product, connection) -> None:
    assert differences(our_calls(connection), product.books()["calls"]) == []


def test_it_calls_everybody_once_and_our_books_equal_the_providers(product: Product, connection) -> None:
    product.start_simulator(speed=100)
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(40)

    product.wait_for(campaign, "COMPLETED")

    books = product.books()
    assert set(Counter(call["number"] for call in books["calls"]).values()) == {1}
    assert len(books["calls"]) == 40
    assert books["peak_concurrency"] <= 8
    assert_books_agree(product, connection)


def test_it_ends_with_the_providers_truth_when_the_provider_behaves_badly(product: Product, connection) -> None:
    product.start_simulator(
        speed=100, seed=7, rate_429=0.1, rate_5xx_before=0.05, rate_5xx_after=0.05, rate_lost_answer=0.1,
        webhook_drop_rate=0.15, webhook_double_rate=0.15, webhook_reorder_rate=0.15, webhook_late_rate=0.1,
        early_webhook_rate=0.1,
    )  # fmt: skip
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(40)

    product.wait_for(campaign, "COMPLETED")

    books = product.books()
    assert set(Counter(call["number"] for call in books["calls"]).values()) == {1}
    assert books["peak_concurrency"] <= 8
    assert_books_agree(product, connection)


@pytest.mark.parametrize("over_limit", ["refuse_400", "accept_blocked", "refuse_429", "wait"])
def test_it_gives_contacts_back_when_the_account_has_fewer_lines(product: Product, connection, over_limit: str) -> None:
    product.start_simulator(speed=200, concurrency_limit=3, over_limit=over_limit)
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(12)

    product.wait_for(campaign, "COMPLETED")

    reached = [call for call in product.books()["calls"] if "concurrency-limit" not in (call["ended_reason"] or "")]
    assert set(Counter(call["number"] for call in reached).values()) == {1}
    assert len(reached) == 12


def test_it_pauses_with_a_reason_when_the_key_is_refused(product: Product) -> None:
    product.start_simulator()
    product.start_webhook_server()
    campaign = product.campaign(3)
    product.knobs(api_key="another-key")
    product.start_scheduler()

    product.wait_for(campaign, "PAUSED")

    assert "VAPI_API_KEY" in product.database.call("get_campaign", id=campaign)["status_reason"]
    eventually(lambda: product.database.call("get_campaign", id=campaign)["progress"]["waiting"] == 3, "all given back")


def test_it_goes_on_after_the_scheduler_was_killed(product: Product, connection) -> None:
    product.start_simulator(speed=50)
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(30)
    eventually(lambda: product.books()["active"] >= 4, "calls under way")

    product.kill("scheduler")
    product.start_scheduler("second")
    product.wait_for(campaign, "COMPLETED")

    assert set(Counter(call["number"] for call in product.books()["calls"]).values()) == {1}
    assert_books_agree(product, connection)


def test_it_finishes_its_dials_when_asked_to_stop(product: Product) -> None:
    product.start_simulator()
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(8)
    eventually(lambda: product.status(campaign) in ("DIALING", "RUNNING"), "the first call")
    scheduler = product.processes["scheduler"]

    scheduler.terminate()

    assert scheduler.wait(20) == 0
    assert product.database.call("get_health")["held_calls"] == 0
