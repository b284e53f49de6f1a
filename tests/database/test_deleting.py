"""Deleting a campaign for good, with all that was kept of its calls; by one way, and never by accident."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from autolynx.calls.messages import receive
from autolynx.campaigns.deleting import delete_campaign
from autolynx.database import Database
from autolynx.errors import InvalidInput, NotFound
from autolynx.settings import Settings
from rig import messages
from rig.actors import EVA
from tests.support.desk import Desk, later
from tests.support.kept_of_calls import KEPT_OF_CALLS, count, over


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_deletes_a_campaign_with_all_that_was_kept_of_its_calls(desk: Desk) -> None:
    campaign = desk.campaign(3)
    calls = over(desk, campaign)

    erasure = delete_campaign(desk.database, campaign, actor=EVA, confirmation=" Spring ")

    assert (erasure.contacts, erasure.calls, erasure.cost_usd) == (3, 3, Decimal("0.15"))
    assert sorted(erasure.provider_call_ids) == sorted(provider for _, provider in calls)
    assert {table: count(desk, table) for table in KEPT_OF_CALLS} == dict.fromkeys(KEPT_OF_CALLS, 0)
    with pytest.raises(NotFound):
        desk.read(campaign)
    (line,) = desk.execute("select actor, subject_id, details from public.audit_log where action = 'campaign.deleted'")
    assert line[:2] == ("Eva", campaign)
    assert line[2]["name"] == "Spring"


@pytest.mark.parametrize("typed", ["spring", "", "Spring 2"])
def test_it_deletes_nothing_when_another_name_is_typed(desk: Desk, typed: str) -> None:
    campaign = desk.campaign(1, started=False)

    with pytest.raises(InvalidInput, match='accepted is the campaign\'s name, "Spring"'):
        delete_campaign(desk.database, campaign, actor=EVA, confirmation=typed)

    assert count(desk, "contacts") == 1


def test_it_keeps_nothing_of_what_is_still_said_of_a_deleted_call(desk: Desk, settings: Settings) -> None:
    campaign = desk.campaign(1)
    ((order, provider),) = over(desk, campaign)
    delete_campaign(desk.database, campaign, actor=EVA)

    told = [
        receive(desk.database, settings, messages.report(provider)).result,
        receive(desk.database, settings, messages.report("other", our_call_id=order["call_id"])).result,
    ]
    origin = {"campaign_id": campaign, "phone": order["phone"], "attempt": 1, "phone_number_id": "line-1"}
    adopted = desk.database.call("adopt_call", call_id=order["call_id"], provider_call_id=provider, origin=origin)

    assert told == ["unused", "unused"]
    assert adopted["is_known"] is False
    assert {table: count(desk, table) for table in KEPT_OF_CALLS} == dict.fromkeys(KEPT_OF_CALLS, 0)
    assert desk.database.call("list_alarms")["alarms"] == []


def refusing(call: Callable[..., Any], refused: str) -> Callable[..., Any]:
    """The port as it is with a database that cannot take what one function is given."""

    def called(function: str, /, **arguments: Any) -> Any:
        if function == refused:
            raise InvalidInput("It cannot be stored.")
        return call(function, **arguments)

    return called


def test_it_keeps_nothing_of_what_a_second_call_or_an_unreadable_message_told(
    desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = desk.campaign(1)
    ((order, provider),) = over(desk, campaign)
    receive(desk.database, settings, messages.report("second", our_call_id=order["call_id"]))
    with monkeypatch.context() as patch:
        patch.setattr(desk.database, "call", refusing(desk.database.call, "record_event"))
        receive(desk.database, settings, messages.report(provider, cost=7))
    assert count(desk, "stray_events") == 2

    delete_campaign(desk.database, campaign, actor=EVA)

    assert {table: count(desk, table) for table in KEPT_OF_CALLS} == dict.fromkeys(KEPT_OF_CALLS, 0)


def test_it_tells_the_figures_that_the_campaign_had_shown(desk: Desk) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    desk.database.call("confirm_call", call_id=order["call_id"], provider_call_id="second", now=later(1))
    desk.report("second", now=later(5))
    desk.report(provider, now=later(6))
    shown = desk.read(campaign)["progress"]

    erasure = delete_campaign(desk.database, campaign, actor=EVA)

    assert (erasure.calls, erasure.cost_usd) == (shown["calls"], shown["cost_usd"])
    assert sorted(erasure.provider_call_ids) == sorted([provider, "second"])


@pytest.mark.parametrize("statement", ["calls", "contacts", "campaigns"])
def test_it_deletes_no_event_by_any_other_way(desk: Desk, connection: psycopg.Connection, statement: str) -> None:
    over(desk, desk.campaign(1))
    connection.execute("select set_config('autolynx.deleting_in', '1', false)")

    with pytest.raises(psycopg.Error) as refused:
        connection.execute(f"delete from public.{statement}")

    assert refused.value.sqlstate == "LX150"
    assert count(desk, "call_events") == 2
