"""Leave for a request: asked before every one, given once, and never for what must not ring."""

from __future__ import annotations

from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def order(desk: Desk) -> dict[str, Any]:
    desk.campaign(2, cap=1)
    return desk.claim(1)[0]


def contact(desk: Desk, order: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in desk.all_contacts(order["campaign_id"]) if c["id"] == order["contact_id"])


def test_it_gives_leave_for_each_request_in_its_turn(desk: Desk, order: dict[str, Any]) -> None:
    assert not desk.begin(order, send=2)
    assert desk.begin(order, send=1)
    assert not desk.begin(order, send=1)
    assert desk.begin(order, send=2, now=later(1))
    assert desk.begin(order, send=3, now=later(5))
    assert not desk.begin(order, send=2, now=later(6))


@pytest.mark.parametrize("send", [1, 2])
@pytest.mark.parametrize("how", ["stop", "pause"])
def test_it_gives_no_leave_once_the_campaign_does_not_dial(
    desk: Desk, order: dict[str, Any], how: str, send: int
) -> None:
    if send == 2:
        assert desk.begin(order)
    desk.database.call(f"{how}_campaign", id=order["campaign_id"], actor="Eva")

    assert not desk.begin(order, send=send)

    expected = ("settled", "not_called_stopped") if how == "stop" else ("waiting", None)
    assert (contact(desk, order)["state"], contact(desk, order)["outcome"]) == expected
    assert contact(desk, order)["attempts"] == 0


@pytest.mark.parametrize("send", [1, 2])
def test_it_gives_no_leave_for_a_number_that_may_not_be_called(
    desk: Desk, order: dict[str, Any], connection, send: int
) -> None:
    if send == 2:
        assert desk.begin(order)
    connection.execute("insert into public.do_not_call (phone, created_by) values (%s, 'Eva')", [order["phone"]])

    assert not desk.begin(order, send=send)

    assert contact(desk, order)["outcome"] == "not_called_do_not_call"


@pytest.mark.parametrize("send", [1, 2])
def test_it_gives_no_leave_outside_calling_hours(desk: Desk, send: int) -> None:
    hours = {"from": "09:00", "until": "12:01", "days": [1, 2, 3, 4, 5, 6, 7], "time_zone": "UTC"}
    campaign = desk.campaign(1, calling_hours=hours)
    (order,) = desk.claim()
    if send == 2:
        assert desk.begin(order, now=later(50))

    assert not desk.begin(order, send=send, now=later(60))

    assert desk.all_contacts(campaign)[0]["state"] == "waiting"


def test_it_gives_no_leave_to_repeat_what_repair_looks_for(desk: Desk, order: dict[str, Any]) -> None:
    assert desk.begin(order)
    desk.database.call("take_repairs", now=later(61))

    assert not desk.begin(order, send=2, now=later(62))
    assert desk.call(order)["dial_state"] == "unknown"


def test_it_extends_the_lease_with_every_request(desk: Desk, order: dict[str, Any]) -> None:
    assert desk.begin(order)
    assert desk.begin(order, send=2, now=later(50))

    assert desk.database.call("take_repairs", now=later(100))["calls"] == []
    assert len(desk.database.call("take_repairs", now=later(111))["calls"]) == 1


def test_it_remembers_how_far_the_providers_clock_was_ahead(desk: Desk, order: dict[str, Any]) -> None:
    assert desk.begin(order, provider_now=later(360))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)

    (taken,) = desk.database.call("take_repairs", now=later(5))["calls"]

    assert (taken["provider_ahead_seconds"], taken["age_seconds"]) == (360, 5)


def test_it_counts_the_age_of_a_dial_from_its_first_request(desk: Desk, order: dict[str, Any]) -> None:
    assert desk.begin(order, send=1)
    assert desk.begin(order, send=2, now=later(30))

    (taken,) = desk.database.call("take_repairs", now=later(100))["calls"]

    assert taken["age_seconds"] == 100


def test_it_gives_leave_whatever_year_the_providers_clock_shows(desk: Desk, order: dict[str, Any]) -> None:
    assert desk.begin(order, provider_now="1970-01-01T00:00:00Z")
