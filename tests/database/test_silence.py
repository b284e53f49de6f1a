"""A provider that does not know a confirmed call, or cannot tell: one answer proves nothing."""

from __future__ import annotations

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def silent(desk: Desk, call_id: str, at: float, *, is_unknown: bool = True) -> bool:
    answer = desk.database.call(
        "note_silence", call_id=call_id, is_unknown=is_unknown, reason="autolynx-unknown-to-provider", now=later(at)
    )
    return bool(answer["given_up"])


def test_it_keeps_the_line_until_the_provider_has_not_known_the_call_for_five_minutes(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=1)
    order, _ = desk.dialed(campaign)

    assert [silent(desk, order["call_id"], at) for at in (60, 120, 240, 359)] == [False] * 4
    assert desk.claim(now=later(359)) == []

    assert silent(desk, order["call_id"], 360)
    assert desk.call(order)["status"] == "TIMEOUT"
    assert len(desk.claim(now=later(361))) == 1


def test_it_is_not_convinced_by_few_answers_however_far_apart(desk: Desk) -> None:
    order, _ = desk.dialed()

    assert [silent(desk, order["call_id"], at) for at in (0, 400, 401, 402)] == [False, False, False, True]


def test_it_waits_ten_minutes_and_for_four_failures_when_the_provider_cannot_tell(desk: Desk) -> None:
    order, _ = desk.dialed()

    given_up = [silent(desk, order["call_id"], at, is_unknown=False) for at in (0, 700, 701, 702)]

    assert given_up == [False, False, False, True]


def test_it_counts_failures_anew_when_the_provider_told_in_between(desk: Desk) -> None:
    order, provider = desk.dialed()
    for at in (0, 100, 200):
        silent(desk, order["call_id"], at, is_unknown=False)

    desk.event(provider, "RINGING", now=later(260))

    assert not any(silent(desk, order["call_id"], at, is_unknown=False) for at in (300, 901, 902))


def test_it_begins_anew_when_the_provider_knows_the_call_in_between(desk: Desk) -> None:
    order, provider = desk.dialed()
    assert not any(silent(desk, order["call_id"], at) for at in (0, 100, 200, 250))

    desk.event(provider, "RINGING", now=later(260))

    assert not any(silent(desk, order["call_id"], at) for at in (270, 300, 400, 560))
    assert silent(desk, order["call_id"], 571)


def test_it_begins_anew_when_the_provider_could_not_be_asked_in_between(desk: Desk) -> None:
    order, _ = desk.dialed()
    for at in (0, 100, 200):
        silent(desk, order["call_id"], at)
    silent(desk, order["call_id"], 250, is_unknown=False)

    assert not any(silent(desk, order["call_id"], at) for at in (260, 300, 350, 400))


