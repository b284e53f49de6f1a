"""Claiming: no cap is passed, nobody is dialed twice, turns are fair."""

from __future__ import annotations

from collections import Counter

import pytest

from autolynx.database import Database
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    database.call("set_organization_cap", cap=1000)
    return Desk(database)


def test_it_claims_contacts_in_the_order_of_the_list(desk: Desk) -> None:
    desk.campaign(5)

    orders = desk.claim(3)

    assert [order["name"] for order in orders] == [f"Person {n}" for n in (2_000_000, 2_000_001, 2_000_002)]
    assert {order["attempt"] for order in orders} == {1}


def test_it_claims_nothing_before_start(desk: Desk) -> None:
    desk.campaign(5, started=False)

    assert desk.claim() == []


def test_it_never_claims_a_contact_twice_when_asked_again(desk: Desk) -> None:
    desk.campaign(5)

    assert len(desk.claim()) == 5
    assert desk.claim() == []


@pytest.mark.parametrize("round_", range(3))
def test_it_keeps_every_cap_when_eight_claim_at_once(desk: Desk, round_: int) -> None:
    desk.database.call("set_organization_cap", cap=12)
    first = desk.campaign(40, cap=5)
    second = desk.campaign(40, cap=9)

    answers = desk.race(*[lambda n=n: desk.claim(10, worker=f"w{n}") for n in range(8)])

    claimed = Counter(order["campaign_id"] for orders in answers for order in orders)
    contacts = [order["contact_id"] for orders in answers for order in orders]
    assert sum(claimed.values()) == 12
    assert claimed[first] <= 5
    assert claimed[second] <= 9
    assert len(set(contacts)) == len(contacts)


def test_it_keeps_the_phone_lines_cap(desk: Desk, connection) -> None:
    connection.execute("insert into public.phone_lines (phone_number_id, cap) values ('line-1', 2)")
    desk.campaign(5)
    desk.campaign(5)
    desk.campaign(5, phone_number_id="line-2", cap=3)

    claimed = Counter(order["phone_number_id"] for order in desk.claim())

    assert claimed == {"line-1": 2, "line-2": 3}


def test_it_lowers_the_organisations_cap_to_what_the_provider_reported(desk: Desk) -> None:
    desk.campaign(9)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.database.call("confirm_call", call_id=order["call_id"], provider_call_id="p1", concurrency_limit=4, now=NOON)

    assert len(desk.claim()) == 3


def test_it_takes_turns_when_campaigns_compete(desk: Desk) -> None:
    desk.database.call("set_organization_cap", cap=6)
    campaigns = [desk.campaign(20) for _ in range(3)]

    claimed = Counter(order["campaign_id"] for order in desk.claim())

    assert claimed == dict.fromkeys(campaigns, 2)


def test_it_takes_turns_from_claim_to_claim(desk: Desk) -> None:
    for _ in range(2):
        desk.campaign(9)

    first, second, third, fourth = (desk.claim(1)[0]["campaign_id"] for _ in range(4))

    assert first != second
    assert (third, fourth) == (first, second)


def test_it_begins_no_next_batch_while_one_of_the_last_waits_for_his_time(desk: Desk) -> None:
    desk.campaign(4, mode="batch", cap=2)
    first, second = desk.claim()
    desk.report(desk.dial(first))
    desk.begin(second)
    desk.database.call("release_call", call_id=second["call_id"], retry_seconds=60, now=NOON)

    assert desk.claim(now=later(59)) == []
    assert [order["contact_id"] for order in desk.claim(1, now=later(60))] == [second["contact_id"]]


def test_it_begins_the_next_batch_only_when_the_last_is_over(desk: Desk) -> None:
    campaign = desk.campaign(5, mode="batch", cap=2)
    first = desk.claim()
    assert len(first) == 2
    assert desk.claim() == []
    for order in first:
        desk.begin(order)
        desk.confirm(order)
    desk.event(f"provider-{first[0]['call_id']}", "ENDED")
    assert desk.claim() == []

    desk.event(f"provider-{first[1]['call_id']}", "ENDED")

    assert len(desk.claim()) == 2
    assert desk.read(campaign)["progress"]["waiting"] == 1


def test_it_settles_without_calling_when_the_number_is_on_the_do_not_call_list(desk: Desk, connection) -> None:
    campaign = desk.campaign(2)
    phone = desk.all_contacts(campaign)[0]["phone"]
    connection.execute("insert into public.do_not_call (phone, created_by) values (%s, 'Eva')", [phone])

    orders = desk.claim()

    assert len(orders) == 1
    contact = desk.all_contacts(campaign)[0]
    assert (contact["state"], contact["outcome"]) == ("settled", "not_called_do_not_call")


