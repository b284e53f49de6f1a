"""One run of chaos, from the first process to the judgement."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from bench.chaos.accounts import OPEN, Accounts
from bench.chaos.diary import Diary, play
from bench.chaos.findings import Fault, Truth, Wrong
from bench.chaos.judge import judged
from bench.chaos.killing import Killing
from bench.chaos.people import People
from bench.chaos.plan import CHAOS_SECONDS, PROCESSES, VISIBILITY_SECONDS, CampaignPlan, Plan, Step, draw
from bench.chaos.server import PrivateServer
from bench.chaos.weather import Weather
from rig.forking import ForkedProduct
from rig.ports import answers
from rig.postgrest_server import SERVICE_KEY, PostgrestServer
from rig.product import Product
from rig.relay import Relay
from rig.waiting import eventually, in_time

REST_SECONDS = 120  # to come to rest after the last fault; the limit is for hangs
AGREE_SECONDS = 20  # for the last results to be fetched


@dataclass
class ChaosReport:
    """What one run came to; it went well when `faults` is empty."""

    seed: int
    kinds: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    dials: int = 0
    lost_answers: int = 0
    late_creations: int = 0
    turned_up: int = 0
    peaks: str = ""
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return self.counts.get("kill", 0)

    @property
    def freezes(self) -> int:
        return self.counts.get("freeze", 0)

    @property
    def restarts(self) -> int:
        return sum(n for what, n in self.counts.items() if what.startswith("postgres-"))

    def line(self) -> str:
        """The run in one line."""
        faults = "; ".join(map(str, self.faults)) or "every promise kept"
        return (
            f"seed {self.seed} ({', '.join(self.kinds)}): {self.kills} kills, {self.freezes} stops, "
            f"{self.restarts} restarts, {self.dials} dials, {self.lost_answers} answers lost, "
            f"{self.late_creations} late, {self.peaks}, {self.seconds:.0f} s: {faults}"
        )


def run(
    seed: int, server: PrivateServer, home: Path, *, evidence: Path | None = None, is_forked: bool = False
) -> ChaosReport:
    """Play what `plan.draw` says of this seed, and judge it.

    `evidence`: where what explains a fault is kept; `is_forked`: programs start as forks, which is faster.
    """
    plan, diary, began = draw(seed), Diary(), time.monotonic()
    report = ChaosReport(seed, sorted(plan.kinds))
    with server.database() as url, _scene(plan, server, url, home, diary, is_forked) as scene:
        scene.play()
        scene.judge(report)
        if evidence and report.faults:
            scene.keep(evidence / str(seed), report)
    report.seconds = time.monotonic() - began
    return report


@contextlib.contextmanager
def _scene(plan: Plan, server: PrivateServer, url: str, home: Path, diary: Diary, is_forked: bool) -> Iterator[Scene]:
    """The product's processes, over the transport and by the way that the plan asks for."""
    with contextlib.ExitStack() as stack:
        environment = {
            "CLAIM_LEASE_SECONDS": "4",
            "DIAL_VISIBILITY_SECONDS": str(VISIBILITY_SECONDS),
            "RECONCILE_AFTER_SECONDS": "2",
            "ORGANIZATION_CONCURRENCY_CAP": str(plan.organization_cap),
        }
        used, relay = url, None
        if plan.has("supabase"):
            used = stack.enter_context(PostgrestServer(url)).url
        if plan.has("database-cut"):
            relay = stack.enter_context(Relay(httpx.URL(used).port or 0))
            used = relay.url(used)
        if plan.has("supabase"):
            environment |= {"SUPABASE_URL": used, "SUPABASE_SERVICE_ROLE_KEY": SERVICE_KEY}
        kind = ForkedProduct if is_forked else Product
        product = kind(url if plan.has("supabase") else used, home, **environment)
        stack.callback(product.stop)
        scene = Scene(plan, server, url, product, relay, diary)
        stack.callback(scene.kill_all)
        yield scene


