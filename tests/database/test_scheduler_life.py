"""Is a scheduler alive? One rule, by the cadence that it told; everybody who asks hears the same."""

from __future__ import annotations

from typing import Any

import pytest

from autolynx.database import Database
from autolynx.models import SchedulerLife
from tests.support.desk import Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def life(desk: Desk, at: float) -> SchedulerLife:
    return SchedulerLife.model_validate(desk.database.call("get_health", now=later(at))["scheduler"])


def says_no_scheduler(desk: Desk, campaign: str, at: float) -> bool:
    reasons: list[dict[str, Any]] = desk.database.call("explain_campaign", id=campaign, now=later(at))["reasons"]
    return "no_scheduler" in [reason["code"] for reason in reasons]


@pytest.mark.parametrize(
    ("every_seconds", "at", "is_alive"),
    [(10, 29, True), (10, 31, False), (60, 59, True), (60, 179, True), (60, 181, False), (300, 899, True)],
)
def test_it_counts_a_scheduler_as_alive_until_it_missed_three_of_its_signs(
    desk: Desk, every_seconds: int, at: float, is_alive: bool
) -> None:
    campaign = desk.campaign()
    details = {"beats_every_seconds": every_seconds}
    desk.database.call("beat", process="tick:a", kind="scheduler", details=details, now=later(0))

    found = life(desk, at)

    assert (found.is_alive, found.seconds_ago) == (is_alive, at)
    assert says_no_scheduler(desk, campaign, at) is not is_alive


def test_it_asks_for_the_one_with_the_slower_cadence_when_the_faster_is_gone(desk: Desk) -> None:
    for name, every_seconds, at in (("tick:a", 60, 0), ("b", 10, 20)):
        details = {"beats_every_seconds": every_seconds}
        desk.database.call("beat", process=name, kind="scheduler", details=details, now=later(at))

    found = life(desk, 100)

    assert (found.is_alive, found.seconds_ago) == (True, 80)


def test_it_says_that_none_has_run_when_there_is_only_another_process(desk: Desk) -> None:
    desk.database.call("beat", process="web", kind="webhook server", now=later(0))

    assert life(desk, 1) == SchedulerLife(is_alive=False, seen_at=None, seconds_ago=None)


@pytest.mark.parametrize(
    ("is_alive", "seconds_ago", "sentence"),
    [
        (True, 4, "It was alive 4 seconds ago."),
        (False, 95, "No scheduler has shown a sign of life for 95 seconds, so nobody is dialed."),
        (False, 600, "No scheduler has shown a sign of life for 10 minutes, so nobody is dialed."),
        (False, None, "No scheduler has run for a day, so nobody is dialed."),
    ],
)
def test_it_tells_people_how_long_ago(is_alive: bool, seconds_ago: int | None, sentence: str) -> None:
    assert SchedulerLife(is_alive=is_alive, seen_at=None, seconds_ago=seconds_ago).told == sentence
