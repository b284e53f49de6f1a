"""Why is it not dialing? - in plain words, by the very rules the claim obeys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from autolynx.database import Database
from autolynx.errors import InvalidInput, NotFound
from tests.support.desk import NOON, Desk, later

WEEKDAYS = {"from": "09:00", "until": "18:00", "days": [1, 2, 3, 4, 5], "time_zone": "UTC"}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def desk(database: Database) -> Desk:
    database.call("beat", process="w1", kind="scheduler", now=NOON)
    return Desk(database)


def why(desk: Desk, campaign: str, at: datetime = NOON) -> list[str]:
    found = desk.database.call("explain_campaign", id=campaign, now=at)
    assert all(reason["text"].endswith(".") for reason in found["reasons"])
    return [reason["code"] for reason in found["reasons"]]


def contact_why(desk: Desk, contact: dict[str, Any], at: datetime = NOON) -> list[str]:
    found = desk.database.call("explain_contact", id=contact["id"], now=at)
    return [reason["code"] for reason in found["reasons"]]


def test_it_has_nothing_to_say_when_the_next_tick_dials(desk: Desk) -> None:
    assert why(desk, desk.campaign(1)) == []


def test_it_names_the_campaigns_own_cap(desk: Desk) -> None:
    campaign = desk.campaign(5, cap=2)
    desk.claim()

    assert why(desk, campaign) == ["campaign_cap"]


def test_it_names_the_organisations_cap(desk: Desk) -> None:
    desk.database.call("set_organization_cap", cap=2)
    campaign = desk.campaign(5)
    desk.claim()

    assert why(desk, campaign) == ["organization_cap"]


def test_it_names_the_phone_lines_cap(desk: Desk, connection) -> None:
    connection.execute("insert into public.phone_lines (phone_number_id, cap) values ('line-1', 1)")
    campaign = desk.campaign(5)
    desk.claim()

    assert why(desk, campaign) == ["line_cap"]


def test_it_says_who_paused(desk: Desk) -> None:
    campaign = desk.campaign(5)
    desk.database.call("pause_campaign", id=campaign, actor="Eva")

    reason = desk.database.call("explain_campaign", id=campaign)["reasons"][0]

    assert (reason["code"], reason["text"]) == ("paused", "Paused by Eva.")


def test_it_says_that_nobody_pressed_start_or_that_it_is_over(desk: Desk) -> None:
    campaign = desk.campaign(1, started=False)
    assert why(desk, campaign) == ["not_started"]

    desk.database.call("stop_campaign", id=campaign, actor="Eva")

    assert why(desk, campaign) == ["over"]


def test_it_says_since_when_the_provider_is_down_and_when_it_tries_again(desk: Desk) -> None:
    campaign = desk.campaign(1)
    desk.database.call("note_provider_trouble", reason="Busy.", is_slow_down=True, retry_after_seconds=30, now=NOON)

    reason = desk.database.call("explain_campaign", id=campaign, now=later(1))["reasons"][0]

    assert reason["code"] == "provider_down"
    assert (reason["since"], reason["until"]) == (NOON.isoformat(), later(30).isoformat())


def test_it_says_until_when_it_asks_after_a_restore_once_it_has_begun(desk: Desk) -> None:
    campaign = desk.campaign(1)
    desk.database.call("begin_recovery", actor="Eva", now=NOON)

    def until() -> str | None:
        found = desk.database.call("explain_campaign", id=campaign, now=later(1801))["reasons"]
        return next(reason["until"] for reason in found if reason["code"] == "after_restore")

    assert until() is None
    desk.database.call("note_recovery", asked_at=later(1800), now=later(1800))
    assert datetime.fromisoformat(str(until())) == later(1800 + 600)


def test_it_says_that_no_scheduler_is_alive(desk: Desk) -> None:
    campaign = desk.campaign(1)

    assert why(desk, campaign, later(31)) == ["no_scheduler"]


def test_it_says_that_a_batch_waits_for_the_last(desk: Desk) -> None:
    campaign = desk.campaign(3, mode="batch", cap=2)
    orders = desk.claim()
    desk.begin(orders[0])
    desk.event(desk.confirm(orders[0]), "ENDED")

    assert why(desk, campaign) == ["batch"]


def test_it_waits_for_a_quiet_line_and_says_so(desk: Desk) -> None:
    desk.campaign(1)
    quiet = desk.campaign(2, quiet_line=True, now=later(1))  # after the other, or the turn would be a matter of ids
    order = desk.claim(1)[0]
    assert desk.claim() == []
    assert why(desk, quiet) == ["line_not_quiet"]

    desk.begin(order)
    desk.report(desk.confirm(order))

    assert len(desk.claim()) == 2


def test_it_says_that_a_call_is_held_and_why(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("hold_call", call_id=order["call_id"], reason="Vapi answered 502.", now=NOON)

    assert why(desk, campaign) == ["held", "finishing"]
    held = desk.database.call("explain_campaign", id=campaign, now=NOON)["reasons"][0]["text"]
    assert held.startswith("Vapi's answer to 1 dial was lost")
    assert "keeps 1 line busy" in held
    contact = desk.all_contacts(campaign)[0]
    found = desk.database.call("explain_contact", id=contact["id"], now=NOON)["reasons"][0]
    assert found["code"] == "held"
    assert "Vapi answered 502." in found["text"]


@pytest.mark.parametrize(
    ("at", "dials"),
    [
        (datetime(2026, 11, 23, 8, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 17, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 18, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), False),  # a Sunday
    ],
)
def test_it_keeps_calling_hours_and_says_until_when(desk: Desk, at: datetime, dials: bool) -> None:
    campaign = desk.campaign(1, calling_hours=WEEKDAYS)
    desk.database.call("beat", process="w1", kind="scheduler", now=at)

    assert (why(desk, campaign, at) == []) is dials
    reasons = desk.database.call("explain_campaign", id=campaign, now=at)["reasons"]
    assert bool(desk.claim(now=at)) is dials
    if not dials:
        expected = datetime(2026, 11, 23 if at.hour < 18 else 24, 9, 0, tzinfo=UTC)
        assert [(r["code"], r["until"]) for r in reasons] == [("calling_hours", expected.isoformat())]


def test_it_calls_each_contact_in_the_hours_of_its_own_zone(desk: Desk) -> None:
    contacts = desk.contacts(2)
    contacts[0]["time_zones"] = ["America/Los_Angeles"]  # four in the morning at noon UTC
    contacts[1]["time_zones"] = ["Europe/Berlin"]
    campaign = desk.campaign(2, contacts=contacts, calling_hours=WEEKDAYS)

    assert [order["name"] for order in desk.claim()] == [contacts[1]["name"]]
    sleeper = desk.all_contacts(campaign)[0]
    assert contact_why(desk, sleeper)[0] == "calling_hours"
    assert len(desk.claim(now=later(5 * 3600))) == 1


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ({"from": "18:00", "until": "09:00", "days": [1]}, "earlier first"),
        ({"from": "9", "until": "18:00", "days": [1]}, "two times of a day"),
        ({"from": "09:00", "until": "18:00", "days": []}, "at least one"),
        ({"from": "09:00", "until": "18:00", "days": [8]}, "7 for Sunday"),
        ({"from": "09:00", "until": "18:00", "days": [1], "time_zone": "Mars"}, '"Mars"'),
    ],
)
def test_it_refuses_hours_that_cannot_be_kept(desk: Desk, hours: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        desk.campaign(1, calling_hours=hours)


def test_it_explains_a_contact_at_every_stage(desk: Desk) -> None:
    campaign = desk.campaign(3, cap=1)
    first, second, third = desk.all_contacts(campaign)
    ahead = [desk.database.call("explain_contact", id=each["id"])["reasons"][0]["text"] for each in (second, third)]
    assert ahead == ["The list has 1 contact before this one.", "The list has 2 contacts before this one."]
    assert contact_why(desk, third)[0] == "in_line"
    order = desk.claim()[0]
    assert contact_why(desk, first) == ["calling"]
    desk.begin(order)
    desk.report(desk.confirm(order))
    reason = desk.database.call("explain_contact", id=first["id"])["reasons"][0]
    assert (reason["code"], reason["outcome"], reason["text"]) == ("settled", "conversation", "Settled.")


@pytest.mark.parametrize("function", ["explain_campaign", "explain_contact"])
def test_it_says_so_when_there_is_nothing_to_explain(desk: Desk, function: str) -> None:
    with pytest.raises(NotFound, match=NOBODY):
        desk.database.call(function, id=NOBODY)


def test_it_says_until_when_where_the_waiting_are_and_nowhere_else(desk: Desk) -> None:
    contacts = desk.contacts(1)
    contacts[0]["time_zones"] = ["America/Los_Angeles"]
    campaign = desk.campaign(1, contacts=contacts, calling_hours=WEEKDAYS)
    ten = datetime(2026, 11, 23, 10, tzinfo=UTC)
    desk.database.call("beat", process="w1", kind="scheduler", now=ten)

    assert desk.claim(now=ten) == []
    found = desk.database.call("explain_campaign", id=campaign, now=ten)
    opens = datetime(2026, 11, 23, 17, tzinfo=UTC).isoformat()
    assert [(reason["code"], reason["until"]) for reason in found["reasons"]] == [("calling_hours", opens)]