def test_it_settles_the_contact_and_never_dials_it_again(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, _ = desk.dialed(campaign)
    for at in (0, 100, 200, 300):
        silent(desk, order["call_id"], at)

    assert desk.read(campaign)["status"] == "COMPLETED"
    assert desk.all_contacts(campaign)[0]["outcome"] == "lost_track"
    assert desk.claim(now=later(10_000)) == []


def test_it_asks_again_after_half_a_minute_when_it_was_told_nothing(desk: Desk) -> None:
    order, _ = desk.dialed()
    assert len(desk.database.call("take_checks", now=later(60))["calls"]) == 1
    silent(desk, order["call_id"], 60)

    assert desk.database.call("take_checks", now=later(89))["calls"] == []
    assert len(desk.database.call("take_checks", now=later(90))["calls"]) == 1


def asked(desk: Desk, at: float) -> bool:
    return bool(desk.database.call("take_checks", now=later(at))["calls"])


@pytest.mark.parametrize("is_unknown", [True, False])
def test_it_still_asks_about_what_was_given_up_ever_more_rarely_for_a_day(desk: Desk, is_unknown: bool) -> None:
    order, _ = desk.dialed()
    assert [silent(desk, order["call_id"], at, is_unknown=is_unknown) for at in (0, 300, 400, 600)][-1]

    times = [at for at in range(600, 400_000, 600) if asked(desk, at)]

    assert times[:3] == [1200, 1800, 3000]
    assert 86_400 < times[-1] < 180_000
    assert len(times) < 12


def test_it_asks_a_minute_after_it_gave_a_call_up(desk: Desk) -> None:
    order, _ = desk.dialed()
    assert [silent(desk, order["call_id"], at) for at in (0, 300, 400, 600)][-1]

    assert [at for at in range(600, 2400, 30) if asked(desk, at)] == [660, 720, 840, 1080, 1560]


@pytest.mark.parametrize("is_unknown", [True, False])
def test_it_raises_an_alarm_when_a_call_was_given_up_that_nobody_could_ask_about(desk: Desk, is_unknown: bool) -> None:
    order, _ = desk.dialed()
    assert [silent(desk, order["call_id"], at, is_unknown=is_unknown) for at in (0, 300, 400, 600)][-1]

    alarms = [(alarm["code"], alarm["subject"]) for alarm in desk.database.call("list_alarms")["alarms"]]
    assert alarms == ([] if is_unknown else [("call_given_up", order["call_id"])])


def test_it_keeps_what_was_given_up_and_told_after_all(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    for at in (0, 300, 400, 600):
        silent(desk, order["call_id"], at, is_unknown=False)
    assert asked(desk, 1200)

    fields = {"ended_reason": "customer-ended-call", "outcome": "conversation", "cost_usd": 0.2, "is_attempt": True}
    desk.event(provider, "ENDED", type="reconcile", fields=fields, is_final=True, now=later(1201))

    call = desk.call(order)
    assert (call["status"], call["outcome"], call["status_is_guess"]) == ("ENDED", "conversation", False)
    assert desk.all_contacts(campaign)[0]["outcome"] == "conversation"
    assert not asked(desk, 10_000)


def test_it_says_of_its_contact_what_was_told_after_all_though_that_was_no_attempt(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    for at in (0, 300, 400, 600):
        silent(desk, order["call_id"], at, is_unknown=False)

    fields = {"ended_reason": "over-limit", "outcome": "account_limit", "is_attempt": False}
    desk.report(provider, "FAILED", fields=fields, is_over_limit=True, now=later(700))

    (contact,) = desk.all_contacts(campaign)
    assert (contact["state"], contact["outcome"]) == ("settled", "account_limit")


def test_it_asks_first_about_those_that_have_waited_longest(desk: Desk) -> None:
    desk.campaign(3)
    orders = desk.claim()
    for n, order in enumerate(orders):
        desk.dial(order, now=later(n))

    taken = [desk.database.call("take_checks", limit=1, now=later(100))["calls"][0]["call_id"] for _ in range(3)]

    assert taken == [order["call_id"] for order in orders]


def test_it_does_not_touch_a_dial_in_doubt(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.in_doubt(order, now=NOON)

    assert not any(silent(desk, order["call_id"], at) for at in (0, 100, 200, 300, 700))
    assert desk.call(order)["status"] == "QUEUED"


def test_it_counts_a_call_again_that_was_given_up_and_is_under_way_after_all(desk: Desk) -> None:
    campaign = desk.campaign(2, cap=1)
    order, provider = desk.dialed(campaign)
    for at in (0, 100, 200, 300):
        silent(desk, order["call_id"], at)

    desk.event(provider, "IN_PROGRESS", now=later(310))

    assert desk.call(order)["status"] == "IN_PROGRESS"
    assert desk.claim(now=later(311)) == []
    assert [alarm["code"] for alarm in desk.database.call("list_alarms")["alarms"]] == ["call_turned_up"]
    desk.report(provider, now=later(400))
    assert desk.call(order)["status"] == "ENDED"
    assert len(desk.claim(now=later(401))) == 1
