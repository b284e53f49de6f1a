"""Our table of calls, by hand-written SQL, against the provider's books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg

_OURS = """
select k.provider_call_id as id, c.phone as number, k.status::text, k.ended_reason, k.cost_usd as cost,
       k.success_evaluation, k.transcript_json ->> 'summary' as summary, k.transcript_json ->> 'text' as transcript,
       k.recording_url, k.started_at, k.ended_at,
       (select count(*) from public.call_events e where e.call_id = k.id) as events
from public.calls k join public.contacts c on c.id = k.contact_id where k.provider_call_id is not null
"""
#: what the simulator calls a success in words, as the design reads it
_VERDICTS = {"true": True, "false": False}


def our_calls(connection: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """Every call we know the provider's id of, by that id."""
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return {row["id"]: row for row in cursor.execute(_OURS)}


def differences(ours: dict[str, dict[str, Any]], theirs: list[dict[str, Any]]) -> list[str]:
    """Every way in which the two disagree, one line each; empty when our books are the provider's."""
    truth = {call["id"]: call for call in theirs}
    found = [f"{call_id}: the provider has no such call" for call_id in ours.keys() - truth.keys()]
    found += [f"{call_id}: missing from ours" for call_id in truth.keys() - ours.keys()]
    for call_id in ours.keys() & truth.keys():
        found += [f"{call_id}: {line}" for line in _call_differences(ours[call_id], truth[call_id])]
    return found


def _call_differences(our: dict[str, Any], true: dict[str, Any]) -> list[str]:
    expected = {
        "number": true["number"],
        "ended_reason": true["ended_reason"],
        "cost": None if true["cost"] is None else Decimal(str(true["cost"])).quantize(Decimal("0.0001")),
        "success_evaluation": _VERDICTS.get(str(true["success_evaluation"]).lower()),
        "summary": true["summary"] or None,
        "transcript": true["transcript"] or None,
        "recording_url": true["recording_url"] or None,
    }
    wrong = [f"{name} is {our[name]!r}, truly {value!r}" for name, value in expected.items() if our[name] != value]
    wrong += [
        f"{name} is {our[name]}, truly {true[name]}"
        for name in ("started_at", "ended_at")
        if (our[name] is None) != (true[name] is None)
        or (our[name] is not None and our[name].isoformat(timespec="milliseconds")[:19] != str(true[name])[:19])
    ]
    if our["status"] in ("QUEUED", "RINGING", "IN_PROGRESS"):
        wrong.append(f"still {our['status']}")
    if not our["events"]:
        wrong.append("no event")
    return wrong
