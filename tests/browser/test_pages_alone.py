"""Each page as the first thing that a freshly started server is asked for.

Streamlit then runs the file in `pages/` directly, past `app.py`. This is plain `streamlit run`, where no gate
of ours stands before it, so that the session guard in the page is all there is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from autolynx import access
from rig.actors import TESTER
from rig.forking import running
from rig.ports import answers, free_port
from rig.product import Product
from rig.waiting import eventually
from tests.support.browsing import Visit, visiting
from tests.support.run import temporary_folder

PAGES = {
    "overview": "Overview",
    "campaigns": "Campaigns",
    "new_campaign": "New campaign",
    "assistants": "Assistants",
    "campaign?id=5": None,
}


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    with temporary_folder() as home, running(database_url, home) as product:
        yield product


@pytest.fixture
def stranger(browser: BrowserContext) -> Iterator[Visit]:
    with visiting(browser) as visit:
        yield visit
        expect(visit.page.get_by_test_id("stException")).to_have_count(0)


def serve_plainly(product: Product) -> str:
    port = str(free_port())
    product.start("app", "-m", "streamlit", "run", "app.py", "--server.port", port, "--server.address", "127.0.0.1")
    address = f"http://127.0.0.1:{port}"
    eventually(lambda: answers(f"{address}/_stcore/health"), "the server")
    return address


@pytest.mark.parametrize("path", PAGES)
def test_it_shows_nothing_but_the_gate_when_nobody_opens_a_page(product: Product, stranger: Visit, path: str) -> None:
    access.add_user(
        product.database,
        email="eva@example.com",
        name="Eva",
        role="manager",
        password="correct horse",
        actor=TESTER,
    )
    stranger.page.goto(f"{serve_plainly(product)}/{path}")
    expect(stranger.page.locator(".st-key-gate")).to_be_visible()
    expect(stranger.page.locator(".st-key-gate")).to_contain_text("to sign in")
    expect(stranger.page.get_by_role("heading", level=1)).to_have_count(0)
    expect(stranger.page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    expect(stranger.page.get_by_role("button", name="New campaign")).to_have_count(0)


@pytest.mark.parametrize("path", PAGES)
def test_it_shows_the_whole_desk_when_somebody_opens_a_page(product: Product, stranger: Visit, path: str) -> None:
    stranger.page.goto(f"{serve_plainly(product)}/{path}")
    expect(stranger.page.get_by_test_id("stSidebarNavLink")).to_have_count(4)
    expect(stranger.page.get_by_text("The simulator stands in for Vapi")).to_be_visible()
    if title := PAGES[path]:
        expect(stranger.page.get_by_role("heading", name=title, level=1)).to_be_visible()
    else:
        expect(stranger.page.get_by_text('"5" is not the id of a campaign')).to_be_visible()
