"""What pages say where a call's status alone would mislead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from autolynx.models import ActiveCall, Alarm, Call, CallOutcome, Reason
from autolynx.ui.calls import doubt
from autolynx.ui.campaigns import explanation
from autolynx.ui.frame import alarms

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=8)
ID = UUID(int=7)


def line(**values: Any) -> ActiveCall:
    given = {
        "id": ID, "status": "QUEUED", "dial_state": "confirmed", "hold_reason": None, "in_doubt_until": None,
        "turned_up_at": None, "created_at": NOON, "dialed_at": NOON, "started_at": None, "name": "Ana",
        "business_name": "Bell", "phone": "+14155550123",
    }  # fmt: skip
    return ActiveCall.model_validate(given | values)


def call(**values: Any) -> Call:
    empty = dict.fromkeys(
        ("provider_call_id", "hold_reason", "in_doubt_until", "turned_up_at", "dialed_at", "started_at", "ended_at",
         "ended_reason", "outcome", "human_reached", "cost_usd", "duration_seconds", "recording_url",
         "success_evaluation", "transcript_json", "report_at", "hang_up_by")
    )  # fmt: skip
    given = {
        "id": ID, "campaign_id": ID, "campaign_name": "Spring", "contact_id": ID, "status": "ENDED",
        "status_is_guess": False, "dial_state": "confirmed", "attempt": 1, "is_attempt": True, "created_at": NOON,
        "events": [],
        "contact": {"id": ID, "name": "Ana", "business_name": "Bell", "phone": "+14155550123", "position": 1},
    }  # fmt: skip
    return Call.model_validate(empty | given | values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, None),
        (
            {"dial_state": "unknown", "in_doubt_until": SOON},
            "Vapi's answer was lost; being looked up until today 12:08",
        ),
        ({"dial_state": "unknown", "in_doubt_until": NOON}, "Vapi's answer was lost; being looked up"),
        ({"turned_up_at": NOON}, "Turned up late, at 12:00:00"),
    ],
)
def test_it_remarks_on_a_line_when_its_status_is_not_all(values: dict[str, Any], said: str | None) -> None:
    assert doubt.of_line(line(**values), UTC, NOON) == said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, None),
        ({"status": "TIMEOUT"}, None),
        (
            {"status": "FAILED", "status_is_guess": True, "dial_state": "unknown", "in_doubt_until": SOON,
             "hold_reason": "No answer from Vapi: ReadTimeout."},
            "Vapi's answer was lost (No answer from Vapi: ReadTimeout), so the phone may be ringing, or ring yet. The "
            "call is being looked up at Vapi until today 12:08, and nobody dials this contact before it is known. Its "
            "line was given back meanwhile.",
        ),
        ({"status": "QUEUED", "dial_state": "unknown"}, "nobody dials this contact before it is known."),
        ({"status": "FAILED", "status_is_guess": True, "dial_state": "lost"}, "its contact was given back"),
        ({"status": "FAILED", "dial_state": "refused", "ended_reason": "http-400"},
         "Vapi refused to place this call (http-400)."),
        ({"status": "TIMEOUT", "status_is_guess": True, "ended_reason": "autolynx-unknown-to-provider"},
         "Vapi says that it has no such call any more, so nobody here knows how it went."),
        ({"turned_up_at": NOON}, "This call turned up late, today 12:00"),
        ({"turned_up_at": NOON, "is_attempt": False}, "Its contact has another call"),
    ],
)  # fmt: skip
def test_it_remarks_on_a_call_when_its_status_would_mislead(values: dict[str, Any], said: str | None) -> None:
    remark = doubt.of_call(call(**values), UTC, NOON)
    assert remark is None if said is None else said in (remark or "")


def alarm(code: str, minutes: int, text: str = "Look.", *, is_kept: bool = True, **whom: str) -> Alarm:
    made_at = NOON + timedelta(minutes=minutes)
    number = UUID(int=minutes) if is_kept else None
    return Alarm(id=number, code=code, subject=str(minutes), text=text, created_at=made_at, **whom)


def test_it_puts_first_what_somebody_must_look_at_and_counts_what_is_alike() -> None:
    goes_by_itself = alarm("limits_differ", 9, is_kept=False)
    found = [goes_by_itself, alarm("unknown_call", 3), alarm("clocks_differ", 2), alarm("unknown_call", 1)]

    groups = alarms.grouped(found)

    assert [(group.newest.code, len(group.alarms)) for group in groups] == [
        ("unknown_call", 2),
        ("clocks_differ", 1),
        ("limits_differ", 1),
    ]
    assert groups[0].newest.created_at == NOON + timedelta(minutes=3)


def test_it_names_whom_alarms_are_about_when_they_say_the_same_of_one_campaign() -> None:
    about = [("Spring", "Ada"), ("Autumn", "Bo"), ("Spring", "Cy"), ("Spring", "Di")]
    found = [
        alarm("call_turned_up", minutes, campaign_name=campaign, contact_name=contact)
        for minutes, (campaign, contact) in enumerate(about)
    ]

    told = [group.told for group in alarms.grouped(found)]

    assert told == ["Spring, Di and 2 more: Look.", "Autumn, Bo: Look."]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(CallOutcome.NOT_CALLED_STOPPED, "Not called: campaign stopped."), (None, "Settled.")],
)
def test_it_says_what_a_settled_contact_came_to_when_that_is_known(outcome: CallOutcome | None, said: str) -> None:
    reason = Reason(code="settled", text="Settled.", since=NOON, until=None, outcome=outcome)

    assert explanation.words(reason) == said
