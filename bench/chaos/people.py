"""What people do during a run: they start, pause, resume and stop, hang up, and put numbers on the do-not-call list.

They go to the database directly, past whatever cuts the product off, so that the moment of each commit is known.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench.chaos.diary import Deed, Diary
from bench.chaos.plan import Plan, Step
from rig.waiting import eventually

PATIENCE_SECONDS = 30
_ACTS = {
    "start": "select public.start_campaign(p_id => %s, p_actor => 'Eva')",
    "pause": "select public.pause_campaign(p_id => %s, p_actor => 'Eva')",
    "resume": "select public.resume_campaign(p_id => %s, p_actor => 'Eva')",
    "stop": "select public.stop_campaign(p_id => %s, p_actor => 'Eva')",
    "stop-hang-up": "select public.stop_campaign(p_id => %s, p_actor => 'Eva', p_hang_up => true)",
}
_LIVE = """
select id, provider_call_id, phone from public.calls
where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and dial_state = 'confirmed' order by created_at desc limit 1
"""
_WAITING = "select phone from public.contacts where state = 'waiting' order by position"
_DO_NOT_CALL = "insert into public.do_not_call (phone, created_by) values (%s, 'Eva') on conflict do nothing"


class People:
    """Performs what the plan has people do, and notes when each deed was committed."""

    def __init__(self, plan: Plan, url: str, campaign_ids: list[str], diary: Diary) -> None:
        self._url = url
        self._campaign_ids = campaign_ids
        self._diary = diary
        self._chance = random.Random(f"people {plan.seed}")

    def perform(self, step: Step) -> None:
        """Do one thing."""
        if step.what == "hang-up":
            self._hang_up()
        elif step.what == "do-not-call":
            self._forbid_two()
        else:
            self.act(step.what, self._campaign_ids[int(step.subject)])

    def act(self, what: str, campaign_id: str) -> None:
        """Press a campaign's button."""
        self._commit(what.removesuffix("-hang-up"), campaign_id, _ACTS[what], [campaign_id])

    def _hang_up(self) -> None:
        for call_id, provider_call_id, _ in self._ask(_LIVE):
            hang_up = "select public.hang_up_call(p_id => %s, p_actor => 'Eva')"
            self._commit("hang-up", provider_call_id, hang_up, [call_id])

    def _forbid_two(self) -> None:
        waiting = [phone for (phone,) in self._ask(_WAITING)]
        live = [phone for *_, phone in self._ask(_LIVE)]
        for phone in {*live, *self._chance.sample(waiting, min(1, len(waiting)))}:
            self._commit("do-not-call", phone, _DO_NOT_CALL, [phone])

    def _commit(self, what: str, subject: str, statement: str, arguments: list[Any]) -> None:
        began_at = datetime.now(UTC)
        try:
            self._patiently(lambda connection: connection.execute(statement, arguments))
        except psycopg.Error as error:
            if not (error.sqlstate or "").startswith("LX"):
                raise
            self._diary.note(f"{what} refused", f"{subject}: {error.diag.message_primary}")
            return
        self._diary.did(Deed(what, subject, began_at, datetime.now(UTC)))

    def _ask(self, query: str) -> list[Any]:
        return self._patiently(lambda connection: connection.execute(query).fetchall())

    def _patiently(self, step: Callable[[psycopg.Connection], Any]) -> Any:
        """Do it as often as it takes for the server to be there; each of these may be repeated."""

        def answer() -> list[Any]:
            with (
                contextlib.suppress(psycopg.OperationalError),
                psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection,
            ):
                return [step(connection)]
            return []

        return eventually(answer, "the server to be back", PATIENCE_SECONDS)[0]
