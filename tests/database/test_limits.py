"""Limits of the schedulers alive: the strictest holds, and a difference is reported."""

from __future__ import annotations

import pytest

from autolynx.database import Database
from tests.support.desk import Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def beat(desk: Desk, name: str, cap: int, pace: int | None = None, bound: int = 600, at: float = 0) -> None:
    limits = {"organization_cap": cap, "dials_per_minute": pace, "dial_visibility_seconds": bound}
    details = {"beats_every_seconds": 10, "limits": limits}
    desk.database.call("beat", process=name, kind="scheduler", details=details, now=later(at))


def room(desk: Desk, at: float = 0) -> int:
    """How many contacts would be claimed, undone at once."""
    orders = desk.claim(now=later(at))
    for order in orders:
        desk.database.call("release_call", call_id=order["call_id"], now=later(at))
    return len(orders)


def alarms(desk: Desk, at: float = 0) -> list[str]:
    return [alarm["code"] for alarm in desk.database.call("list_alarms", now=later(at))["alarms"]]


def test_it_keeps_the_strictest_cap_of_the_schedulers_alive(desk: Desk) -> None:
    desk.campaign(40, cap=50)
    beat(desk, "one", 9)
    assert room(desk) == 9
    beat(desk, "two", 4)
    assert room(desk) == 4

    beat(desk, "one", 9, at=5)  # its next sign of life clears nothing

    assert room(desk, 5) == 4
    assert alarms(desk, 5) == ["limits_differ"]
    beat(desk, "two", 1, pace=1, at=6)
    text = desk.database.call("list_alarms", now=later(6))["alarms"][0]["text"]
    assert "(1 line, 1 dial a minute, dials in doubt for 600 s; 9 lines, any number of dials a minute" in text


def test_it_says_since_when_limits_differ(desk: Desk) -> None:
    def since(at: float) -> list[str]:
        return [alarm["created_at"] for alarm in desk.database.call("list_alarms", now=later(at))["alarms"]]

    for at in (0, 20, 40):
        beat(desk, "one", 9, at=at)
    beat(desk, "two", 9, at=41)  # a second like the first
    assert since(42) == []
    for at in (45, 60):
        beat(desk, "three", 4, at=at)
        beat(desk, "one", 9, at=at)
    assert since(65) == [later(45).isoformat()]

    beat(desk, "three", 5, at=70)  # started anew under its name
    assert since(71) == [later(70).isoformat()]

    beat(desk, "one", 9, at=89)
    beat(desk, "three", 5, at=120)  # and after a silence
    beat(desk, "one", 9, at=120)
    assert since(121) == [later(120).isoformat()]


def test_it_keeps_a_pace_that_another_scheduler_was_not_given(desk: Desk) -> None:
    desk.campaign(40, cap=50)
    beat(desk, "one", 40, pace=3)

    beat(desk, "two", 40, at=1)

    assert room(desk, 1) == 3
    assert room(desk, 2) == 0


@pytest.mark.parametrize("how", ["goodbye", "silence"])
def test_it_lets_a_limit_go_with_the_last_scheduler_that_has_it(desk: Desk, how: str) -> None:
    desk.campaign(40, cap=50)
    beat(desk, "old", 4)
    beat(desk, "new", 12, at=1)
    assert room(desk, 1) == 4

    if how == "goodbye":
        desk.database.call("say_goodbye", process="old", now=later(2))
    else:
        beat(desk, "new", 12, at=29)
        assert room(desk, 29) == 4
        beat(desk, "new", 12, at=31)

    assert room(desk, 31) == 12
    assert alarms(desk, 31) == []


def test_it_keeps_the_longest_bound_for_dials_in_doubt(desk: Desk) -> None:
    beat(desk, "one", 10, bound=300)
    beat(desk, "two", 10, bound=900)
    desk.campaign(1)
    order = desk.claim()[0]
    desk.in_doubt(order)

    assert [desk.absent(order, at) for at in (1, 100, 300, 899, 900)] == [*["nothing"] * 4, "contact"]


def test_it_keeps_what_was_set_while_no_scheduler_told_any(desk: Desk) -> None:
    desk.database.call("set_organization_cap", cap=7)
    desk.database.call("beat", process="w", kind="webhook", now=later(0))
    desk.campaign(40, cap=50)

    assert room(desk) == 7


def test_it_counts_a_scheduler_that_comes_by_once_a_minute_as_alive_between_its_visits(desk: Desk) -> None:
    details = {"beats_every_seconds": 60}
    desk.database.call("beat", process="cron", kind="scheduler", details=details, now=later(0))
    campaign = desk.campaign(1)

    def reasons(at: float) -> list[str]:
        found = desk.database.call("explain_campaign", id=campaign, now=later(at))["reasons"]
        return [reason["code"] for reason in found]

    assert "no_scheduler" not in reasons(90)
    assert "no_scheduler" in reasons(181)


def test_it_raises_an_alarm_when_the_clocks_differ_by_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.database.call("note_provider_clock", provider_now=later(899), now=later(0))
    assert alarms(desk) == []

    for _ in range(2):
        desk.database.call("note_provider_clock", provider_now=later(-900), now=later(0))

    assert alarms(desk) == ["clocks_differ"]


def test_it_keeps_an_alarm_until_somebody_has_seen_it(desk: Desk) -> None:
    desk.database.call("note_provider_clock", provider_now=later(1800), now=later(0))
    (alarm,) = desk.database.call("list_alarms")["alarms"]

    for _ in range(2):
        desk.database.call("clear_alarm", id=alarm["id"], actor="Eva", now=later(5))

    assert alarms(desk) == []
