"""Dials in doubt: absence is a matter of time, of looks and of whose clock; what is absent is given back."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later

BOUND = 600


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def looked_for(desk: Desk, order: dict[str, Any], *at: float) -> list[str]:
    return [desk.absent(order, seconds) for seconds in at]


def test_it_holds_the_line_for_the_whole_bound_when_no_answer_came(desk: Desk, doubted: dict[str, Any]) -> None:
    assert looked_for(desk, doubted, 1, 60, 120, 300, BOUND - 1) == ["nothing"] * 5

    assert desk.claim(now=later(BOUND - 1)) == []


def test_it_gives_the_contact_back_after_the_bound_at_no_cost_of_an_attempt(
    desk: Desk, doubted: dict[str, Any]
) -> None:
    assert looked_for(desk, doubted, 1, 60, 300, BOUND) == [*["nothing"] * 3, "contact"]

    again = desk.claim(now=later(BOUND))[0]
    assert (again["contact_id"], again["attempt"]) == (doubted["contact_id"], 1)
    assert desk.call(doubted)["status"] == "FAILED"


def test_it_counts_the_bound_from_when_the_request_was_last_on_the_wire(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=later(20))

    assert looked_for(desk, order, 60, 120, 300, BOUND + 19, BOUND + 20) == [*["nothing"] * 4, "contact"]


def test_it_counts_the_bound_from_the_lease_when_the_scheduler_died(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("take_repairs", now=later(61))

    assert looked_for(desk, order, 61, 120, 300, BOUND + 59, BOUND + 60) == [*["nothing"] * 4, "contact"]


def test_it_counts_a_request_that_was_on_the_wire_longer_than_repair_took_for_granted(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("take_repairs", now=later(61))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=later(100))

    assert looked_for(desk, order, 110, 200, 300, BOUND + 99, BOUND + 100) == [*["nothing"] * 4, "contact"]


@pytest.mark.parametrize(
    "at",
    [(BOUND,), (BOUND, BOUND + 31), (BOUND, BOUND + 31, BOUND + 62), (BOUND, BOUND + 1, BOUND + 2, BOUND + 29)],
    ids=["one look", "two", "three", "four within half a minute"],
)
def test_it_is_not_sure_by_few_looks_however_late_they_are(
    desk: Desk, doubted: dict[str, Any], at: tuple[float, ...]
) -> None:
    assert looked_for(desk, doubted, *at) == ["nothing"] * len(at)


def test_it_counts_a_look_once_when_it_is_told_again(desk: Desk, doubted: dict[str, Any]) -> None:
    assert looked_for(desk, doubted, 1, BOUND, BOUND, BOUND, BOUND) == ["nothing"] * 5


def absent_by_a_clock(desk: Desk, order: dict[str, Any], *looks: tuple[float, float | None]) -> list[str]:
    """Looks at so many seconds after noon, by our clock, when the provider's was so far ahead of it."""
    return [
        desk.database.call(
            "note_absent",
            call_id=order["call_id"],
            asked_at=later(at),
            provider_ahead_seconds=ahead,
            now=later(at),
        )["given_back"]
        for at, ahead in looks
    ]


def test_it_does_not_count_the_minutes_by_which_our_own_clock_was_set_forward(desk: Desk) -> None:
    desk.campaign(1)
    (order,) = desk.claim()
    desk.begin(order, provider_now=later(40))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", is_answered=True, now=NOON)

    looks = absent_by_a_clock(desk, order, (1, 40), (21, 40), (621, -560), (626, -560), (1199, -560), (1201, -560))

    assert looks == [*["nothing"] * 2, "nothing", "nothing", "line", "contact"]


@pytest.mark.parametrize("ahead", [-3600, -14 * 31_536_000])
def test_it_takes_no_step_of_the_providers_clock_for_one_of_ours(desk: Desk, ahead: float) -> None:
    desk.campaign(1)
    (order,) = desk.claim()
    desk.begin(order, provider_now=later(40))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)

    looks = absent_by_a_clock(desk, order, (1, 40), (61, ahead), (300, ahead), (BOUND, ahead))

    assert looks == [*["nothing"] * 3, "contact"]


@pytest.mark.parametrize("then", [None, 40])
@pytest.mark.parametrize("now", [None, 38.5, 900])
def test_it_counts_time_as_ever_where_no_clock_is_known_to_have_gained(
    desk: Desk, then: float | None, now: float | None
) -> None:
    desk.campaign(1)
    (order,) = desk.claim()
    desk.begin(order, provider_now=None if then is None else later(then))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)

    looks = absent_by_a_clock(desk, order, (1, now), (60, now), (300, now), (BOUND, now))

    assert looks == [*["nothing"] * 3, "contact"]


