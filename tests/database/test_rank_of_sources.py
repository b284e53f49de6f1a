"""What a call came to is the same row, in whatever order, and however often, the provider tells it."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from autolynx.calls.messages import receive
from autolynx.calls.snapshots import record_snapshot
from autolynx.database import Database
from autolynx.settings import Settings
from autolynx.vapi.wire import WireCall
from rig import messages
from tests.support.desk import Desk, later

Told = Callable[[str], object]

#: an end that nobody told the time of has that of our own clock, when the message came
_RESULT = (
    "status, status_is_guess, started_at, "
    "case when said_by ? 'ended_at' then ended_at end, "
    "case when said_by ? 'ended_at' then duration_seconds end, ended_reason, "
    "outcome, human_reached, is_attempt, cost_usd, recording_url, transcript_json, "
    "success_evaluation, said_by, end_said, report_at is not null, "
    "(select state = 'waiting' from public.contacts where id = contact_id)"
)
_HUNG_UP_BY = (None, "Eva", "AutoLynx")
_GREETING = [{"role": "system", "message": "You call to confirm."}]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def told(desk: Desk, settings: Settings) -> dict[str, Told]:
    """Every way to say something of one call: what it is -> tell it of a call of the provider's."""

    def message(body: Callable[[str], bytes]) -> Told:
        return lambda provider: receive(desk.database, settings, body(provider))

    def answer(fields: dict[str, Any]) -> Told:
        return lambda provider: record_snapshot(
            desk.database, settings, WireCall.model_validate(messages.call(provider) | fields)
        )

    ended = {"endedReason": "customer-ended-call", "endedAt": "2026-11-23T12:01:00.000Z"}
    stale = {"status": "ended", "cost": 0, "startedAt": "2026-11-23T12:00:20.000Z"} | ended
    full = json.loads(messages.report("any"))["message"]
    complete = {name: full[name] for name in ("analysis", "artifact", "cost", "startedAt", "endedAt", "endedReason")}
    return {
        "ringing": message(lambda provider: messages.status_update(provider, "ringing")),
        "in progress": message(lambda provider: messages.status_update(provider, "in-progress")),
        "ended, in part": message(
            lambda provider: messages.status_update(provider, "ended", **ended, artifact={"messages": _GREETING})
        ),
        "ended, and more": message(
            lambda provider: messages.status_update(
                provider, "ended", **ended, cost=0.31, artifact={"messages": full["artifact"]["messages"][:2]}
            )
        ),
        "ended, nothing else": message(lambda provider: messages.status_update(provider, "ended")),
        "stale answer": answer(stale | {"artifact": {"messages": _GREETING}}),
        "complete answer": answer({"status": "ended"} | complete | {"cost": 0.29, "endedAt": "2026-11-23T12:01:01Z"}),
        "report": message(messages.report),
        "poorer report": message(
            lambda provider: messages.report(provider, cost=0, analysis={}, artifact={"messages": _GREETING}, **ended)
        ),
        "other reason": message(
            lambda provider: messages.status_update(provider, "ended", endedReason="pipeline-error-openai-llm-failed")
        ),
        "no attempt": message(
            lambda provider: messages.status_update(provider, "ended", endedReason="assistant-not-found")
        ),
    }


@pytest.fixture
def came_to(desk: Desk, told: dict[str, Told]) -> Callable[..., tuple[Any, ...]]:
    """Tell a fresh call these, hung up before by whoever wanted it; the row it comes to, and how its contact stands."""

    def come(order: tuple[str, ...], hung_up_by: str | None = None) -> tuple[Any, ...]:
        call, provider = desk.dialed()
        if hung_up_by:
            desk.execute(
                "update public.calls set hang_up_at = %s, hang_up_by = %s, is_hang_up_ours = %s, hang_up_sent_at = %s "
                "where id = %s",
                later(0), hung_up_by, hung_up_by == "AutoLynx", datetime(2026, 11, 23, 12, 1, 30, tzinfo=UTC),
                call["call_id"],
            )  # fmt: skip
        for name in order:
            told[name](provider)
        (row,) = desk.execute(f"select {_RESULT} from public.calls where provider_call_id = %s", provider)
        return row

    return come


