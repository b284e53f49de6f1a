"""What read functions tell of calls in doubt, and how alarms are listed and cleared."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import psycopg
import pytest

from autolynx.calls.reading import get_call
from autolynx.campaigns.listing import get_campaign
from autolynx.contacts.listing import list_contacts
from autolynx.database import Database
from autolynx.errors import NotFound
from autolynx.operations.alarms import clear_alarm, list_alarms
from autolynx.operations.recovery import begin_recovery
from rig.actors import EVA
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_lists_a_call_in_doubt_when_it_holds_a_line(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim(1)[0]
    desk.in_doubt(order)

    read = get_campaign(desk.database, campaign, actor=EVA)

    assert [str(call.id) for call in read.active_calls] == [order["call_id"]]
    assert read.calls_in_doubt == read.active_calls
    assert read.calls_in_doubt[0].in_doubt_until == later(600)
    assert (read.progress.on_line, read.progress.in_doubt) == (0, 1)


def test_it_lists_a_call_in_doubt_when_its_line_was_given_back(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim(1)[0]
    desk.off_the_line(order)

    read = get_campaign(desk.database, campaign, actor=EVA)
    contact = list_contacts(desk.database, campaign, actor=EVA).items[0]
    call = get_call(desk.database, order["call_id"], actor=EVA)

    assert read.active_calls == []
    assert [(call.status, call.dial_state) for call in read.calls_in_doubt] == [("FAILED", "unknown")]
    assert (contact.state, contact.status, contact.status_is_guess, contact.dial_state) == (
        "calling", "FAILED", True, "unknown",
    )  # fmt: skip
    assert (call.in_doubt_until, call.turned_up_at) == (later(600), None)
    latest = desk.database.call("get_overview", day_start=NOON, now=NOON)["latest_calls"][0]
    assert (latest["status_is_guess"], latest["dial_state"]) == (True, "unknown")


def test_it_counts_every_contact_once_whatever_its_call_has_come_to(desk: Desk) -> None:
    campaign = desk.campaign(7)
    talking, over, silent, off_the_line, held, reported = desk.claim(6)
    desk.event(desk.dial(talking), "IN_PROGRESS")
    for order in (over, silent):
        desk.event(desk.dial(order), "ENDED")
    desk.in_doubt(held)
    desk.off_the_line(off_the_line)
    desk.report(desk.dial(reported))

    now = get_campaign(desk.database, campaign, actor=EVA).progress

    assert (now.on_line, now.in_doubt, now.awaiting_result, now.waiting, now.settled) == (1, 2, 2, 1, 1)
    assert now.active_calls == 2  # one of those in doubt holds a line
    assert now.total == now.settled + now.waiting + now.on_line + now.in_doubt + now.awaiting_result


def test_it_counts_a_settled_contacts_call_that_turned_up_as_no_contact_on_the_line(desk: Desk) -> None:
    campaign = desk.campaign(1)
    for start in (0, 1000):
        order = desk.claim(1, now=later(start))[0]
        desk.in_doubt(order, now=later(start))
        for at in (60, 120, 240, 700):
            desk.absent(order, start + at)
    desk.confirm(order, now=later(2000))

    now = get_campaign(desk.database, campaign, actor=EVA).progress

    assert (now.active_calls, now.settled, now.on_line, now.awaiting_result) == (1, 1, 0, 0)


def test_it_says_when_a_call_turned_up(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim(1)[0]
    desk.off_the_line(order)
    desk.confirm(order, now=later(100))

    read = get_campaign(desk.database, campaign, actor=EVA)

    assert [call.turned_up_at for call in read.active_calls] == [later(100)]
    assert read.calls_in_doubt == []
    assert [alarm.code for alarm in list_alarms(desk.database, actor=EVA)] == ["call_turned_up"]


def test_it_names_campaign_and_contact_beside_the_text_and_not_in_it(desk: Desk) -> None:
    campaign = desk.campaign(1, name="Autumn")
    order = desk.claim(1)[0]
    desk.off_the_line(order)
    desk.confirm(order, now=later(100))
    desk.execute("select internal.raise_alarm('unknown_call', %s, 'Look.', %s)", campaign, NOON)
    desk.execute("select internal.raise_alarm('clocks_differ', 'provider', 'Look.', %s)", later(-1))

    turned_up, unknown, clocks = list_alarms(desk.database, actor=EVA)

    assert turned_up.told.startswith(f"Autumn, {order['name']}: A call that Vapi had not shown turned up late")
    assert "Autumn" not in turned_up.text
    assert (unknown.told, clocks.told) == ("Autumn: Look.", "Look.")


def test_it_tells_nothing_of_a_doubt_when_there_was_no_call(desk: Desk) -> None:
    contact = list_contacts(desk.database, desk.campaign(1), actor=EVA).items[0]

    assert (contact.status, contact.status_is_guess, contact.dial_state) == ("WAITING", None, None)


def test_it_clears_an_alarm_once_and_names_who(database: Database, connection: psycopg.Connection) -> None:
    connection.execute("select internal.raise_alarm('clocks_differ', 'provider', 'Look.', now())")
    alarm = list_alarms(database, actor=EVA)[0]

    for actor in (EVA, replace(EVA, name="Bo")):
        clear_alarm(database, str(alarm.id), actor=actor)

    assert list_alarms(database, actor=EVA) == []
    audited = connection.execute("select actor from public.audit_log where action = 'alarm.cleared'").fetchall()
    assert audited == [("Eva",)]
    with pytest.raises(NotFound):
        clear_alarm(database, uuid4(), actor=EVA)


def test_it_answers_since_when_calls_are_asked_for(database: Database) -> None:
    since = datetime.fromisoformat("2026-11-20T09:00:00+01:00")

    assert begin_recovery(database, since=since, actor=EVA) == since
    alarm = list_alarms(database, actor=EVA)[0]
    assert (alarm.code, alarm.id) == ("after_restore", None)
