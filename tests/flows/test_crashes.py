"""A scheduler dies at every step of the tick, with every kind of answer under way: each contact is phoned once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.books import differences, our_calls
from rig.forking import running
from rig.product import Product
from rig.waiting import eventually

ANSWERS = {
    "prompt": {},
    "lost": {"rate_lost_answer": 0.4},
    "late": {"late_answer_rate": 0.5, "late_answer_seconds": 2},
    "5xx, created": {"rate_5xx_after": 0.4},
    "5xx, not created": {"rate_5xx_before": 0.2},
}


def unanswered(connection, campaign: str) -> int:
    """How many contacts were given up: two dials of theirs surely never became a call."""
    count = "select count(*) from public.contacts where campaign_id = %s and lost_dials = 2 and state = 'settled'"
    return int(connection.execute(count, [campaign]).fetchone()[0])


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    soon = {"CLAIM_LEASE_SECONDS": "3", "DIAL_VISIBILITY_SECONDS": "4", "RECONCILE_AFTER_SECONDS": "2"}
    with running(database_url, tmp_path, **soon) as product:
        yield product


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("step", ["claimed:2", "begun:3", "answered:3", "stored:3"])
def test_it_phones_everybody_once_when_the_scheduler_dies_at_a_step(
    product: Product, connection, step: str, answer: str
) -> None:
    product.start_simulator(speed=200, seed=3, **ANSWERS[answer])
    product.start_webhook_server()
    product.start("doomed", "-m", "tests.support.crashing_scheduler", CRASH_AT=step)
    campaign = product.campaign(12, cap=4)

    assert eventually(lambda: product.processes["doomed"].poll(), "the crash") == 9
    product.start_scheduler("heir")
    product.wait_for(campaign, "COMPLETED")

    books = product.books()
    assert set(Counter(books["dials_by_number"]).values()) == {1}
    assert len(books["dials_by_number"]) + unanswered(connection, campaign) == 12
    assert books["peak_concurrency"] <= 4
    assert differences(our_calls(connection), books["calls"]) == []