@pytest.mark.parametrize("hung_up_by", _HUNG_UP_BY)
def test_it_comes_to_the_same_row_when_two_sources_change_places(
    came_to, told: dict[str, Told], hung_up_by: str | None
) -> None:
    for one, other in itertools.combinations(told, 2):
        assert came_to((one, other), hung_up_by) == came_to((other, one), hung_up_by), (one, other)


@pytest.mark.parametrize("hung_up_by", _HUNG_UP_BY)
def test_it_comes_to_the_same_row_in_every_order_and_repetition(
    came_to, told: dict[str, Told], hung_up_by: str | None
) -> None:
    expected = came_to(tuple(told), hung_up_by)
    chance = random.Random(7)
    for _ in range(60):
        order = [*told, *chance.choices(list(told), k=chance.randrange(4))]
        chance.shuffle(order)
        assert came_to(tuple(order), hung_up_by) == expected, order


def test_it_believes_the_report_before_all_others(came_to, told: dict[str, Told]) -> None:
    lower = ("poorer report", "complete answer", "stale answer", "ended, in part", "other reason")

    row = came_to(("report", *lower))

    status, is_guess, started_at, ended_at, seconds, reason, outcome, human, _, cost, link, said, success, *_ = row
    assert (status, is_guess, reason, outcome) == ("ENDED", False, "customer-ended-call", "conversation")
    assert (started_at, ended_at) == (
        datetime(2026, 11, 23, 12, 0, 27, 900_000, UTC),
        datetime(2026, 11, 23, 12, 1, 1, 500_000, UTC),
    )
    assert (seconds, cost, human, success) == (Decimal("33.600"), Decimal("0.0512"), True, True)
    assert link == "https://storage.vapi.ai/1-mono.wav"
    assert (len(said["messages"]), said["summary"]) == (3, "Ana confirmed her appointment.")


def test_it_takes_a_result_back_for_nobody_who_read_it_before(came_to) -> None:
    cost, transcript, ended_at = 9, 11, 3

    alone, after = came_to(("report",)), came_to(("report", "stale answer"))

    assert (after[cost], after[transcript], after[ended_at]) == (alone[cost], alone[transcript], alone[ended_at])


def test_it_fills_from_a_lower_source_what_a_higher_one_left_open(came_to) -> None:
    row = came_to(("poorer report", "complete answer"))

    assert (row[9], row[12], len(row[11]["messages"])) == (Decimal("0.29"), True, 3)


def test_it_works_out_the_length_anew_when_a_better_source_tells_the_times(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.event(provider, "IN_PROGRESS", now=later(10))
    desk.event(provider, "ENDED", now=later(40))
    assert desk.call(order)["duration_seconds"] == 30

    desk.report(provider, fields={"started_at": later(12).isoformat(), "ended_at": later(37).isoformat()})

    assert desk.call(order)["duration_seconds"] == 25


def test_it_believes_how_a_call_ended_before_a_guess_that_tells_no_reason_either(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.event(provider, "FAILED", is_guess=True)

    desk.report(provider, "ENDED", fields={"cost_usd": 0.1})

    assert desk.call(order)["status"] == "ENDED"


def test_it_keeps_what_a_user_ended_canceled_whoever_ranks_higher(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=later(5))
    desk.event(provider, "ENDED", now=later(9), fields={"ended_reason": "call-ended"})

    desk.report(provider, now=later(12))

    call = desk.call(order)
    assert (call["status"], call["ended_reason"]) == ("CANCELED", "customer-ended-call")
    assert call["cost_usd"] == Decimal("0.05")


def test_it_calls_a_hang_up_of_our_own_canceled_only_where_it_was_in_time(desk: Desk) -> None:
    order, provider = desk.dialed()
    desk.execute("update public.calls set hang_up_at = %s, hang_up_by = 'AutoLynx', is_hang_up_ours = true", later(20))
    assert desk.hang_ups(20)
    desk.event(provider, "ENDED", now=later(30))
    assert desk.call(order)["status"] == "CANCELED"

    desk.report(provider, fields={"ended_at": later(10).isoformat()}, now=later(31))

    assert desk.call(order)["status"] == "ENDED"
