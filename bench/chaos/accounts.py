"""Our own books after a run: every result the provider's, every contact accounted for, every figure a count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg

from bench.chaos.diary import Diary
from bench.chaos.findings import LOST_ANSWERS, NO_LINE, Fault, Truth, Wrong
from bench.chaos.plan import VISIBILITY_SECONDS, Plan
from rig.books import differences, our_calls

CLOCKS_DIFFER_SECONDS = 900

OPEN = """
select 'call ' || k.id || ' of ' || c.phone || ': ' || k.status || ', ' || k.dial_state || ', ' || k.looks || ' looks, '
       || coalesce(k.hold_reason, k.ended_reason, '') || ', dialed ' || coalesce(k.dialed_at::text, 'never')
from public.calls k join public.contacts c on c.id = k.contact_id
where k.report_at is null or k.dial_state = 'unknown'
union all
select 'contact ' || k.phone || ': ' || k.state || ', next ' || coalesce(k.next_attempt_at::text, 'now')
from public.contacts k join public.campaigns c on c.id = k.campaign_id
where k.state <> 'settled' and c.status not in ('PAUSED', 'CREATED')
union all
select 'campaign ' || id || ': ' || status from public.campaigns where status in ('QUEUED', 'DIALING', 'RUNNING')
"""
_CONTACTS = """
select k.id::text, k.campaign_id::text, k.phone, k.state::text, k.outcome, k.lost_dials,
       c.status::text as campaign_status
from public.contacts k join public.campaigns c on c.id = k.campaign_id
"""
_PROGRESS = """
select (select jsonb_build_object(
            'total', count(*), 'waiting', count(*) filter (where state = 'waiting'),
            'calling', count(*) filter (where state = 'calling'), 'settled', count(*) filter (where state = 'settled'))
        from public.contacts where campaign_id = c.id)
    || (select jsonb_build_object(
            'calls', count(*), 'cost_usd', coalesce(sum(cost_usd), 0),
            'talk_seconds', coalesce(sum(duration_seconds) filter (where started_at is not null), 0),
            'humans_reached', count(*) filter (where human_reached),
            'successes', count(*) filter (where success_evaluation),
            'active_calls', count(*) filter (where status in ('QUEUED', 'RINGING', 'IN_PROGRESS')),
            'held_calls', count(*) filter (where dial_state = 'unknown'))
        from public.calls where campaign_id = c.id and is_attempt)
    || jsonb_build_object(
            'by_outcome', coalesce((select jsonb_object_agg(outcome, n) from (
                select coalesce(outcome, 'unknown') as outcome, count(*) as n from public.contacts
                where campaign_id = c.id and state = 'settled' group by 1) o), '{}'),
            'by_status', coalesce((select jsonb_object_agg(status, n) from (
                select status, count(*) as n from public.calls
                where campaign_id = c.id and is_attempt group by 1) s), '{}'))
    as counted, public.get_campaign(c.id) -> 'progress' as told
