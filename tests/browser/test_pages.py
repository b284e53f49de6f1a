"""Every page on the running product: what it shows, when there is nothing to show, and what it refuses."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browsing import Visit, WholeProduct, contact_file, fill_in, named, visiting

PAGES = {"": "Overview", "campaigns": "Campaigns", "new_campaign": "New campaign", "assistants": "Assistants"}


def create(visit: Visit, desk: WholeProduct, file: Path, name: str) -> None:
    fill_in(visit, desk, file, name)
    visit.page.get_by_role("button", name="Create", exact=True).click()
    expect(visit.page.get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_it_shows_the_page_when_it_is_opened_by_its_address(desk: WholeProduct, visit: Visit, path: str) -> None:
    visit.open(f"{desk.address}/{path}")
    expect(visit.page.get_by_role("heading", name=PAGES[path], level=1)).to_be_visible()
    expect(visit.page.get_by_test_id("stSidebarNavLink")).to_contain_text([*PAGES.values()])
    assert visit.page.title() == "AutoLynx"


@pytest.mark.parametrize("path", PAGES)
def test_it_fits_the_screen_when_that_is_a_telephone(desk: WholeProduct, browser: BrowserContext, path: str) -> None:
    with visiting(browser, width=390, height=844) as visit:
        visit.open(f"{desk.address}/{path}")
        expect(visit.page.get_by_role("heading", name=PAGES[path], level=1)).to_be_visible()
        assert visit.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
        visit.went_well()


@pytest.mark.parametrize("path", [*PAGES, "sign-in", "campaign"])
def test_it_asks_nobody_outside_when_a_page_is_opened(desk: WholeProduct, visit: Visit, path: str) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))
    visit.page.goto(f"{desk.address}/{path}", wait_until="networkidle")
    assert f"{desk.address}/{path}" in asked
    assert [url for url in asked if not url.startswith((desk.address, "data:", "blob:"))] == []


def test_it_says_so_when_there_is_no_such_campaign(desk: WholeProduct, visit: Visit) -> None:
    missing = uuid.uuid4()
    visit.page.goto(f"{desk.address}/campaign?id={missing}")
    expect(visit.page.get_by_text(f"There is no campaign with the id {missing}.")).to_be_visible()
    visit.page.goto(f"{desk.address}/campaign?id=nonsense")
    expect(visit.page.get_by_text('"nonsense" is not the id of a campaign')).to_be_visible()
    visit.page.goto(f"{desk.address}/campaign")
    expect(visit.page.get_by_text("Which campaign?")).to_be_visible()


def test_it_refuses_in_a_sentence_when_the_file_is_no_contact_list(
    desk: WholeProduct, visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    file.write_text("colour,size\nred,5\n")
    visit.open(f"{desk.address}/new_campaign")
    visit.page.locator(".st-key-contacts input[type=file]").set_input_files(file)
    expect(visit.page.get_by_test_id("stAlert")).to_contain_text("name")
    visit.page.get_by_role("button", name="Create", exact=True).click()
    expect(visit.page.get_by_text("Upload a contact list first.")).to_be_visible()


def test_it_asks_for_a_name_when_there_is_none(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    fill_in(visit, desk, contact_file(tmp_path, "Ana,Acme,+14155550123"), " ")
    visit.page.get_by_role("button", name="Create", exact=True).click()
    expect(visit.page.get_by_text("Give the campaign a name first.")).to_be_visible()


def test_it_makes_one_campaign_when_create_is_clicked_twice(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    fill_in(visit, desk, contact_file(tmp_path, "Ana,Acme,+14155550123"), "Twice")
    visit.page.get_by_role("button", name="Create", exact=True).dblclick()
    expect(visit.page.get_by_role("heading", name="Twice")).to_be_visible()
    expect(visit.page.get_by_text("Ready to start")).to_be_visible()
    assert named(desk, "Twice") == ["CREATED"]


def test_it_asks_before_it_stops_when_stop_is_pressed(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    create(visit, desk, contact_file(tmp_path, "Ana,Acme,+14155550123", "Bo,Bolt,+14155550124"), "Stopped")
    visit.page.get_by_role("button", name="Stop").click()
    visit.page.get_by_role("button", name="Keep it going").click()
    expect(visit.page.get_by_test_id("stDialog")).to_have_count(0)
    visit.page.get_by_role("button", name="Stop").click()
    visit.page.get_by_role("button", name="Stop for good").click()
    expect(visit.page.get_by_text("Stopped by local operator.")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Start")).to_have_count(0)
    assert named(desk, "Stopped") == ["CANCELED"]


def test_it_pauses_and_resumes_when_asked_to(desk: WholeProduct, visit: Visit, tmp_path: Path) -> None:
    rows = [f"Ana {number},Acme,+1415555{number:04}" for number in range(100, 180)]
    create(visit, desk, contact_file(tmp_path, *rows), "Paused")
    visit.press("Start")
    visit.press("Pause")
    expect(visit.page.get_by_text("Paused by local operator.")).to_be_visible()
    visit.press("Resume")
    expect(visit.page.get_by_text("80 of 80 contacts settled")).to_be_visible()
    expect(visit.page.locator(".st-key-campaign_status")).to_contain_text("Completed")
    _find(visit, visit.page)


def _find(visit: Visit, page: Page) -> None:
    """The database filters, searches and pages."""
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("[class*='st-key-contacts_'] canvas [role=gridcell]").first).to_have_text("26")
    page.get_by_role("textbox", name="Search").fill("Ana 117")
    page.get_by_role("textbox", name="Search").press("Enter")
    expect(page.get_by_text("1 contact. Tick a row")).to_be_visible()
    assert visit.cells("contacts_")[0][1] == "Ana 117"
    page.get_by_role("textbox", name="Search").fill("nobody at all")
    page.get_by_role("textbox", name="Search").press("Enter")
    expect(page.get_by_text("Nobody on the list fits")).to_be_visible()


def test_it_keeps_a_directory_when_assistants_come_and_go(desk: WholeProduct, visit: Visit) -> None:
    page = visit.page
    visit.open(f"{desk.address}/assistants")
    page.get_by_role("button", name="New assistant").click()
    page.get_by_label("Name", exact=True).fill("Evening calls")
    page.get_by_label("First message").fill("Good evening {{name}}!")
    page.get_by_label("Instruction (system prompt)").fill("Be brief.")
    page.get_by_role("button", name="Create assistant").click()
    expect(page.get_by_role("heading", name="Evening calls")).to_be_visible()

    card = visit.card("Evening calls")
    visit.press("Switch off", within=card)
    expect(card.get_by_role("button", name="Switch on")).to_be_visible()
    card.get_by_role("button", name="Delete").click()
    page.get_by_test_id("stDialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Evening calls")).to_have_count(0)
    listed = json.loads(desk.run("assistant", "list", "--json"))
    assert "Evening calls" not in json.dumps(listed)


def test_it_copies_a_template_when_it_is_cloned(desk: WholeProduct, visit: Visit) -> None:
    page = visit.page
    visit.open(f"{desk.address}/assistants")
    visit.card("Short pitch").get_by_role("button", name="Clone").click()
    page.get_by_label("Name of the copy").fill("My own pitch")
    page.get_by_test_id("stDialog").get_by_role("button", name="Clone").click()
    expect(page.get_by_role("heading", name="My own pitch")).to_be_visible()
    visit.card("My own pitch").get_by_role("button", name="View").click()
    expect(page.get_by_test_id("stDialog").get_by_text("You call {{name}} of {{business_name}}").first).to_be_visible()


def test_it_refuses_in_a_sentence_when_vapi_has_no_such_assistant(desk: WholeProduct, visit: Visit) -> None:
    visit.open(f"{desk.address}/assistants")
    visit.page.get_by_role("button", name="Import from Vapi").click()
    visit.page.get_by_role("textbox", name="Assistant id").fill(str(uuid.UUID(int=5)))
    visit.page.get_by_role("button", name="Import", exact=True).click()
    expect(visit.page.get_by_text("Vapi has no assistant with the id")).to_be_visible()


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"outage": True}, "Vapi has a fault of its own (503)"),
        ({"api_key": "another"}, "Vapi refused the API key"),
    ],
    ids=["away", "key refused"],
)
def test_it_says_so_and_recovers_when_vapi_does_not_answer(
    desk: WholeProduct, visit: Visit, knobs: dict[str, object], sentence: str
) -> None:
    lines = visit.page.get_by_role("combobox", name="Phone line")
    with turned(desk, knobs):
        # the desk may remember the lines for half a minute
        for _ in range(20):
            visit.open(f"{desk.address}/new_campaign")
            expect(lines.or_(visit.page.get_by_text(sentence))).to_be_visible()
            if lines.count() == 0:
                break
            visit.page.wait_for_timeout(2000)
        expect(visit.page.get_by_text(sentence)).to_be_visible()
    visit.page.get_by_role("button", name="Try again").click()
    expect(lines).to_be_visible()


@contextlib.contextmanager
def turned(desk: WholeProduct, knobs: dict[str, object]) -> Iterator[None]:
    """The simulator with other knobs, for a while."""
    address = f"http://127.0.0.1:{desk.values['SIMULATOR_PORT']}/_simulator/knobs"
    before = httpx.get(address, trust_env=False).json()
    httpx.patch(address, json=knobs, trust_env=False).raise_for_status()
    try:
        yield
    finally:
        restored = {name: before[name] for name in knobs}
        httpx.patch(address, json=restored, trust_env=False).raise_for_status()
