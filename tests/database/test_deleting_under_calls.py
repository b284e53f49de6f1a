"""Deleting and erasing where calls go on: nothing goes while a call is under way, and no call has to wait."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from autolynx.campaigns.deleting import delete_campaign
from autolynx.contacts.erasing import erase_person
from autolynx.database import Database
from autolynx.errors import Busy, Conflict
from autolynx.models import Erasure
from rig.actors import EVA
from tests.support.desk import Desk, later
from tests.support.kept_of_calls import count, over


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_deletes_no_campaign_that_dials_or_has_a_call_under_way(desk: Desk) -> None:
    campaign = desk.campaign(1)
    with pytest.raises(Conflict, match="is QUEUED; stop it"):
        delete_campaign(desk.database, campaign, actor=EVA)
    order, provider = desk.dialed(campaign)
    desk.database.call("stop_campaign", id=campaign, actor="Eva", now=later(1))
    with pytest.raises(Conflict, match="under way"):
        delete_campaign(desk.database, campaign, actor=EVA)
    assert desk.call(order)["status"] == "QUEUED"

    desk.report(provider, now=later(9))

    assert delete_campaign(desk.database, campaign, actor=EVA).calls == 1


def test_it_erases_nobody_whose_phone_is_ringing(desk: Desk) -> None:
    order, _ = desk.dialed()

    with pytest.raises(Conflict, match="under way"):
        erase_person(desk.database, order["phone"], actor=EVA)

    assert (count(desk, "contacts"), count(desk, "do_not_call")) == (1, 0)


def test_it_deletes_nothing_while_a_call_that_was_given_up_is_still_asked_about(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, _ = desk.dialed(campaign)
    for at in (60, 300, 500, 700):
        desk.database.call("note_silence", call_id=order["call_id"], is_unknown=False, reason="x", now=later(at))
    assert desk.call(order)["status"] == "TIMEOUT"

    with pytest.raises(Conflict, match="nobody knows yet"):
        erase_person(desk.database, order["phone"], actor=EVA)
    with pytest.raises(Conflict, match="nobody knows yet"):
        delete_campaign(desk.database, campaign, actor=EVA)

    a_day_on = 700 + 24 * 3600
    assert desk.database.call("take_checks", now=later(a_day_on))["calls"]
    assert erase_person(desk.database, order["phone"], actor=EVA).calls == 1


def test_it_erases_nobody_whose_call_turns_up_meanwhile(desk: Desk) -> None:
    people = desk.contacts(1)
    campaign = desk.campaign(contacts=people)
    phone = people[0]["phone"]
    origin = {"campaign_id": campaign, "phone": phone, "attempt": 1, "phone_number_id": "line-1"}

    def turns_up() -> dict[str, Any]:
        return desk.event("turned-up", "IN_PROGRESS", call_id="11111111-1111-4111-8111-111111111111", origin=origin)

    meeting = desk.interleave(turns_up, lambda: erase_person(desk.database, phone, actor=EVA))

    assert meeting.had_to_wait
    assert "A call to this number is under way" in str(meeting.second)
    assert desk.execute("select status from public.calls") == [("IN_PROGRESS",)]


def test_it_stops_no_dialing_while_it_waits_for_a_call_that_somebody_holds(
    desk: Desk, connection: psycopg.Connection
) -> None:
    campaign = desk.campaign(1)
    ((order, _),) = over(desk, campaign)

    with connection.transaction():
        connection.execute("select from public.calls for update")
        with pytest.raises(Busy):
            erase_person(desk.database, order["phone"], actor=EVA)
        with pytest.raises(Busy):
            delete_campaign(desk.database, campaign, actor=EVA)

    assert delete_campaign(desk.database, campaign, actor=EVA).calls == 1


def test_it_waits_for_no_call_that_somebody_holds(desk: Desk) -> None:
    campaign = desk.campaign(1)
    ((order, provider),) = over(desk, campaign)
    for deletes in (
        lambda: erase_person(desk.database, order["phone"], actor=EVA),
        lambda: delete_campaign(desk.database, campaign, actor=EVA),
    ):
        meeting = desk.interleave(lambda: desk.event(provider, "RINGING", dedup_key="late"), deletes)

        assert not meeting.had_to_wait
        assert "could not obtain lock" in str(meeting.second)


def test_it_lets_no_claim_come_between(desk: Desk) -> None:
    people = desk.contacts(1)
    desk.campaign(contacts=people)

    answers = desk.race(
        *[lambda: desk.claim()] * 4, *[lambda: erase_person(desk.database, people[0]["phone"], actor=EVA)] * 4
    )

    claimed = [order for answer in answers if isinstance(answer, list) for order in answer]
    erased = [answer for answer in answers if isinstance(answer, Erasure)]
    refused = [answer.sqlstate for answer in answers if isinstance(answer, psycopg.Error)]
    outcome = len(claimed), sum(answer.contacts for answer in erased), refused, count(desk, "contacts")
    assert outcome in [(1, 0, ["LX113"] * 4, 1), (0, 1, [], 0)]  # the claim was first, or an erasure
    assert len(claimed) == count(desk, "calls")
