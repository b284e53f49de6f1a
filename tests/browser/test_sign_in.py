"""Signing in and out as people do it: with several tabs open."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from autolynx import access
from rig.actors import TESTER
from rig.forking import running
from rig.ports import free_port
from rig.product import Product
from tests.support.browsing import Visit
from tests.support.run import temporary_folder

PASSWORD = "correct horse"


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    with temporary_folder() as home, running(database_url, home, APP_PORT=str(free_port())) as product:
        yield product


@pytest.fixture
def address(product: Product) -> str:
    return product.start_pages()


def add_user(product: Product, role: str) -> None:
    access.add_user(product.database, email="eva@example.com", name="Eva", role=role, password=PASSWORD, actor=TESTER)


def sign_in(visit: Visit) -> None:
    visit.page.get_by_label("E-mail").fill("eva@example.com")
    visit.page.get_by_label("Password").fill(PASSWORD)
    visit.page.get_by_role("button", name="Sign in").click()


def test_it_closes_every_tab_when_somebody_signs_out(product: Product, address: str, visit: Visit) -> None:
    add_user(product, "manager")
    page = visit.page
    page.goto(f"{address}/campaigns")
    sign_in(visit)
    expect(page.get_by_role("heading", name="Campaigns", level=1)).to_be_visible()
    expect(page.get_by_text("Eva · manager")).to_be_visible()
    assert page.url == f"{address}/campaigns"
    other = page.context.new_page()
    other.goto(address)
    expect(other.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    expect(other).to_have_url(re.compile(r"/sign-in\?next=%2F$"))


def test_it_closes_the_open_desk_when_the_first_user_is_added(product: Product, address: str, visit: Visit) -> None:
    visit.open(address)
    add_user(product, "manager")
    expect(visit.page).to_have_url(re.compile("/sign-in"))


def test_it_only_shows_when_the_visitor_is_a_viewer(product: Product, address: str, visit: Visit) -> None:
    add_user(product, "viewer")
    visit.page.goto(f"{address}/assistants")
    sign_in(visit)
    expect(visit.page.get_by_role("button", name="New assistant")).to_be_disabled()
    expect(visit.page.get_by_role("button", name="Import from Vapi")).to_be_disabled()


def test_it_says_so_when_no_scheduler_is_alive(address: str, visit: Visit) -> None:
    visit.open(address)
    silence = "No scheduler has run for a day, so nobody is dialed. Start one with"
    expect(visit.page.get_by_text(silence)).to_be_visible()
    expect(visit.page.get_by_text("Three steps to your first calls")).to_be_visible()
