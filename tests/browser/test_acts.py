"""Who has left, has left: a page or dialog drawn before an account was changed does nothing afterwards.

Each act is tried three times by somebody whose account changes between the drawing and the press, and changes nothing;
then by the same person in order, and it is done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from autolynx import access
from autolynx.assistants import directory
from rig.actors import EVA, TESTER
from rig.forking import running
from rig.ports import free_port
from rig.product import Product
from rig.waiting import eventually
from tests.support import cheap_passwords
from tests.support.browsing import Visit, contact_file, visiting
from tests.support.desk import Desk
from tests.support.run import a_server, temporary_folder

EMAIL, PASSWORD = "eva@example.com", "correct horse battery"
CHANGES = {
    "switched off": "update public.users set is_active = false",
    "lowered": "update public.users set role = 'viewer'",
    "signed out": "delete from public.user_sessions",
}
IN_ORDER = "update public.users set is_active = true, role = 'administrator'"
WATCHED = ("assistants", "assistant_versions", "campaigns", "contacts", "calls", "alarms", "audit_log", "settings")
STILL_SECONDS = 1.5
AT_SIGN_IN = re.compile("/sign-in")


@dataclass
class Stage:
    """The product, its database, and one visitor in front of it."""

    product: Product
    desk: Desk
    connection: psycopg.Connection
    address: str
    visit: Visit

    @property
    def page(self) -> Page:
        return self.visit.page

    def enter(self) -> None:
        """Everything in order, and a new session in the browser."""
        self.connection.execute(IN_ORDER)
        with cheap_passwords.cheaply():
            session = access.sign_in(self.product.database, EMAIL, PASSWORD)
        self.page.context.add_cookies([{"name": "autolynx_session", "value": session.token, "url": self.address}])

    def open(self, path: str) -> None:
        self.visit.open(f"{self.address}/{path}")

    def seen(self) -> dict[str, str | None]:
        """What the database holds, without the sessions and who signed in."""
        look = "select md5(string_agg(t::text, '|' order by t::text)) from public.{} t"
        where = {"audit_log": " where action <> 'user.signed_in'"}
        return {
            name: self.connection.execute(look.format(name) + where.get(name, "")).fetchone()[0] for name in WATCHED
        }

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def in_dialog(self, name: str) -> Locator:
        return self.button(name, within=self.page.get_by_test_id("stDialog"))

    def assistant(self) -> str:
        """One of one's own, whatever earlier acts left."""
        for one in directory.list_assistants(self.product.database, limit=200, actor=EVA).items:
            if one.source == "local":
                return str(one.id)
        made = directory.create_assistant(
            self.product.database, self.product.client, name="Own", config={"firstMessage": "Hi"}, actor=TESTER
        )
        return str(made.id)

    def card(self) -> Locator:
        assistant_id = self.assistant()
        self.open("assistants")
        return self.page.locator(f".st-key-assistant_{assistant_id}")


def new_assistant(stage: Stage) -> Locator:
    stage.open("assistants")
    stage.button("New assistant").click()
    stage.page.get_by_label("Name", exact=True).fill("Evening calls")
    return stage.in_dialog("Create assistant")


def change_assistant(stage: Stage) -> Locator:
    stage.button("Change", within=stage.card()).click()
    name = stage.page.get_by_label("Name", exact=True)
    name.fill(name.input_value() + "!")
    return stage.in_dialog("Save")


def import_assistant(stage: Stage) -> Locator:
    known = directory.get_assistant(stage.product.database, stage.assistant(), actor=EVA)
    stage.product.client.update_assistant(known.provider_assistant_id, {"firstMessage": f"Hello {len(known.name)}"})
    stage.open("assistants")
    stage.button("Import from Vapi").click()
    stage.page.get_by_role("textbox", name="Assistant id").fill(known.provider_assistant_id)
    return stage.in_dialog("Import")


def clone_assistant(stage: Stage) -> Locator:
    stage.button("Clone", within=stage.card()).click()
    return stage.in_dialog("Clone")


def switch_assistant(stage: Stage) -> Locator:
    return stage.card().get_by_role("button", name=re.compile("^Switch o"))


def delete_assistant(stage: Stage) -> Locator:
    stage.button("Delete", within=stage.card()).click()
    return stage.in_dialog("Delete")


def create_campaign(stage: Stage) -> Locator:
    _fill_in(stage)
    return stage.button("Create")


def create_and_start(stage: Stage) -> Locator:
    _fill_in(stage)
    return stage.button("Create and start")


def _fill_in(stage: Stage) -> None:
    stage.assistant()
    stage.open("new_campaign")
    file = contact_file(stage.product.home, "Ana,Acme,+14155550123")
    stage.page.locator(".st-key-contacts input[type=file]").set_input_files(file)
    expect(stage.page.get_by_test_id("stMetricValue").first).to_be_visible()
    stage.page.get_by_label("Campaign name").fill("Spring")
    stage.page.get_by_label("Campaign name").press("Tab")
    expect(stage.page.get_by_role("combobox", name="Phone line")).to_be_visible()


def start_campaign(stage: Stage) -> Locator:
    stage.open(f"campaign?id={stage.desk.campaign(2, started=False)}")
    return stage.button("Start")


def pause_campaign(stage: Stage) -> Locator:
    stage.open(f"campaign?id={stage.desk.campaign(2)}")
    return stage.button("Pause")


