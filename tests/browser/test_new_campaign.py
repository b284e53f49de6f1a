"""The new-campaign page: whose numbers a list holds, what was done to it, and what a field accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browsing import Visit, WholeProduct, contact_file, fill_in, named

ROWS = ("Ana,Acme,(415) 555-0123", "Bo,Bolt,+49 30 23125004", "Cy,Cog,020 7946 0123", "Di,Dot,+1 415 555 0124")


def choose_country(visit: Visit, name: str) -> None:
    visit.is_at_rest()
    page = visit.page
    box = page.get_by_role("combobox", name="Numbers without a country code are in")
    box.click()
    box.fill(name)
    page.get_by_role("option", name=re.compile(name)).first.click()


def test_it_reads_numbers_as_the_lines_country_and_says_so_until_another_is_chosen(
    desk: WholeProduct, visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    fill_in(visit, desk, contact_file(tmp_path, *ROWS), "Countries")
    expect(page.get_by_text("is read as one in the United States, where the phone line is")).to_be_visible()
    countries = page.locator(".st-key-countries")
    expect(countries).to_have_text(re.compile("2 numbers in the United States and 1 in Germany will be called"))

    choose_country(visit, "United Kingdom")
    expect(page.get_by_text("is read as one in the United Kingdom.")).to_be_visible()
    expect(countries).to_contain_text("1 number in Germany, 1 in the United Kingdom and 1 in the United States")

    choose_country(visit, "No country")
    expect(page.get_by_text("Only numbers that begin with + and a country code are read")).to_be_visible()
    expect(countries).to_contain_text("1 number in Germany and 1 in the United States will be called")

    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name="Countries")).to_be_visible()
    visit.unfold("Import report")
    expect(page.locator(".st-key-countries")).to_contain_text("1 number in Germany and 1 in the United States")


@pytest.mark.parametrize("typed", ["500", "0", "-1", "2.5", "8 or 9", ""])
def test_it_creates_nothing_and_says_what_is_accepted_when_calls_at_once_cannot_be_used(
    desk: WholeProduct, visit: Visit, tmp_path: Path, typed: str
) -> None:
    page, name = visit.page, f"Cap {typed}."
    fill_in(visit, desk, contact_file(tmp_path, "Ana,Acme,+14155550123"), name)
    cap = page.get_by_role("textbox", name="Calls at once")
    cap.fill(typed)
    page.get_by_role("button", name="Create and start").click()
    given = f"“{typed}”" if typed else "empty"
    sentence = f"Calls at once is {given}; accepted is a whole number from 1 to 50."
    expect(page.get_by_test_id("stAlert").filter(has_text=sentence)).to_be_visible()
    expect(page.locator(".st-key-step_way").get_by_text(sentence)).to_be_visible()
    assert named(desk, name) == []

    cap.fill("7")
    cap.press("Enter")
    expect(page.get_by_text(sentence)).to_have_count(0)
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_it_creates_nothing_when_the_name_is_too_long(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    fill_in(visit, desk, contact_file(tmp_path, "Ana,Acme,+14155550123"), "n" * 121)
    visit.page.get_by_role("button", name="Create", exact=True).click()
    sentence = "Campaign name has 121 characters; accepted are at most 120."
    expect(visit.page.get_by_test_id("stAlert").filter(has_text=sentence)).to_be_visible()
    assert named(desk, "n" * 120) == []


def test_it_creates_nothing_when_the_hours_have_no_day(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    fill_in(visit, desk, contact_file(tmp_path, "Ana,Acme,+14155550123"), "No day")
    visit.unfold("When and on which line it may call")
    page.get_by_text("Keep to calling hours").click()
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        page.get_by_role("button", name=day).click()
    refusal = page.get_by_test_id("stAlert").filter(has_text="No calling day is chosen; at least one is needed.")
    expect(refusal.first).to_be_visible()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(refusal).to_have_count(2)
    assert named(desk, "No day") == []


def test_it_tells_what_was_changed_renamed_and_not_used(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "name,business_name,phone,,Sales,Sales %\nAna,Acme,4155550123.0,odd,1,2\nBo,Bolt,+14155550124,,3,4\n"
    )
    fill_in(visit, desk, file, "Told")
    told = visit.page.locator(".st-key-preview_treatment")
    told.get_by_text("1 value changed, 1 column not used, 1 column renamed").click()
    expect(told.get_by_text("column 4 is not used. It has no title.")).to_be_visible()
    assert visit.cells("preview_treatment_changes")[0][:4] == ["1", "phone", "4155550123.0", "+14155550123"]
    assert ["Sales %", "sales_2"] in visit.cells("preview_treatment_columns")


def test_it_says_as_what_a_list_was_read_that_is_not_utf_8(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    page, file = visit.page, contact_file(tmp_path, "Ana,Acme,+14155550123", "José,Bolt,+14155550124")
    file.write_bytes(file.read_text().encode("cp1252"))
    fill_in(visit, desk, file, "Accents")
    told = page.locator(".st-key-encoding")
    expect(told).to_contain_text('The file is not UTF-8; it was read as Windows-1252, so that row 2 says "José".')

    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name="Accents")).to_be_visible()
    visit.unfold("Import report")
    expect(told).to_contain_text("it was read as Windows-1252. If that is not right, save it as UTF-8.")


def test_it_saves_no_assistant_when_its_longest_call_cannot_be_used(desk: WholeProduct, visit: Visit) -> None:
    page = visit.page
    visit.open(f"{desk.address}/assistants")
    page.get_by_role("button", name="New assistant").click()
    page.get_by_label("Name", exact=True).fill("Endless")
    page.get_by_label("Instruction (system prompt)").fill("Be brief.")
    page.get_by_label("Longest call, in seconds").fill("99999")
    page.get_by_role("button", name="Create assistant").click()
    sentence = "Longest call, in seconds is “99999”; accepted is a whole number from 10 to 43200."
    expect(page.get_by_test_id("stAlert").filter(has_text=sentence)).to_be_visible()
    assert "Endless" not in desk.run("assistant", "list", "--json")
