"""The figures that people are shown, against a count by hand over contacts and calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from autolynx.database.arguments import decode
from bench.simulation.database import Ground

_ACTIVE = ("QUEUED", "RINGING", "IN_PROGRESS")
_CONTACTS = """
select c.campaign_id::text, c.state::text, c.outcome, k.status::text, k.dial_state::text
from public.contacts c left join public.calls k on k.id = c.last_call_id
"""
_CALLS = """
select campaign_id::text, status::text, dial_state::text, is_attempt, cost_usd, human_reached, success_evaluation,
       case when started_at is not null then duration_seconds end
from public.calls
"""
_KEPT = "select id::text, stats_json::text from public.campaigns where completed_at is not null"


def miscounted(ground: Ground, now: datetime) -> Iterator[str]:
    """Every figure of the overview and of the campaigns in it that is another than the count, one line each."""
    contacts, calls = ground.rows(_CONTACTS), ground.rows(_CALLS)
    overview = ground.call("get_overview", {"day_start": now.replace(year=now.year - 1)}, now)
    yield from _other("overview", overview, _lines([call[1:] for call in calls]))
    yield from _other("today", overview["today"], _results([call[1:] for call in calls if call[3]]))
    kept = {campaign: decode(figures) for campaign, figures in ground.rows(_KEPT)}
    for campaign in ground.call("list_campaigns", {}, now)["campaigns"]:
        name, every = campaign["name"], [call[1:] for call in calls if call[0] == campaign["id"]]
        its = [call for call in every if call[2]]
        people = [contact[1:] for contact in contacts if contact[0] == campaign["id"]]
        by_status = dict(Counter(call[0] for call in its))
        expected = _lines(every) | _results(its) | _people(people) | {"by_status": by_status}
        yield from _other(name, campaign["progress"], expected)
        yield from _other(f"{name}, in stats_json,", kept.get(campaign["id"], expected), expected)


def _lines(calls: list[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "active_calls": sum(call[0] in _ACTIVE for call in calls),
        "held_calls": sum(call[1] == "unknown" for call in calls),
    }


def _results(calls: list[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "calls": len(calls),
        "cost_usd": sum(call[3] or 0 for call in calls),
        "humans_reached": sum(bool(call[4]) for call in calls),
        "successes": sum(bool(call[5]) for call in calls),
        "talk_seconds": sum(call[6] or 0 for call in calls),
    }


def _people(contacts: list[tuple[Any, ...]]) -> dict[str, Any]:
    states = Counter(contact[0] for contact in contacts)
    outcomes = Counter(contact[1] or "unknown" for contact in contacts if contact[0] == "settled")
    calls = [contact[2:] for contact in contacts if contact[0] == "calling"]
    return {
        "total": len(contacts),
        **{state: states[state] for state in ("waiting", "calling", "settled")},
        "by_outcome": dict(outcomes),
        "in_doubt": sum(dial_state == "unknown" for _, dial_state in calls),
        "on_line": sum(status in _ACTIVE and dial_state != "unknown" for status, dial_state in calls),
    }


def _other(what: str, shown: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    for name, value in expected.items():
        if shown[name] != value:
            yield f"{what} shows {name} {shown[name]}, there are {value}"