def resume_campaign(stage: Stage) -> Locator:
    campaign = stage.desk.campaign(2)
    stage.desk.database.call("pause_campaign", id=campaign, actor="test")
    stage.open(f"campaign?id={campaign}")
    return stage.button("Resume")


def stop_campaign(stage: Stage) -> Locator:
    stage.open(f"campaign?id={stage.desk.campaign(2)}")
    stage.button("Stop").click()
    return stage.in_dialog("Stop for good")


def hang_up(stage: Stage) -> Locator:
    query = "select id from public.campaigns where status in ('QUEUED', 'DIALING')"
    for (live,) in stage.connection.execute(query).fetchall():
        stage.desk.database.call("stop_campaign", id=live, actor="test")  # so that they take no lines
    campaign = stage.desk.campaign(1)
    order = next(order for order in stage.desk.claim() if order["campaign_id"] == campaign)
    stage.desk.dial(order)
    stage.open(f"campaign?id={campaign}&call={order['call_id']}")
    return stage.in_dialog("Hang up")


def clear_alarm(stage: Stage) -> Locator:
    stage.connection.execute("select internal.raise_alarm('call_turned_up', gen_random_uuid()::text, 'Look!', now())")
    stage.open("")
    return stage.page.locator(".st-key-alarms").get_by_role("button", name="Seen").first


def delete_campaign(stage: Stage) -> Locator:
    stage.open(f"campaign?id={stage.desk.campaign(2, started=False)}")
    stage.button("Delete campaign").click()
    _type(stage, "^Type the campaign", "Spring")
    return stage.in_dialog("Delete for good")


def _type(stage: Stage, label: str, text: str) -> None:
    field = stage.page.get_by_role("textbox", name=re.compile(label))
    field.fill(text)
    field.press("Tab")  # as a click elsewhere does


def erase_person(stage: Stage) -> Locator:
    campaign = stage.desk.campaign(2, started=False)
    stage.open(f"campaign?id={campaign}")
    stage.button("Erase a person").click()
    phone = stage.desk.all_contacts(campaign)[0]["phone"]
    _type(stage, "^Their number", phone)
    return stage.in_dialog("Erase for good")


ACTS: list[Callable[[Stage], Locator]] = [
    new_assistant, change_assistant, import_assistant, clone_assistant, switch_assistant, delete_assistant,
    create_campaign, create_and_start, start_campaign, pause_campaign, resume_campaign, stop_campaign, hang_up,
    clear_alarm, delete_campaign, erase_person,
]  # fmt: skip


@pytest.fixture(scope="module")
def database_address() -> Iterator[str]:
    with a_server("pg18").database() as url:
        yield url


@pytest.fixture(scope="module")
def product(database_address: str) -> Iterator[Product]:
    with temporary_folder() as home, running(database_address, home, APP_PORT=str(free_port())) as product:
        product.start_simulator()
        product.start_pages(cheap_passwords.PAGES)
        with cheap_passwords.cheaply():
            access.add_user(
                product.database, email=EMAIL, name="Eva", role="administrator", password=PASSWORD, actor=TESTER
            )
        yield product


@pytest.fixture
def stage(product: Product, database_address: str, browser: BrowserContext) -> Iterator[Stage]:
    with psycopg.connect(database_address, autocommit=True) as connection, visiting(browser) as visit:
        address = f"http://127.0.0.1:{product.values['APP_PORT']}"
        yield Stage(product, Desk(product.database), connection, address, visit)
        expect(visit.page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize("ready", ACTS, ids=lambda act: act.__name__)
def test_it_does_nothing_more_for_somebody_whose_account_has_changed(stage: Stage, ready) -> None:
    for name, change in CHANGES.items():
        stage.enter()
        press = ready(stage)
        expect(press).to_be_enabled()
        before = stage.seen()
        stage.connection.execute(change)
        press.dispatch_event("click")
        _is_told(stage.page, press, is_lowered=name == "lowered")
        _stays(stage, before, name)

    stage.enter()
    press = ready(stage)
    expect(press).to_be_enabled()
    before = stage.seen()
    press.dispatch_event("click")
    eventually(lambda: stage.seen() != before, "what was asked for")


def _stays(stage: Stage, before: object, name: str) -> None:
    """An act that was taken up all the same is done by then: a redraw may answer a press before the server does."""
    until = time.monotonic() + STILL_SECONDS
    while time.monotonic() < until:
        assert stage.seen() == before, name
        stage.page.wait_for_timeout(100)


def _is_told(page: Page, press: Locator, *, is_lowered: bool) -> None:
    """The press was answered: by a sentence or a button that is off now; who is out, is at the sign-in page."""
    if not is_lowered:
        expect(page).to_have_url(AT_SIGN_IN)
        return
    refusals = re.compile("Your account may look at everything and change nothing|Only an administrator")
    sentence = page.get_by_text(refusals)
    off = press.and_(page.locator(":disabled"))
    eventually(lambda: sentence.count() or off.count() or not press.count(), "a refusal")


def test_it_shows_nothing_new_to_somebody_who_is_out(stage: Stage) -> None:
    stage.enter()
    campaign = stage.desk.campaign(2)
    stage.open(f"campaign?id={campaign}")
    expect(stage.page.get_by_role("heading", name="Contacts")).to_be_visible()
    stage.connection.execute(CHANGES["switched off"])
    expect(stage.page).to_have_url(AT_SIGN_IN)
    stage.page.goto(f"{stage.address}/export/{campaign}.csv")
    assert "+1415" not in stage.page.content()
