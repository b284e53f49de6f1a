"""Deleting for good, through the API and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from rig.forking import running
from rig.product import Product
from tests.support.command_line import answer, refusal
from tests.support.desk import Desk, later
from tests.support.web import BEARER, configured, serving


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


@pytest.fixture
def api(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        http.headers.update(BEARER)
        yield http


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        yield product


def over(desk: Desk) -> tuple[str, str]:
    """A campaign that is over: its id, and the number that was called."""
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    desk.report(provider, now=later(9))
    return campaign, order["phone"]


def test_it_deletes_a_campaign_that_is_over(api: httpx.Client, desk: Desk) -> None:
    campaign, _ = over(desk)

    answered = api.delete(f"/api/campaigns/{campaign}")

    assert (answered.status_code, answered.json()["deleted"]) == (200, campaign)
    assert answered.json()["erasure"]["calls"] == 1
    assert api.get(f"/api/campaigns/{campaign}").status_code == 404
    assert api.delete(f"/api/campaigns/{campaign}").status_code == 404


def test_it_deletes_no_campaign_that_dials_and_none_for_a_stranger(api: httpx.Client, desk: Desk) -> None:
    campaign = desk.campaign(1)

    stranger = httpx.delete(f"{api.base_url}/api/campaigns/{campaign}")

    assert [api.delete(f"/api/campaigns/{campaign}").status_code, stranger.status_code] == [409, 401]
    assert api.get(f"/api/campaigns/{campaign}").status_code == 200
    assert api.delete(f"/api/campaigns/{uuid4()}").status_code == 404


def test_it_erases_a_person(api: httpx.Client, desk: Desk) -> None:
    campaign, phone = over(desk)

    erased = api.post("/api/people/erase", json={"phone": phone})

    assert (erased.status_code, erased.json()["erasure"]["contacts"]) == (200, 1)
    assert api.get(f"/api/campaigns/{campaign}/contacts").json()["contacts"] == []
    assert api.post("/api/people/erase", json={"phone": "nobody"}).status_code == 422


def test_it_deletes_from_the_command_line_when_the_name_is_typed(product: Product, desk: Desk) -> None:
    campaign, phone = over(desk)

    refused = refusal(product, "campaign", "delete", campaign, "--confirm", "Summer")
    assert 'accepted is the campaign\'s name, "Spring"' in refused
    assert answer(product, "person", "erase", phone).startswith("Deleted for good: 1 contact and 1 call.")
    assert answer(product, "campaign", "delete", campaign, "--confirm", "Spring") == "There was no contact to delete.\n"