def test_it_completes_the_campaign_when_everybody_is_on_the_do_not_call_list(desk: Desk, connection) -> None:
    campaign = desk.campaign(2)
    connection.execute("insert into public.do_not_call (phone, created_by) select phone, 'Eva' from public.contacts")

    assert desk.claim() == []

    assert desk.read(campaign)["status"] == "COMPLETED"


def test_it_gives_leave_to_dial_only_once(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]

    assert desk.race(*[lambda: desk.begin(order)] * 8).count(True) == 1


def test_it_gives_no_leave_to_another_worker(desk: Desk) -> None:
    desk.campaign(1)

    assert not desk.begin(desk.claim()[0], worker="w2")


def test_it_gives_the_contact_back_when_the_lease_ran_out_before_the_dial(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]

    assert not desk.begin(order, now=later(61))
    assert len(desk.claim(now=later(61))) == 1


def test_it_gives_no_leave_when_the_campaign_was_paused_meanwhile(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.database.call("pause_campaign", id=campaign, actor="Eva")

    assert not desk.begin(order)
    assert desk.read(campaign)["progress"]["waiting"] == 1


def test_it_gives_back_a_claim_whose_worker_died_before_the_dial(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]

    repairs = desk.database.call("take_repairs", now=later(61))

    assert (repairs["calls"], repairs["given_back"]) == ([], 1)
    assert not desk.begin(order)
    assert desk.read(campaign)["progress"]["calls"] == 0
    assert len(desk.claim(now=later(61))) == 1


def test_it_leaves_a_worker_its_lease(desk: Desk) -> None:
    desk.campaign(2)
    claimed, dialing = desk.claim()
    desk.begin(dialing)

    assert desk.database.call("take_repairs", now=later(59.9))["calls"] == []
    assert desk.begin(claimed, now=later(59.9))


def test_it_holds_a_dial_whose_worker_died_until_it_is_looked_up(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)

    taken = desk.database.call("take_repairs", now=later(61))["calls"]

    assert [call["call_id"] for call in taken] == [order["call_id"]]
    assert taken[0]["age_seconds"] == 61
    assert desk.claim(now=later(61)) == []
    assert desk.read(campaign)["active_calls"][0]["hold_reason"]


def test_it_hands_a_repair_to_one_caller_only(desk: Desk) -> None:
    desk.campaign(1)
    desk.begin(desk.claim()[0])

    answers = desk.race(*[lambda: desk.database.call("take_repairs", now=later(61))] * 8)

    assert sum(len(answer["calls"]) for answer in answers) == 1


def test_it_says_what_is_due_beside_the_orders(desk: Desk) -> None:
    desk.campaign(1)
    desk.begin(desk.claim()[0])

    now, then = (desk.database.call("claim_calls", worker="w1", limit=0, now=at) for at in (NOON, later(61)))

    assert not now["repairs_due"]
    assert then["repairs_due"]


def test_it_dials_a_released_contact_again_at_no_cost_of_an_attempt(desk: Desk) -> None:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    desk.database.call("release_call", call_id=order["call_id"], retry_seconds=3, now=NOON)

    assert desk.claim(now=later(2)) == []
    again = desk.claim(now=later(3))

    assert again[0]["contact_id"] == order["contact_id"]
    assert again[0]["attempt"] == 1


def test_it_leaves_out_whose_time_has_not_come_though_somebody_elses_has(desk: Desk) -> None:
    desk.campaign(2)
    early, _ = orders = desk.claim()
    for order, seconds in zip(orders, (60, 3), strict=True):
        desk.begin(order)
        desk.database.call("release_call", call_id=order["call_id"], retry_seconds=seconds, now=NOON)

    assert [order["contact_id"] for order in desk.claim(now=later(59))] == [orders[1]["contact_id"]]
    assert [order["contact_id"] for order in desk.claim(now=later(60))] == [early["contact_id"]]


def test_it_pauses_the_campaign_with_a_reason_when_the_account_is_refused(desk: Desk) -> None:
    campaign = desk.campaign(2)
    order = desk.claim(1)[0]
    desk.begin(order)

    desk.database.call("release_call", call_id=order["call_id"], pause_reason="Top up, then resume.")

    found = desk.read(campaign)
    assert (found["status"], found["status_reason"]) == ("PAUSED", "Top up, then resume.")
    assert found["progress"]["waiting"] == 2


def test_it_does_not_dial_anew_when_a_call_taken_for_lost_turns_up(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order = desk.claim()[0]
    desk.in_doubt(order)
    desk.surely_absent(order)
    assert desk.call(order)["status"] == "FAILED"

    desk.event("p1", "RINGING", call_id=order["call_id"])

    assert desk.call(order)["status"] == "RINGING"
    assert desk.claim() == []
    desk.report("p1")
    assert desk.read(campaign)["status"] == "COMPLETED"
