"""Whom calling hours never reach, a manager reads before Create is pressed."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.support.browsing import Visit, WholeProduct

LIST = "name,business_name,phone\nAda,Firm,+18005550123\nBob,Shop,+14155550123\nCy,Bar,+16055550123\n"


def test_it_names_whom_the_hours_never_reach_before_a_campaign_is_created(
    desk: WholeProduct, visit: Visit, tmp_path: Path
) -> None:
    file, page = tmp_path / "contacts.csv", visit.page
    file.write_text(LIST)
    visit.open(f"{desk.address}/new_campaign")
    page.locator(".st-key-contacts input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stMetricValue")).to_have_text(["3", "3", "0"])

    visit.is_at_rest()
    visit.unfold("When and on which line it may call")
    page.get_by_text("Keep to calling hours").click()

    expect(page.get_by_text("1 more row will be skipped: these calling hours never reach it")).to_be_visible()
    expect(page.get_by_role("combobox", name="Clock for numbers that tell no place")).to_have_value("Europe/Berlin")
    expect(page.get_by_test_id("stMetricValue")).to_have_text(["3", "2", "1"])
    (row,) = visit.cells("preview_skipped")
    assert row[0] == "1"
    assert "42 time zones that share no time of 09:00 to 18:00" in row[1]

    visit.is_at_rest()
    page.get_by_text("Keep to calling hours").click()
    expect(page.get_by_text("1 more row will be skipped")).to_have_count(0)
    visit.went_well()
