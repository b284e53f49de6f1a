"""A sales manager's day: from a list to its results."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, expect

from rig.waiting import eventually
from tests.support.browsing import SAMPLE, Visit, WholeProduct


def test_it_calls_everybody_when_a_manager_uploads_a_list_and_starts(desk: WholeProduct, visit: Visit) -> None:
    page = visit.page
    visit.open(desk.address)
    expect(page.get_by_text("The simulator stands in for Vapi: no real calls are made")).to_be_visible()

    page.get_by_test_id("stSidebarNavLink").filter(has_text="New campaign").click()
    expect(page.get_by_role("heading", name="New campaign", level=1)).to_be_visible()
    page.locator(".st-key-contacts input[type=file]").set_input_files(SAMPLE)
    expect(page.get_by_test_id("stMetricValue")).to_have_text(["40", "34", "6"])
    reasons = [row[1] for row in visit.cells("preview_skipped")]
    assert reasons[0] == "The name is missing."
    visit.is_at_rest()

    _choose(page, "Assistant", "Short pitch")
    _choose(page, "Phone line", re.compile("Second line"))
    page.get_by_label("Campaign name").fill("Journey")
    page.get_by_role("button", name="Create and start").click()

    page.wait_for_url(re.compile(r"/campaign\?id="))
    expect(page.get_by_role("heading", name="Journey")).to_be_visible()
    expect(page.locator(".st-key-campaign_status")).to_contain_text("Completed")
    expect(page.get_by_text("34 of 34 contacts settled")).to_be_visible()

    _hear_a_conversation(visit)
    rows = _export(page)
    assert len(rows) == 34
    assert {row["status"] for row in rows} <= {"ENDED", "FAILED", "TIMEOUT"}
    assert all(row["outcome"] and row["ended_reason"] for row in rows)


def _choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    box, wanted = page.get_by_role("combobox", name=label), page.get_by_role("option", name=option)

    def is_chosen() -> bool:
        """Open the list, again where the page was drawn anew and has closed it, and take the option."""
        box.click()
        try:
            wanted.click(timeout=5_000)
        except TimeoutError:
            page.keyboard.press("Escape")
            return False
        return True

    eventually(is_chosen, f"{label} to be chosen")


def _hear_a_conversation(visit: Visit) -> None:
    page = visit.page
    _choose(page, "Show", re.compile("^Conversation"))
    expect(page.get_by_text(re.compile(r"^\d+ contacts?\. Tick"))).not_to_contain_text("34 contacts")
    visit.choose_row("contacts_", 0)
    drawer = page.get_by_test_id("stDialog")
    expect(drawer.get_by_test_id("stChatMessage").first).to_be_visible()
    expect(drawer.get_by_text("customer-ended-call").first).to_be_visible()
    player = drawer.locator("audio")
    expect(player).to_be_visible()
    seconds = player.evaluate(
        """async player => {
            while (!(player.duration > 0) && !player.error) await new Promise(then => setTimeout(then, 50));
            return player.error ? player.error.message : player.duration;
        }"""
    )
    assert seconds > 1
    assert "call=" in page.url
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def _export(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert download.value.suggested_filename == "journey.csv"
    with Path(download.value.path()).open(newline="") as file:
        return list(csv.DictReader(file))