def test_it_dials_a_contact_again_only_once(desk: Desk, doubted: dict[str, Any]) -> None:
    looked_for(desk, doubted, 1, 60, 300, BOUND)
    again = desk.claim(now=later(BOUND))[0]
    desk.in_doubt(again, now=later(BOUND))

    assert looked_for(desk, again, 700, 800, 900, 2 * BOUND)[-1] == "contact"

    settled = [c for c in desk.all_contacts(doubted["campaign_id"]) if c["state"] == "settled"]
    assert [(c["id"], c["outcome"]) for c in settled] == [(doubted["contact_id"], "not_called_provider_silent")]
    assert desk.claim(now=later(3000))[0]["contact_id"] != doubted["contact_id"]


def test_it_gives_the_line_back_but_not_the_contact_after_a_5xx(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=1)
    order = desk.claim(1)[0]
    desk.in_doubt(order, is_answered=True)

    assert looked_for(desk, order, 1, 31, 89, 90) == ["nothing", "nothing", "nothing", "line"]

    (other,) = desk.claim(now=later(92))
    assert other["contact_id"] != order["contact_id"]
    assert desk.read(campaign)["status"] == "QUEUED"
    desk.report(desk.dial(other, now=later(92)), now=later(100))
    assert desk.claim(now=later(BOUND - 1)) == []
    assert looked_for(desk, order, 300, BOUND) == ["nothing", "contact"]
    assert desk.claim(now=later(BOUND))[0]["contact_id"] == order["contact_id"]


def test_it_gives_a_line_back_once(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim(1)[0]
    desk.in_doubt(order, is_answered=True)

    assert looked_for(desk, order, 1, 90, 121) == ["nothing", "line", "nothing"]


def test_it_is_not_sure_of_a_line_by_one_look_however_late(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim(1)[0]
    desk.in_doubt(order, is_answered=True)

    assert looked_for(desk, order, 100, 129, 130) == ["nothing", "nothing", "line"]


def test_it_looks_at_the_moment_that_decides_about_a_line(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim(1)[0]
    desk.in_doubt(order, is_answered=True)
    asked = []

    for tenth in range(1, 1000):
        if desk.database.call("take_repairs", now=later(tenth / 10))["calls"]:
            asked.append(tenth / 10)
            desk.absent(order, tenth / 10)

    assert any(90 <= at <= 90.5 for at in asked)
    assert desk.call(order)["status"] == "FAILED"


def test_it_does_not_hold_what_is_confirmed_already(desk: Desk) -> None:
    order, _provider = desk.dialed()

    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)

    assert desk.call(order)["dial_state"] == "confirmed"
    assert looked_for(desk, order, 1, 60, 300, BOUND) == ["nothing"] * 4


def test_it_believes_a_clear_no_that_comes_after_the_lease(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("take_repairs", now=later(61))

    desk.database.call("release_call", call_id=order["call_id"], now=later(62))

    assert desk.claim(now=later(63))[0]["contact_id"] == order["contact_id"]


def test_it_looks_ever_more_rarely_and_at_the_moment_that_decides(desk: Desk, doubted: dict[str, Any]) -> None:
    at, looks = 1.0, []
    while at < 700:
        if desk.database.call("take_repairs", now=later(at))["calls"]:
            looks.append(at)
        at += 0.5

    gaps = [after - before for before, after in itertools.pairwise(looks)]
    assert gaps[0] == 5
    assert max(gaps) <= 60.5
    assert len(looks) < 30
    assert any(BOUND <= look <= BOUND + 1 for look in looks)


def test_it_keeps_no_new_doubt_waiting_for_old_ones(desk: Desk) -> None:
    desk.database.call("set_organization_cap", cap=200)
    old = [desk.campaign(30, cap=30) for _ in range(2)]
    orders = desk.claim()
    assert len(orders) == 60
    for order in orders:
        desk.in_doubt(order)
    for at in range(1, 200):
        desk.database.call("take_repairs", now=later(at))
    desk.campaign(1)
    new = next(order for order in desk.claim(now=later(200)) if order["campaign_id"] not in old)
    desk.in_doubt(new, now=later(200))

    taken = [desk.database.call("take_repairs", now=later(at))["calls"] for at in (201, 202, 203)]

    assert new["call_id"] in {call["call_id"] for calls in taken for call in calls}


def test_it_looks_first_for_what_has_waited_longest_and_not_for_the_oldest(desk: Desk) -> None:
    for _ in range(2):
        desk.campaign(1)
    (old,) = desk.claim(1)
    desk.in_doubt(old)
    desk.database.call("take_repairs", now=later(190))  # looked for, and again in a minute
    (new,) = desk.claim(now=later(200))
    desk.in_doubt(new, now=later(200))

    taken = [desk.database.call("take_repairs", limit=1, now=later(260))["calls"] for _ in range(2)]

    assert [call["call_id"] for calls in taken for call in calls] == [new["call_id"], old["call_id"]]


def test_it_hands_out_no_looks_to_one_who_cannot_look(desk: Desk, doubted: dict[str, Any]) -> None:
    assert desk.database.call("take_repairs", can_look=False, now=later(61))["calls"] == []
    assert len(desk.database.call("take_repairs", now=later(61))["calls"]) == 1