from public.campaigns c where c.id = %s
"""
_LINE_GIVEN_BACK = """
select id::text, phone, is_answered, provider_call_id from public.calls where turned_up_at is not null
"""


class Accounts:
    """Judges our database; `url` goes to it directly."""

    def __init__(self, plan: Plan, truth: Truth, url: str, diary: Diary) -> None:
        self._plan = plan
        self._truth = truth
        self._diary = diary
        self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def excused(self) -> int:
        """Calls that turned up after their line was given back, where that was right: answered with a 5xx, and lists
        forgot or did not show them in time."""
        return sum(self._is_excused(row) for row in self._rows(_LINE_GIVEN_BACK))

    def faults(self) -> Iterator[Fault]:
        """Every promise that our books show broken."""
        yield from (Fault(Wrong.DIFFERENCE, line) for line in self.differences())
        yield from self._uncalled()
        yield from self._statuses()
        yield from self._counters()
        yield from self._alarms()

    def differences(self) -> list[str]:
        """What our calls say otherwise than the provider's. One that found no line has nothing but its end."""
        ours = our_calls(self._connection)
        without_line = {call.id for call in self._truth.calls if call.had_no_line}
        real = [call.entry for call in self._truth.calls if call.id not in without_line]
        found = differences({k: v for k, v in ours.items() if k not in without_line}, real)
        return found + [
            f"{call_id}: found no line, but is {ours[call_id]['ended_reason']}, {ours[call_id]['status']}"
            for call_id in without_line & ours.keys()
            if (ours[call_id]["ended_reason"], ours[call_id]["status"]) != (NO_LINE, "FAILED")
            and ours[call_id]["status"] != "CANCELED"
        ]

    def _is_excused(self, row: dict[str, Any]) -> bool:
        call = next((call for call in self._truth.calls if call.id == row["provider_call_id"]), None)
        if call is None or not row["is_answered"]:
            return False
        lag = self._plan.knobs.get("list_lag_seconds", 0)
        shown_after = (call.created_at - call.requested_at).total_seconds() + lag
        return self._plan.has("list-forgets") or shown_after > VISIBILITY_SECONDS

    # -- contacts -------------------------------------------------------------------------------------------

    def _uncalled(self) -> Iterator[Fault]:
        rung = {(call.number, call.campaign_id) for call in self._truth.calls if call.has_rung}
        for contact in self._rows(_CONTACTS):
            if (contact["phone"], contact["campaign_id"]) in rung:
                continue
            if not self._has_reason(contact):
                text = f"{contact['phone']} of {contact['campaign_id']} is {contact['state']}: {contact['outcome']}"
                yield Fault(Wrong.NOT_CALLED, f"{text}, {contact['lost_dials']} lost dials")

    def _has_reason(self, contact: dict[str, Any]) -> bool:
        number, outcome, status = contact["phone"], contact["outcome"], contact["campaign_status"]
        if contact["state"] != "settled":
            return status in ("PAUSED", "CREATED")
        if outcome == "not_called_stopped":
            return status == "CANCELED"
        if outcome == "not_called_do_not_call":
            return self._has_deed("do-not-call", number)
        if outcome == "not_called_provider_silent":
            return int(contact["lost_dials"]) == 2 and self._may_have_lost_two(number)
        if outcome == "canceled":
            return status == "CANCELED" or any(deed.what == "hang-up" for deed in self._diary.deeds)
        return (outcome == "wrong_number" and number in self._plan.bad_numbers) or (
            outcome == "refused" and number in self._plan.strange_numbers
        )

    def _has_deed(self, what: str, subject: str) -> bool:
        return any(deed.what == what and deed.subject == subject for deed in self._diary.deeds)

    def _may_have_lost_two(self, number: str) -> bool:
        """Answers that were lost, or requests that a killed or stopped process never sent."""
        answers = sum(post.number == number and post.answer in LOST_ANSWERS for post in self._truth.posts)
        blows = ("kill", "freeze", "cut", "postgres-fast", "postgres-immediate", "postgres-backend")
        return answers + sum(self._diary.counts[blow] for blow in blows) >= 2

    # -- campaigns ------------------------------------------------------------------------------------------

    def _statuses(self) -> Iterator[Fault]:
        for row in self._rows("select id::text, status::text, status_reason from public.campaigns"):
            wanted = self._wanted(row["id"])
            if row["status"] not in wanted:
                reason = f"{row['status']} ({row['status_reason']}), wanted {' or '.join(wanted)}"
                yield Fault(Wrong.STATUS, f"{row['id']} is {reason}")

    def _wanted(self, campaign_id: str) -> tuple[str, ...]:
        deeds = [deed.what for deed in self._diary.deeds if deed.subject == campaign_id]
        if "stop" in deeds:
            return ("CANCELED",)
        return ("PAUSED", "COMPLETED") if deeds and deeds[-1] == "pause" else ("COMPLETED",)

    def _counters(self) -> Iterator[Fault]:
        for campaign_id in self._truth.campaigns:
            for row in self._rows(_PROGRESS, campaign_id):
                told, counted = row["told"], row["counted"]
                for name, value in counted.items():
                    if not _same(told.get(name), value):
                        yield Fault(Wrong.COUNTERS, f"{campaign_id}: {name} is told {told.get(name)}, truly {value}")

    def _alarms(self) -> Iterator[Fault]:
        turned_up = {row["id"]: self._is_excused(row) for row in self._rows(_LINE_GIVEN_BACK)}
        hung_up = {row["id"] for row in self._rows("select id::text from public.calls where hang_up_by is not null")}
        for row in self._rows("select public.list_alarms() -> 'alarms' as alarms"):
            for alarm in row["alarms"]:
                is_due = {
                    "clocks_differ": self._plan.largest_skew_seconds >= CLOCKS_DIFFER_SECONDS - 5,
                    "call_turned_up": turned_up.pop(alarm["subject"], False),
                    "hang_up_fails": alarm["subject"] in hung_up,  # we stand still, or the provider is away
                }
                if not is_due.get(alarm["code"], False):
                    yield Fault(Wrong.ALARM, json.dumps(alarm))
        yield from (Fault(Wrong.ALARM, f"call {call_id} turned up without one") for call_id in turned_up)

    def _rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return list(cursor.execute(query, arguments))


def _same(told: Any, counted: Any) -> bool:
    if isinstance(counted, dict):
        return {name: n for name, n in (told or {}).items() if n} == counted
    return told is not None and abs(Decimal(str(told)) - Decimal(str(counted))) < Decimal("0.001")
