"""A visitor in front of the running product, and what their browser is like."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext, BrowserType, ConsoleMessage, Locator, Page, Request, expect

from rig import forking
from rig.product import ROOT, bare_environment
from tests.support.run import temporary_folder

HANG_MS = 60_000
#: the first is the same engine without a window to draw, for seven eighths of the work
PROGRAMS = ("chromium-headless-shell", "google-chrome", "chromium", "chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OUR_NAMES = ("127.0.0.1", "localhost", "desk.example.com")
SAMPLE = ROOT / "samples" / "contacts.csv"


@dataclass
class WholeProduct:
    """The product as `python -m autolynx up` runs it, and where it is."""

    address: str
    values: dict[str, str]

    def run(self, *arguments: str) -> str:
        """What one of the product's commands answers."""
        done = forking.run(("-m", "autolynx", *arguments), bare_environment() | self.values)
        done.check_returncode()
        return done.stdout


@dataclass
class Visit:
    """One visitor's browser; whatever goes wrong in it is remembered."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Go there and wait until the page has been drawn once."""
        self.page.goto(address)
        self.is_drawn()

    def is_drawn(self) -> None:
        """Wait for a page that is connected and has something on it."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-connection-state="CONNECTED"]')
        expect(self.page.get_by_test_id("stAppSkeleton")).to_have_count(0)
        expect(self.page.locator('[data-testid="stMain"] h1, .st-key-gate').first).to_be_visible()

    def is_at_rest(self) -> None:
        """Wait until the page is drawn to its end: what is drawn meanwhile moves the rest, and closes what is open."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')

    def unfold(self, title: str) -> None:
        """Open a part that is folded, and wait until it lies still: a click on what slides lands beside it."""
        self.page.get_by_text(title).click()
        part = self.page.locator("details[open]", has_text=title)
        sliding = "part.getAnimations({subtree: true}).map(each => each.finished)"
        part.evaluate(f"async part => {{ await Promise.allSettled({sliding}) }}")

    def card(self, assistant: str) -> Locator:
        """The card of one assistant; a desk may hold those of other tests beside it."""
        heading = self.page.get_by_role("heading", name=assistant, exact=True)
        return self.page.locator("[class*='st-key-assistant_']").filter(has=heading)

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press a button that leaves once it is obeyed, and wait until it has left.

        Its successor appears beside it and moves when it leaves: a click at that instant misses both.
        """
        button = (within or self.page).get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_count(0)

    def choose_row(self, key: str, row: int) -> None:
        """Tick a row of a table."""
        table = self.page.locator(f"[class*='st-key-{key}'] [data-testid=stDataFrame]").first
        self.page.locator(f"[class*='st-key-{key}'] canvas [role=gridcell]").first.wait_for(state="attached")
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + 18, box["y"] + 35 * (row + 1) + 17)

    def cells(self, key: str) -> list[list[str]]:
        """What a table's rows hold, from its text for screen readers."""
        self.page.locator(f"[class*='st-key-{key}'] canvas [role=gridcell]").first.wait_for(state="attached")
        rows = self.page.locator(f"[class*='st-key-{key}'] canvas tr:has([role=gridcell])")
        return [row.locator("[role=gridcell]").all_inner_texts() for row in rows.all()]

    def went_well(self) -> None:
        """Nothing on the page or in the console says otherwise."""
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        assert self.troubles == []


@dataclass(frozen=True)
class Chromium:
    """The system's Chromium, or Chrome."""

    type: BrowserType
    program: str

    @contextmanager
    def running(self, *more_arguments: str) -> Iterator[BrowserContext]:
        """A browser in Berlin that keeps what it has compiled: a window without a memory compiles all of Streamlit anew
        at each visit, for a second of processor time."""
        with temporary_folder() as folder:
            browser = self.type.launch_persistent_context(
                folder,
                executable_path=self.program,
                args=[*ARGUMENTS, *more_arguments],
                accept_downloads=True,
                locale="en-GB",
                timezone_id="Europe/Berlin",
                reduced_motion="reduce",
            )
            browser.set_default_timeout(HANG_MS)
            yield browser
            browser.close()


@contextmanager
def visiting(browser: BrowserContext, *, width: int = 1440, height: int = 1000) -> Iterator[Visit]:
    """A tab of a browser that knows nothing of earlier visitors; at the end every tab but the browser's own goes."""
    page = browser.new_page()
    _forget_everybody(browser, page)
    page.set_viewport_size({"width": width, "height": height})
    visit = Visit(page)

    def note_request(request: Request) -> None:
        _note_address(visit, request.url)

    page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    page.on("console", lambda message: _note(visit, message))
    page.on("websocket", lambda socket: _note_address(visit, socket.url))
    browser.on("request", note_request)
    try:
        yield visit
    finally:
        browser.remove_listener("request", note_request)
        for tab in browser.pages[1:]:
            tab.close()


def _forget_everybody(browser: BrowserContext, page: Page) -> None:
    stored = "cookies,local_storage,indexeddb,cache_storage,service_workers"
    browser.new_cdp_session(page).send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": stored})
    browser.clear_cookies()


def _note(visit: Visit, message: ConsoleMessage) -> None:
    if message.type == "error":
        visit.troubles.append(message.text)


def _note_address(visit: Visit, url: str) -> None:
    """No page asks anybody but its own server."""
    address = urlsplit(url)
    if address.scheme not in ("data", "blob") and address.hostname not in OUR_NAMES:
        visit.troubles.append(f"asked {url}")


def contact_file(folder: Path, *rows: str) -> Path:
    """A list in CSV with a header."""
    file = folder / "list.csv"
    file.write_text("\n".join(["name,business_name,phone", *rows]))
    return file


def fill_in(visit: Visit, desk: WholeProduct, file: Path, name: str) -> None:
    """Fill in the form of a new campaign, and do not press its button."""
    visit.open(f"{desk.address}/new_campaign")
    visit.page.locator(".st-key-contacts input[type=file]").set_input_files(file)
    expect(visit.page.get_by_test_id("stMetricValue").first).to_be_visible()
    visit.page.get_by_label("Campaign name").fill(name)


def named(desk: WholeProduct, name: str) -> list[str]:
    """The statuses of the campaigns with this name."""
    answer = httpx.get(
        f"http://127.0.0.1:{desk.values['WEBHOOK_PORT']}/api/campaigns?limit=200",
        headers={"Authorization": f"Bearer {desk.values['API_TOKEN']}"},
        trust_env=False,
    )
    return [campaign["status"] for campaign in answer.json()["campaigns"] if campaign["name"] == name]
