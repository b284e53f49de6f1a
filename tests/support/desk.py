"""A calling desk in a named state, through the public functions alone. Time is passed in."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from autolynx.database import Database
from rig.sessions import Session, address_of, attempt, beside, let_wait

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Meeting:
    """Two transactions that met: their answers, or errors, and whether the second had to wait for the first."""

    first: Any
    second: Any
    had_to_wait: bool


class Desk:
    """What a test does to the database, in the product's own words."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers = itertools.count(2_000_000)
        self._within = threading.local()  # the session of a step of `race` or `interleave`

    @property
    def database(self) -> Any:
        """The port; in a step of `race` or `interleave` that step's own session."""
        return getattr(self._within, "session", self._database)

    def assistant(self, name: str = "Ada") -> str:
        saved = self.database.call(
            "save_assistant",
            name=name,
            source="local",
            provider_assistant_id=str(uuid.uuid4()),
            config={"name": name},
            actor="Eva",
        )
        return str(saved["id"])

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Plain SQL with the service's rights, at once or within a step."""
        within = getattr(self._within, "session", None)
        if within:
            return list(within.execute(statement, *values))
        return beside(self._database).execute(statement, *values)

    def forbid(self, phone: str) -> None:
        """Put a number on the do-not-call list, as an operator does: by plain SQL."""
        self.execute("insert into public.do_not_call (phone, created_by) values (%s, 'Eva')", phone)

    def contacts(self, count: int) -> list[dict[str, Any]]:
        return [
            {"name": f"Person {n}", "business_name": f"Firm {n}", "phone": f"+1415{n:07d}"}
            for n in itertools.islice(self._numbers, count)
        ]

    def campaign(
        self,
        count: int = 3,
        *,
        started: bool = True,
        contacts: list[dict[str, Any]] | None = None,
        import_report: dict[str, Any] | None = None,
        actor: str = "Eva",
        now: datetime = NOON,
        **fields: Any,
    ) -> str:
        """A campaign of so many contacts, or of these; `fields` as SQL's `create_campaign` takes them in `new`."""
        new = {"name": "Spring", "mode": "continuous", "cap": 8, "phone_number_id": "line-1"} | fields
        if "assistant_id" not in new:
            new["assistant_id"] = self.assistant()
        listed = {
            "contacts": self.contacts(count) if contacts is None else contacts,
            "import_report": import_report,
        }
        created = self.database.call("create_campaign", new=new, list=listed, actor=actor, now=now)
        campaign_id = str(created["id"])
        if started:
            self.database.call("start_campaign", id=campaign_id, actor="Eva", now=NOON)
        return campaign_id

    def claim(
        self, limit: int = 100, *, worker: str = "w1", now: datetime = NOON, **others: Any
    ) -> list[dict[str, Any]]:
        found = self.database.call("claim_calls", worker=worker, limit=limit, now=now, **others)
        orders: list[dict[str, Any]] = found["orders"]
        return orders

    def begin(
        self, order: dict[str, Any], *, worker: str = "w1", send: int = 1, now: datetime = NOON, **others: Any
    ) -> bool:
        answer = self.database.call("begin_dial", call_id=order["call_id"], worker=worker, send=send, now=now, **others)
        return bool(answer["go"])

    def dial(self, order: dict[str, Any], *, now: datetime = NOON) -> str:
        """Begin and confirm a claim; the provider's id."""
        assert self.begin(order, now=now)
        return self.confirm(order, now=now)

    def hang_ups(self, at: float) -> list[dict[str, Any]]:
        """The calls to hang up, so many seconds after noon."""
        found: list[dict[str, Any]] = self.database.call("take_hang_ups", now=later(at))["calls"]
        return found

    def in_doubt(self, order: dict[str, Any], *, is_answered: bool = False, now: datetime = NOON) -> None:
        """The request left and its answer was lost."""
        assert self.begin(order, now=now)
        self.database.call("hold_call", call_id=order["call_id"], reason="No answer.", is_answered=is_answered, now=now)

    def absent(self, order: dict[str, Any], at: float) -> str:
        """The provider's list, asked for so many seconds after noon, did not show the call; what was given back."""
        answer = self.database.call("note_absent", call_id=order["call_id"], asked_at=later(at), now=later(at))
        return str(answer["given_back"])

    def off_the_line(self, order: dict[str, Any]) -> None:
        """Answered with a 5xx and not found for long enough to give its line back; it was dialed at noon."""
        self.in_doubt(order, is_answered=True)
        assert [self.absent(order, at) for at in (10, 90)] == ["nothing", "line"]

    def surely_absent(self, order: dict[str, Any]) -> None:
        """Looked for and not found until the bound had passed; it was dialed at noon."""
        assert [self.absent(order, at) for at in (60, 120, 240, 700)] == [*["nothing"] * 3, "contact"]

    def confirm(self, order: dict[str, Any], provider_call_id: str | None = None, *, now: datetime = NOON) -> str:
        provider_call_id = provider_call_id or f"provider-{order['call_id']}"
        self.database.call(
            "confirm_call",
            call_id=order["call_id"],
            provider_call_id=provider_call_id,
            control_url="https://c",
            now=now,
        )
        return provider_call_id

    def dialed(self, campaign_id: str | None = None, *, now: datetime = NOON) -> tuple[dict[str, Any], str]:
        """One confirmed call: its order and the provider's id."""
        if campaign_id is None:
            campaign_id = self.campaign(1)
        order = self.claim(1, now=now)[0]
        assert self.begin(order, now=now)
        return order, self.confirm(order, now=now)

    def event(self, provider_call_id: str | None, status: str | None, **others: Any) -> dict[str, Any]:
        """Record a status-update, or with `fields` and is_final=True a report."""
        arguments: dict[str, Any] = {
            "payload": {"message": {"type": "status-update", "status": status}},
            "type": "end-of-call-report" if others.get("is_final") else "status-update",
            "dedup_key": f"{provider_call_id}|{status}|{others.get('is_final', False)}",
            "provider_call_id": provider_call_id,
            "status": status,
        } | others
        now = arguments.pop("now", NOON)
        recorded: dict[str, Any] = self.database.call("record_event", event=arguments, now=now)
        return recorded

    def report(self, provider_call_id: str | None, status: str = "ENDED", **others: Any) -> dict[str, Any]:
        fields = {
            "ended_reason": "customer-ended-call",
            "outcome": "conversation",
            "cost_usd": 0.05,
            "is_attempt": True,  # as every reason says that is not about our account
        }
        return self.event(provider_call_id, status, is_final=True, **{"fields": fields} | others)

    def call(self, order: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.database.call("get_call", id=order["call_id"])
        return found

    def read(self, campaign_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.database.call("get_campaign", id=campaign_id)
        return found

    def all_contacts(self, campaign_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.database.call("list_contacts", campaign_id=campaign_id, limit=1000)[
            "contacts"
        ]
        return found

    def race(self, *steps: Callable[[], Any]) -> list[Any]:
        """Run the steps at once; the answers, or the errors, in their order.

        Each has a connection and a transaction of its own, begun before the first step calls anything.
        """
        gate = threading.Barrier(len(steps))
        let_wait(address_of(self._database))

        def run(session: Session, step: Callable[[], Any]) -> Any:
            gate.wait()
            answer = self._step(session, step)
            session.commit()
            return answer

        with ExitStack() as stack:
            sessions = [stack.enter_context(Session(address_of(self._database))) for _ in steps]
            pool = stack.enter_context(ThreadPoolExecutor(len(steps)))
            return list(pool.map(run, sessions, steps))

    def interleave(self, first: Callable[[], Any], second: Callable[[], Any]) -> Meeting:
        """Run the first step and keep its transaction open until the second has run, or waits for it."""
        address = address_of(self._database)
        let_wait(address)
        with Session(address) as one, Session(address) as two, ThreadPoolExecutor(1) as pool:
            first_answer = self._step(one, first)
            running = pool.submit(self._step, two, second)
            had_to_wait = one.keeps_waiting(two, until=running)
            one.commit()
            second_answer = running.result()
            two.commit()
            return Meeting(first_answer, second_answer, had_to_wait)

    def _step(self, session: Session, step: Callable[[], Any]) -> Any:
        """One step within a session; where it fails, its locks are let go at once, as the port would."""
        self._within.session = session
        try:
            answer = attempt(step)
        finally:
            del self._within.session
        if isinstance(answer, Exception):
            session.rollback()
            session.begin()
        return answer
