"""What somebody should look at: seen above every page, and cleared by who may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Locator, expect

from autolynx import access
from autolynx.operations.alarms import list_alarms
from autolynx.operations.recovery import begin_recovery
from rig.actors import EVA, TESTER
from rig.forking import running
from rig.ports import free_port
from rig.product import Product
from rig.waiting import eventually
from tests.support.browsing import Visit
from tests.support.desk import Desk
from tests.support.run import temporary_folder

PASSWORD = "correct horse"
TURNED_UP = "A call that Vapi had not shown turned up late, when its line had been given to others."


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    given = {"APP_PORT": str(free_port()), "DIAL_VISIBILITY_SECONDS": "600"}
    with temporary_folder() as home, running(database_url, home, **given) as product:
        yield product


@pytest.fixture
def desk(product: Product) -> Desk:
    return Desk(product.database)


@pytest.fixture
def address(product: Product) -> str:
    return product.start_pages()


def raise_alarm(
    connection: psycopg.Connection, text: str = TURNED_UP, subject: str = "1", code: str = "call_turned_up"
) -> None:
    connection.execute("select internal.raise_alarm(%s, %s, %s, now() - interval '5 minutes')", (code, subject, text))


def alarms(visit: Visit) -> Locator:
    return visit.page.locator(".st-key-alarms")


def enter(product: Product, address: str, visit: Visit, role: str) -> None:
    access.add_user(product.database, email="eva@example.com", name="Eva", role=role, password=PASSWORD, actor=TESTER)
    visit.page.goto(address)
    visit.page.get_by_label("E-mail").fill("eva@example.com")
    visit.page.get_by_label("Password").fill(PASSWORD)
    visit.page.get_by_role("button", name="Sign in").click()
    visit.is_drawn()


def test_it_shows_an_alarm_on_every_page_until_a_manager_has_seen_it(
    product: Product, desk: Desk, address: str, visit: Visit, connection: psycopg.Connection
) -> None:
    campaign = desk.campaign(2)
    order = desk.claim(1)[0]
    enter(product, address, visit, "manager")
    expect(visit.page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(alarms(visit)).to_have_count(0)

    raise_alarm(connection, subject=order["call_id"])  # while the page is open

    expect(alarms(visit)).to_contain_text(f"Spring, {order['name']}: {TURNED_UP}")
    expect(alarms(visit)).to_contain_text("5 minutes ago")
    visit.open(f"{address}/campaign?id={campaign}")
    expect(alarms(visit)).to_contain_text(TURNED_UP)
    alarms(visit).get_by_role("button", name="Seen").click()
    expect(alarms(visit)).to_have_count(0)
    assert list_alarms(product.database, actor=EVA) == []
    actor = connection.execute("select cleared_by from public.alarms").fetchone()
    assert actor == ("eva@example.com",)


def test_it_offers_no_button_when_the_visitor_is_a_viewer(
    product: Product, address: str, visit: Visit, connection: psycopg.Connection
) -> None:
    raise_alarm(connection)

    enter(product, address, visit, "viewer")

    expect(alarms(visit)).to_contain_text(TURNED_UP)
    expect(alarms(visit).get_by_role("button", name="Seen")).to_have_count(0)


def test_it_shows_the_newest_and_opens_the_others_when_there_are_several(
    product: Product, address: str, visit: Visit, connection: psycopg.Connection
) -> None:
    raise_alarm(connection, subject="1")
    raise_alarm(connection, subject="2")  # alike
    raise_alarm(connection, "Vapi's clock is 20 minutes ahead of ours.", "provider", "clocks_differ")
    begin_recovery(product.database, actor=EVA)  # over when its cause is

    visit.open(address)

    expect(alarms(visit)).to_contain_text("and 2 more")
    expect(alarms(visit).get_by_text("restored or replaced")).not_to_be_visible()
    alarms(visit).get_by_text("and 2 more").click()
    expect(alarms(visit).get_by_text("restored or replaced")).to_be_visible()
    expect(alarms(visit)).to_contain_text("2 times, last 5 minutes ago")
    expect(alarms(visit).get_by_role("button", name="Seen")).to_have_count(2)


def test_it_says_that_an_answer_was_lost_when_a_call_is_in_doubt(desk: Desk, address: str, visit: Visit) -> None:
    now = datetime.now(UTC)
    campaign = desk.campaign(6, now=now - timedelta(minutes=2))
    lost, held, talking, over = desk.claim(4, now=now - timedelta(minutes=2))
    desk.event(desk.dial(talking, now=now - timedelta(minutes=2)), "IN_PROGRESS", now=now)
    desk.event(desk.dial(over, now=now - timedelta(minutes=2)), "ENDED", now=now)
    desk.in_doubt(lost, is_answered=True, now=now - timedelta(minutes=2))
    desk.in_doubt(held, now=now - timedelta(minutes=2))
    given_back = [
        desk.database.call("note_absent", call_id=lost["call_id"], asked_at=at, now=at)["given_back"]
        for at in (now - timedelta(seconds=90), now - timedelta(seconds=25))
    ]
    assert given_back == ["nothing", "line"]

    visit.open(f"{address}/campaign?id={campaign}&call={lost['call_id']}")

    drawer = visit.page.get_by_test_id("stDialog")
    expect(drawer).to_contain_text("Vapi's answer was lost (No answer)")
    expect(drawer).to_contain_text("until today")
    expect(drawer).to_contain_text("Its line was given back meanwhile.")
    for misleading in ("Failed", "Never dialed", "as Vapi says"):
        expect(drawer.get_by_text(misleading)).to_have_count(0)
    visit.page.keyboard.press("Escape")
    lines = visit.page.locator(".st-key-lines")
    expect(lines.get_by_text("In doubt", exact=True)).to_have_count(2)
    expect(lines).to_contain_text("1 call is in doubt and off the lines")
    expect(visit.page.get_by_text("1 on the line · 2 in doubt · 1 awaits its result · 2 waiting")).to_be_visible()
    statuses = ["In doubt", "In doubt", "Talking", "Ended", "Waiting", "Waiting"]
    eventually(lambda: [row[4] for row in visit.cells("contacts_")] == statuses, "the statuses of the contacts")
    visit.open(address)
    assert {row[3] for row in visit.cells("latest_calls")} == {"In doubt", "Talking", "Ended"}