class Scene:
    """The stage of one run."""

    def __init__(
        self, plan: Plan, server: PrivateServer, url: str, product: Product, relay: Relay | None, diary: Diary
    ) -> None:
        self._plan = plan
        self._url = url
        self._product = product
        self._diary = diary
        self._weather = Weather(plan, product, diary)
        self._killing = Killing(product, server, url.rpartition("/")[2], relay, self._weather, diary)
        self._campaigns: dict[str, CampaignPlan] = {}
        self._is_at_rest = True

    def play(self) -> None:
        """Everything at once for a while, then the calm, then the rest."""
        self._diary.note("setting the stage")
        people = self._prepare()
        self._diary.note("chaos")
        parts = [
            play("people", self._plan.people, people.perform, self._diary),
            play("weather", self._plan.weather, self._weather.perform, self._diary),
            play("killing", self._short(self._plan.killing), self._killing.perform, self._diary),
        ]
        long = play("a long stop", self._long(self._plan.killing), self._killing.perform, self._diary)
        time.sleep(CHAOS_SECONDS)
        for part in parts:
            part.join()
        still_frozen = frozenset(step.subject for step in self._long(self._plan.killing))
        self._killing.end(still_frozen)
        self._weather.calm()
        self._await_rest()
        self._diary.note("at rest")
        if still_frozen:
            long.join()
            time.sleep(3)
            self._await_rest()
        self._killing.note_deaths()

    def kill_all(self) -> None:
        """End our processes the short way; the database is thrown away."""
        for name in PROCESSES:
            if name in self._product.processes:
                self._product.kill(name)

    def _prepare(self) -> People:
        self._weather.begin()
        for campaign in self._plan.campaigns:
            campaign_id = self._product.campaign(
                campaign.contacts, cap=campaign.cap, mode=campaign.mode, first=campaign.first, started=False
            )
            self._campaigns[campaign_id] = campaign
        if self._plan.line_cap:
            self._product.database.call(
                "set_phone_line_cap", phone_number_id=self._product.line(), cap=self._plan.line_cap, actor="Eva"
            )
        self._killing.start_all()
        eventually(lambda: answers(f"{self._product.values['WEBHOOK_PUBLIC_URL']}/api/health"), "the webhook server")
        people = People(self._plan, self._url, list(self._campaigns), self._diary)
        for campaign_id, campaign in self._campaigns.items():
            if not campaign.is_late:
                people.act("start", campaign_id)
        return people

    def _short(self, steps: tuple[Step, ...]) -> list[Step]:
        return [step for step in steps if step not in self._long(steps)]

    def _long(self, steps: tuple[Step, ...]) -> list[Step]:
        """The stop that outlasts the chaos, and its end."""
        late = {step.subject for step in steps if step.what == "thaw" and step.at > CHAOS_SECONDS + 12}
        return [step for step in steps if step.what == "thaw" and step.subject in late and step.at > CHAOS_SECONDS + 12]

    # -- the rest -------------------------------------------------------------------------------------------

    def _await_rest(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            self._is_at_rest &= in_time(lambda: self._is_over(connection), REST_SECONDS)

    def _is_over(self, connection: psycopg.Connection[Any]) -> bool:
        if self._plan.strange_numbers:  # who is refused in strange words waits for minutes; they pass
            connection.execute(
                "update public.contacts set next_attempt_at = now() where refusals > 0 and state = 'waiting'"
            )
        if connection.execute(f"select exists ({OPEN})").fetchone() != (False,):
            return False
        books = self._books("?calls=false&posts=false")
        return books["active"] == 0 and books["calls_to_come"] == 0

    def _books(self, query: str = "") -> dict[str, Any]:
        address = f"{self._product.values['VAPI_BASE_URL']}/_simulator/books{query}"
        books: dict[str, Any] = httpx.get(address, timeout=60).json()
        return books

    # -- the judgement --------------------------------------------------------------------------------------

    def judge(self, report: ChaosReport) -> None:
        """Compare with the books, once the last results are in."""
        report.counts = dict(self._diary.counts)
        report.faults += [Fault(Wrong.BROKE, text) for text in self._diary.broken]
        report.faults += [] if self._is_at_rest else [Fault(Wrong.NO_END, line) for line in self._open()]
        in_time(self._do_books_agree, AGREE_SECONDS if self._is_at_rest else 0)
        self._diary.note("judging")
        with self._books_and_accounts() as (truth, accounts):
            self._judge(report, truth, accounts)

    def _do_books_agree(self) -> bool:
        with self._books_and_accounts() as (_, accounts):
            return not accounts.differences()

    @contextlib.contextmanager
    def _books_and_accounts(self) -> Iterator[tuple[Truth, Accounts]]:
        truth = Truth(self._books(), self._campaigns)
        accounts = Accounts(self._plan, truth, self._url, self._diary)
        with contextlib.closing(accounts):
            yield truth, accounts

    def _judge(self, report: ChaosReport, truth: Truth, accounts: Accounts) -> None:
        excused = accounts.excused()
        ended = [call for call in truth.calls if call.entry["ended_at_real"]]
        truth.calls = ended if len(ended) < len(truth.calls) else truth.calls
        report.faults += judged(self._plan, truth, self._diary.deeds, excused)
        report.faults += accounts.faults()
        report.dials = sum(call.has_rung for call in truth.calls)
        report.lost_answers = truth.lost_answers
        report.late_creations = sum(call.is_late for call in truth.calls)
        report.turned_up = excused
        campaigns = max(truth.books["peak_by_campaign"].values(), default=0)
        report.peaks = f"at most {truth.books['peak_concurrency']} at once, {campaigns} of a campaign"

    def _open(self) -> list[str]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            return [line for (line,) in connection.execute(OPEN)][:6] or ["the provider's calls do not end"]

    def keep(self, folder: Path, report: ChaosReport) -> None:
        """Write down what explains a fault: the diary, both books, every process's output."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "diary.txt").write_text("\n".join([report.line(), repr(self._plan), *self._diary.lines]) + "\n")
        (folder / "books.json").write_text(json.dumps(self._books(), indent=1))
        with psycopg.connect(self._url, autocommit=True) as connection:
            for table in ("calls", "contacts", "campaigns", "alarms", "call_events", "stray_events", "settings"):
                rows = connection.execute(f"select to_jsonb(t) from public.{table} t").fetchall()
                (folder / f"{table}.json").write_text(json.dumps([row for (row,) in rows], indent=1))
        for log in self._product.home.glob("*.log"):
            shutil.copy(log, folder)
