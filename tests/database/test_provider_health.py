"""The circuit breaker that every scheduler shares, the pace, and pauses that end by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def trouble(desk: Desk, at: float, **others: Any) -> str:
    answer = desk.database.call("note_provider_trouble", reason="Vapi answered 503.", now=later(at), **others)
    return str(answer["state"])


def test_it_opens_after_five_faults_in_a_row(desk: Desk) -> None:
    desk.campaign(9)

    assert [trouble(desk, 0) for _ in range(5)] == ["closed"] * 4 + ["open"]

    assert desk.claim(now=later(4.9)) == []


def test_it_forgets_faults_when_a_dial_is_answered_between(desk: Desk) -> None:
    desk.campaign(9)
    for _ in range(4):
        trouble(desk, 0)
    desk.dialed("any")

    assert trouble(desk, 1) == "closed"


def test_it_tries_with_one_dial_when_the_pause_is_over(desk: Desk) -> None:
    desk.campaign(9)
    for _ in range(5):
        trouble(desk, 0)

    orders = desk.claim(now=later(5))

    assert len(orders) == 1
    assert desk.claim(now=later(6)) == []
    desk.begin(orders[0], now=later(6))
    desk.confirm(orders[0], now=later(6))
    assert len(desk.claim(now=later(6))) == 7


def test_it_tries_with_one_dial_only_when_eight_schedulers_look_at_once(desk: Desk) -> None:
    desk.campaign(9)
    for _ in range(5):
        trouble(desk, 0)

    answers = desk.race(*[lambda n=n: desk.claim(worker=f"w{n}", now=later(5)) for n in range(8)])

    assert sum(len(orders) for orders in answers) == 1


def test_it_tries_again_when_the_one_that_tried_was_never_heard_of(desk: Desk) -> None:
    desk.campaign(9)
    for _ in range(5):
        trouble(desk, 0)
    desk.claim(now=later(5))

    assert desk.claim(now=later(64)) == []
    assert len(desk.claim(now=later(65))) == 1


def test_it_doubles_the_pause_each_time_up_to_five_minutes(desk: Desk) -> None:
    desk.campaign(9, cap=9)
    for _ in range(5):
        trouble(desk, 0)
    at, pauses = 0, []
    for _ in range(9):
        retry_at = desk.database.call("get_provider_health")["retry_at"]
        pauses.append(next(pause for pause in range(0, 400, 5) if later(at + pause).isoformat() == retry_at))
        at += pauses[-1]
        assert len(desk.claim(now=later(at))) == 1
        trouble(desk, at)

    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_it_honours_the_time_the_provider_asks_for(desk: Desk) -> None:
    desk.campaign(9)

    assert trouble(desk, 0, is_slow_down=True, retry_after_seconds=12) == "open"

    assert desk.claim(now=later(11.9)) == []
    assert len(desk.claim(now=later(12))) == 1


def test_it_keeps_the_pause_asked_for_when_an_older_dial_is_answered_meanwhile(desk: Desk) -> None:
    desk.campaign(9)
    order = desk.claim(1)[0]
    desk.begin(order)
    trouble(desk, 0, is_slow_down=True, retry_after_seconds=12)

    desk.confirm(order, now=later(1))

    assert desk.claim(now=later(2)) == []


def test_it_keeps_the_pace_set_for_a_minute(desk: Desk) -> None:
    desk.database.call("set_organization_cap", cap=100, dials_per_minute=3)
    desk.campaign(9, cap=50)

    assert len(desk.claim()) == 3
    assert desk.claim(now=later(59)) == []
    assert len(desk.claim(now=later(61))) == 3


def test_it_resumes_by_itself_when_the_pause_had_an_end(desk: Desk) -> None:
    campaign = desk.campaign(2)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.database.call(
        "release_call", call_id=order["call_id"], pause_reason="Until midnight.",
        resume_at=later(3600), now=NOON,
    )  # fmt: skip
    assert desk.read(campaign)["status"] == "PAUSED"

    assert desk.claim(now=later(3599)) == []
    assert len(desk.claim(now=later(3600))) == 2


def test_it_stays_paused_when_a_user_pressed_pause_meanwhile(desk: Desk) -> None:
    campaign = desk.campaign(2)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.database.call(
        "release_call", call_id=order["call_id"], pause_reason="Until then.", resume_at=later(60), now=NOON
    )

    desk.database.call("pause_campaign", id=campaign, actor="Eva")

    assert desk.claim(now=later(61)) == []
    assert desk.read(campaign)["status_reason"] == "Paused by Eva."


def test_it_keeps_the_pace_though_refused_dials_leave_no_row(desk: Desk) -> None:
    desk.database.call("set_organization_cap", cap=100, dials_per_minute=5)
    desk.campaign(50, cap=50)
    begun = 0
    for second in range(30):
        for order in desk.claim(now=later(second)):
            begun += desk.begin(order, now=later(second))
            desk.database.call("release_call", call_id=order["call_id"], now=later(second))

    assert begun == 5


def test_it_closes_when_the_one_that_tries_is_clearly_refused(desk: Desk) -> None:
    desk.campaign(9)
    for _ in range(5):
        trouble(desk, 0)
    order = desk.claim(now=later(5))[0]
    desk.begin(order, now=later(5))

    desk.database.call("release_call", call_id=order["call_id"], now=later(5))

    assert desk.database.call("get_provider_health")["state"] == "closed"


def test_it_keeps_the_pace_over_claims_that_are_apart(desk: Desk) -> None:
    desk.database.call("set_organization_cap", cap=100, dials_per_minute=3)
    desk.campaign(9)

    assert [len(desk.claim(1, now=later(at))) for at in (0, 30)] == [1, 1]
    assert len(desk.claim(now=later(59))) == 1


def test_it_takes_no_trouble_for_an_answer(desk: Desk) -> None:
    desk.campaign(9)
    order = desk.claim(1)[0]
    desk.begin(order)
    for _ in range(4):
        trouble(desk, 0)

    desk.database.call("release_call", call_id=order["call_id"], is_trouble=True, now=NOON)

    assert trouble(desk, 1) == "open"


def test_it_does_not_pause_until_a_time_that_has_passed(desk: Desk) -> None:
    campaign = desk.campaign(2)
    order = desk.claim(1)[0]
    desk.begin(order)

    desk.database.call("release_call", call_id=order["call_id"], pause_reason="Until then.", resume_at=NOON, now=NOON)

    assert desk.read(campaign)["status"] == "QUEUED"


def test_it_leaves_a_users_pause_alone_when_another_campaigns_ends_by_itself(desk: Desk) -> None:
    ours, other = (desk.campaign(2) for _ in range(2))
    order = next(order for order in desk.claim(2) if order["campaign_id"] == other)
    desk.begin(order)
    desk.database.call("release_call", call_id=order["call_id"], pause_reason="Until.", resume_at=later(60), now=NOON)
    desk.database.call("pause_campaign", id=ours, actor="Eva", now=NOON)

    claimed = {order["campaign_id"] for order in desk.claim(now=later(60))}

    assert claimed == {other}
    assert desk.read(ours)["status"] == "PAUSED"
