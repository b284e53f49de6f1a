"""The provider's answer about a call -> what the database holds, and whether it has to be asked again."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from autolynx.calls.snapshots import record_snapshot
from autolynx.database import Database
from autolynx.settings import Settings
from autolynx.vapi.wire import WireCall
from rig import messages
from tests.support.desk import NOON, Desk, later


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def snapshot(provider: str, **others: object) -> WireCall:
    return WireCall.model_validate(
        {"id": provider, "status": "ended", "endedReason": "customer-ended-call", "cost": 0} | others
    )


@pytest.mark.parametrize("lacks", ["analysis", "cost", "endedAt"])
def test_it_asks_again_when_the_provider_answers_before_its_result_is_whole(
    desk: Desk, settings: Settings, lacks: str
) -> None:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    just_now = datetime.now(UTC).isoformat()
    early = {"endedAt": just_now, "cost": 0.1, "analysis": {"summary": "Yes."}}
    del early[lacks]

    record_snapshot(desk.database, settings, snapshot(provider, **early))

    assert (desk.call(order)["status"], desk.read(campaign)["status"]) == ("ENDED", "RUNNING")
    whole = snapshot(provider, endedAt=just_now, cost=0.1, analysis={"summary": "Yes."})
    record_snapshot(desk.database, settings, whole)
    assert (desk.call(order)["cost_usd"], desk.read(campaign)["status"]) == (Decimal("0.1"), "COMPLETED")


def test_it_takes_nothing_back_when_an_answer_is_recorded_that_was_read_before_the_report(
    desk: Desk, settings: Settings, take
) -> None:
    order, provider = desk.dialed()
    early = snapshot(provider, endedAt="2026-11-23T12:00:59.000Z", cost=0)
    take(messages.status_update(provider, "ended", endedReason="customer-ended-call"))
    take(messages.report(provider, cost=0.1578))
    whole = desk.call(order)

    record_snapshot(desk.database, settings, early)

    kept = ("cost_usd", "ended_at", "started_at", "ended_reason", "transcript_json", "duration_seconds", "outcome")
    assert {name: desk.call(order)[name] for name in kept} == {name: whole[name] for name in kept}
    assert whole["cost_usd"] == Decimal("0.1578")


@pytest.mark.parametrize("ended_at", ["2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"], ids=["long ago", "in future"])
def test_it_takes_an_answer_for_whole_when_we_have_known_long_enough_that_it_is_over(
    desk: Desk, settings: Settings, connection, ended_at: str
) -> None:
    """By our own clock, whatever the provider's says of the end."""
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    answer = snapshot(provider, endedAt=ended_at)
    record_snapshot(desk.database, settings, answer)
    assert desk.read(campaign)["status"] == "RUNNING"
    connection.execute("update public.calls set over_since = over_since - interval '1 minute'")

    record_snapshot(desk.database, settings, answer)

    assert desk.read(campaign)["status"] == "COMPLETED"
    assert len(desk.call(order)["events"]) == 1


def test_it_forgets_that_the_provider_was_silent_when_it_answers_the_same_again(desk: Desk, settings: Settings) -> None:
    order, provider = desk.dialed()
    talking = snapshot(provider, status="in-progress", endedReason=None)
    record_snapshot(desk.database, settings, talking)
    silence = {"call_id": order["call_id"], "is_unknown": False, "reason": "x"}
    desk.database.call("note_silence", now=NOON, **silence)

    record_snapshot(desk.database, settings, talking)

    assert not desk.database.call("note_silence", now=later(700), **silence)["given_up"]
    assert desk.call(order)["status"] == "IN_PROGRESS"


@pytest.mark.parametrize("status", ["ended", "deletion-failed"])
def test_it_stores_an_answer_with_characters_postgres_cannot(desk: Desk, settings: Settings, status: str) -> None:
    order, provider = desk.dialed()

    record_snapshot(desk.database, settings, snapshot(provider, status=status, analysis={"summary": "a\x00b\ud800"}))

    assert desk.call(order)["transcript_json"]["summary"] == "a�b�"
