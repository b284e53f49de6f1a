"""`/docs` in a browser: whole without the internet, and nothing on it but what is ours."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.web import TOKEN, configured, serving

PARTS = ("", "/swagger-ui-bundle.js", "/swagger-ui.css", "/docs.js", "/docs.css", "/icon.svg")


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        yield http


@pytest.fixture
def asked(web: httpx.Client, browser: BrowserContext) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page, the addresses it asked for and what its console complained of."""
    page = browser.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    addresses: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(str(web.base_url.join("/docs")))
    expect(page.get_by_role("heading", name="AutoLynx")).to_be_visible()
    yield page, addresses, complaints
    page.close()


def outside(addresses: list[str], web: httpx.Client) -> list[str]:
    return [each for each in addresses if not each.startswith((str(web.base_url), "data:", "blob:"))]


def test_it_asks_no_address_outside(web, asked) -> None:
    page, addresses, complaints = asked

    expect(page.get_by_text("/api/campaigns/{campaign_id}/start", exact=False).first).to_be_visible()

    assert outside(addresses, web) == []
    assert complaints == []


def test_it_tries_a_route_with_the_token_that_was_pasted(web, asked) -> None:
    page, addresses, complaints = asked
    page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".modal-ux .auth-container", has_text="API_TOKEN")
    form.get_by_role("textbox").fill(TOKEN)
    form.get_by_role("button", name="Apply credentials").click()
    form.get_by_role("button", name="Close").click()
    route = page.locator(".opblock-get", has_text="List All").first
    route.locator(".opblock-summary-control").click()
    route.get_by_role("button", name="Try it out").click()
    route.get_by_role("button", name="Execute").click()

    answer = route.locator(".live-responses-table .response-col_description .highlight-code").first
    expect(answer).to_contain_text('"campaigns"')
    assert outside(addresses, web) == []
    assert complaints == []


@pytest.mark.parametrize("part", PARTS)
def test_it_lets_nothing_run_that_is_not_ours(web: httpx.Client, part: str) -> None:
    answer = web.get(f"/docs{part}")

    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    assert answer.status_code == 200
    assert (rules["default-src"], rules["script-src"], rules["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_it_serves_nothing_else_from_its_folders(web: httpx.Client) -> None:
    for name in ("docs.html", "LICENSE", "../docs_page.py", "..%2fdocs_page.py", "%2e%2e/gate.py", "", "x"):
        assert web.get(f"/docs/{name}").status_code == 404, name
    assert "http" not in json.dumps(web.get("/docs").text)
