"""One run: a plan, two schedulers, a webhook server, people and a provider, until all is quiet, and the books."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from autolynx.settings import Settings
from bench.simulation import people, plan, processes
from bench.simulation.call import Call
from bench.simulation.chooser import Chooser
from bench.simulation.database import Ground, SimulatedDatabase
from bench.simulation.invariants import Books
from bench.simulation.provider import Provider
from bench.simulation.transport import BASE
from bench.simulation.world import NeverEnds, Process, World

FAULTS_END = 400.0  # virtual seconds; what is late by then may come much later
CONTACTS = 30
LONGEST = 6000.0  # virtual seconds
MOST_STEPS = 150_000
MOST_REAL_SECONDS = 60.0
FIGURES_SECONDS = 60.0  # between two looks at what people are shown
OUTAGES = 3  # chances of one, of each kind
SETTINGS = Settings(
    _env_file=None,  # type: ignore[call-arg]
    vapi_api_key="a-key-that-is-used-nowhere-else",
    vapi_base_url=BASE,
    webhook_public_url="https://desk.test",
    webhook_shared_secret="a-secret-that-is-used-nowhere-else",
)


@dataclass(frozen=True)
class Told:
    """What a story is told from: the same again, for the same code."""

    seed: int
    allowed: frozenset[str] | None = None
    contacts: int = CONTACTS
    most_at_once: int | None = None
    is_calm: bool = False
    rates: tuple[tuple[str, float], ...] = ()  # other than the usual ones
    scene: str = ""  # a story that is not drawn: see `plan.SCENES`


@dataclass
class Ending:
    """What a story came to; it went well when `broken` is empty."""

    told: Told
    broken: list[str]
    fired: list[str]
    hash: str
    lines: list[tuple[float, str, str]]
    virtual_seconds: float = 0.0
    calls: int = 0
    sql_calls: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


def tell(ground: Ground, told: Told, *, before: Callable[[Story], None] | None = None) -> Ending:
    """Run one story from its beginning to its end."""
    story = Story(ground, told)
    gc.disable()
    try:
        with _errors_noticed(story.world.broken):
            if before:
                before(story)
            story.run()
    finally:
        story.close()
        gc.enable()
    return story.ending()


class Story:
    """Everything of one run; processes, provider and people ask it what may go wrong, and tell it what they did."""

    def __init__(self, ground: Ground, told: Told) -> None:
        self.ground, self.told = ground, told
        self.world = World()
        self.chooser = Chooser(told.seed, told.allowed, told.is_calm)
        for kind, rate in told.rates:
            self.chooser.weather[kind] = rate
        drawn = plan.draw(self.chooser, told.contacts, told.most_at_once)
        self.plan = plan.SCENES[told.scene]() if told.scene else drawn
        self.settings = SETTINGS.model_copy(
            update={
                "organization_concurrency_cap": self.plan.organization_cap,
                "dials_per_minute": self.plan.dials_per_minute,
            }
        )
        self.provider = Provider(self.world, self.chooser, self.plan, self)
        self.books = Books(self)
        self.schedulers: dict[str, SimulatedDatabase] = {}
        self.doors: dict[str, SimulatedDatabase] = {}
        self.processes: dict[str, Process] = {}
        self.campaigns: dict[str, plan.PlannedCampaign] = {}  # by id
        self.lines: list[tuple[float, str, str]] = []
        self.troubles: list[tuple[float, float]] = []  # of the database, of a scheduler, or its machine
        self.sql_calls = 0
        self.began_at: dict[str, float] = {}
        self.desk: Any = None
        self._names: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._hash = hashlib.blake2b(digest_size=8)
        self._outages: dict[str, list[tuple[float, float, str]]] = {"database": [], "provider": []}
        self._next_look = 60.0
        self._figures_at = 0.0

    # -- names --------------------------------------------------------------------------------------------------

    def numbered(self, name: str) -> str:
        """The name, and the how-many-th time it was asked for."""
        self._counts[name] += 1
        return f"{name}/{self._counts[name]}"

    def subject(self, arguments: dict[str, Any]) -> str:
        """Whom a call to the database is about, by a name that is the same in every run."""
        told = arguments.get("event", arguments)
        found = told.get("call_id") or told.get("id") or ""
        if found and str(found) in self._names:
            return self._names[str(found)]
        fields = told.get("provider_call_id")
        return self.provider.calls[fields].key if fields in self.provider.calls else ""

    def name_of(self, identifier: str) -> str:
        """The name of a call, or the identifier itself."""
        return self._names.get(identifier, identifier)

    def name(self, identifier: str, name: str) -> None:
        """Give something a name."""
        self._names[identifier] = name

    def contact_of(self, our_call_id: str) -> str:
        """The contact that a call of ours is to."""
        return self._names.get(our_call_id, "nobody")

    # -- what others ask ----------------------------------------------------------------------------------------

    def fault(self, kind: str, name: str, subject: str = "") -> bool:
        """Whether this goes wrong; nothing does after FAULTS_END."""
        if self.plan.certain is not None:
            return (subject or plan.ALL).startswith(self.plan.certain.get(kind, ()))
        if self.world.now > FAULTS_END or not self.chooser.fault(kind, name, subject):
            return False
        self.tell("fate", f"{kind}: {name}")
        return True

    def idle_seconds(self, name: str) -> float:
        """How long a scheduler waits for work; rarely a whole second, so that virtual time passes quickly."""
        if self.world.now > FAULTS_END:
            return 5.0 if name == self.plan.schedulers[0] else 15.0
        return self.chooser.span(self.numbered(f"idle/{name}"), 1.0, 5.0)

    def outage(self) -> str:
        """How the provider is away now: unreachable, faults, silent, slow; nothing when it is not."""
        return self._outage("provider")

    def is_database_away(self) -> bool:
        """Whether nobody reaches the database."""
        return bool(self._outage("database"))

    def _outage(self, whose: str) -> str:
        now = self.world.now
        return next((how for begins, ends, how in self._outages[whose] if begins <= now < ends), "")

    # -- what others tell ---------------------------------------------------------------------------------------

    def tell(self, who: str, what: str) -> None:
        """A line of the story."""
        line = (self.world.now, who, what)
        self.lines.append(line)
        self._hash.update(repr(line).encode())

    def note_trouble(self, seconds: float = 0.0) -> None:
        """Something on our side is not well, for so long from now."""
        self.troubles.append((self.world.now, self.world.now + seconds))

    def is_everybody_well(self, since: float) -> bool:
        """Whether nothing has been amiss since then, and a scheduler was alive all the time."""
        return all(ends < since for _, ends in self.troubles) and any(
            self.processes[name].is_alive and self.began_at[name] < since for name in self.plan.schedulers
        )

    def committed(self, function: str, arguments: dict[str, Any], answer: Any, asked_at: float) -> None:
        """A call to the database, asked for at that time, has taken effect."""
        self.sql_calls += 1
        self._hash.update(repr(answer).encode())
        if function == "claim_calls" and answer["orders"]:
            for order in answer["orders"]:
                campaign = self.campaigns[order["campaign_id"]]
                self._names[order["call_id"]] = f"{campaign.key}-{order['phone'][-4:]}"
            self.books.claimed(answer["orders"])
            self.desk.see(answer["orders"])
        elif function == "begin_dial" and answer["go"]:
            self.books.leave_given(arguments["call_id"], asked_at)
        elif function in ("confirm_call", "adopt_call", "record_event"):
            self.books.found_again(answer.get("call_id"))
            told = arguments.get("event", arguments)
            self.books.told_of(told["provider_call_id"], answer)

    def connecting(self, process: Process, request: httpx.Request) -> None:
        """A request is about to be made."""
        if request.method == "POST" and request.url.path != "/call":
            self.books.hanging_up(request.url.path.split("/")[1])
        elif request.method == "GET" and process.world.task().name.startswith("hang_up"):
            self.books.hanging_up(request.url.path.removeprefix("/call/"))

    def departed(self, process: Process, body: dict[str, Any]) -> None:
        """A dial has left the process."""
        self.tell(process.name, f"sends {self.contact_of(body['name'])}")
        self.books.departed(body)

    def created(self, call: Call) -> None:
        """The provider has a call that will ring."""
        self.books.created(call)

    def found_no_line(self) -> None:
        """The provider refuses a dial for want of a line."""
        self.books.found_no_line()

    def knocked(self, name: str, body: bytes, answered: Callable[[bool], None]) -> None:
        """The provider has a message for us."""
        door = self.processes["door"]
        if not door.is_alive:
            answered(False)
        else:
            processes.receive(self, door, name, body, answered)

    def started(self, name: str) -> None:
        """A process begins, or comes back."""
        self.tell(name, "starts")
        start = processes.start_door if name == "door" else processes.start_scheduler
        self.processes[name] = start(self, name)
        self.began_at[name] = self.world.now

    # -- the run ------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """From the beginning to the end."""
        self.ground.on_work = self._work_is_there
        self.ground.on_notice = self.books.noticed
        self.ground.empty()
        people.prepare(self)
        for name in [*self.plan.schedulers, "door"]:
            self.started(name)
        people.begin(self)
        self._plan_disasters()
        try:
            self.world.run(self._is_over, longest=LONGEST, most_steps=MOST_STEPS, most_real_seconds=MOST_REAL_SECONDS)
        except NeverEnds as error:
            self.books.broke("never-ends", str(error))
            self.books.say_who_is_left()
        else:
            if self.told.scene == "crowd":
                self.books.look_for_unseen()
            elif self.plan.ends_at is None:
                self.books.compare()

    def close(self) -> None:
        """End every task that is left."""
        for process in self.processes.values():
            process.when_dead = lambda: None
            process.end_tasks()
        self.ground.on_work = lambda: None
        self.ground.on_notice = lambda _: None

    def ending(self) -> Ending:
        """What it came to."""
        broken = [*self.books.broken, *(f"exception: {text}" for text in self.world.broken)]
        return Ending(
            self.told,
            broken,
            list(self.chooser.fired),
            self._hash.hexdigest(),
            self.lines,
            self.world.now,
            len(self.provider.calls),
            self.sql_calls,
            Counter(fault.partition(":")[0] for fault in self.chooser.fired),
        )

    def _work_is_there(self) -> None:
        for name, database in self.schedulers.items():
            if self.fault("notice-lost", self.numbered(f"notice/{name}")):
                self.note_trouble(5.0)
            else:
                self.world.after(0.002, database.notice)

    def _is_over(self) -> bool:
        """Everything is done, and nothing more can come. Looked at now and then."""
        if self.world.now < self._next_look:
            return False
        self._next_look = self.world.now + 5.0
        if self.world.now >= self._figures_at:
            self._figures_at = self.world.now + FIGURES_SECONDS
            self.books.look_at_figures()
        if self.plan.ends_at is not None:
            return self.world.now > self.plan.ends_at
        return (
            people.are_done(self)
            and self.provider.is_quiet
            and not self.books.is_anything_open()
            and all(process.is_alive for process in self.processes.values())
        )

    def _plan_disasters(self) -> None:
        choose = self.chooser
        for n in range(OUTAGES):
            if self.fault("database-outage", str(n)):
                begins = choose.span(f"database-outage/{n}", 5, 330)
                self._outages["database"].append((begins, begins + choose.span(f"database-lasts/{n}", 2, 60), "away"))
            if self.fault("provider-outage", str(n)):
                begins = choose.span(f"provider-outage/{n}", 5, 300)
                how = choose.pick(f"provider-how/{n}", ["unreachable", "faults", "silent", "slow"])
                self._outages["provider"].append((begins, begins + choose.span(f"provider-lasts/{n}", 5, 90), how))
            if self.fault("clock-stepped", str(n)):
                self.world.after(choose.span(f"stepped/{n}", 5, 350), lambda n=n: self._step_clock(n))  # type: ignore[misc]
            if self.fault("inbound", str(n)):
                self._call_in(n)
            for name in self.plan.schedulers:
                if self.fault("killed", f"{name}/{n}"):
                    self.world.after(choose.span(f"killed/{name}/{n}", 3, 380), lambda name=name: self._kill(name))  # type: ignore[misc]

        if self.fault("people-restore", ""):
            kept = choose.span("backup", 20, 250)
            self.world.after(kept, self.ground.keep_aside)
            self.world.after(kept + choose.span("restored", 2, 120), lambda: self._restore(kept))

    def _restore(self, kept_at: float) -> None:
        """A backup takes the place of the database; everybody begins anew."""
        self.tell("people", f"restore the backup of {kept_at:.0f} s")
        for name in [*self.plan.schedulers, "door"]:
            self._kill(name)
        self.ground.put_back()
        self.books.forget(kept_at)
        self.ground.call("begin_recovery", {"actor": "Eva"}, self.world.date)
        self.desk.repeat(kept_at)

    def _step_clock(self, n: int) -> None:
        by = self.chooser.span(f"steps-by/{n}", 30, 900) * (1 if self.chooser.unit(f"steps/{n}") < 0.5 else -1)
        self.provider.clock_ahead += by
        self.tell("provider", f"clock steps by {by:.0f} s")

    def _call_in(self, n: int) -> None:
        begins = self.chooser.span(f"inbound/{n}", 0, 300)
        many = self.chooser.whole(f"inbound-calls/{n}", 1, 6)

        def change(by: int) -> None:
            self.provider.inbound += by
            self.provider.line_is_free()

        self.world.after(begins, lambda: change(many))
        self.world.after(begins + self.chooser.span(f"inbound-for/{n}", 10, 200), lambda: change(-many))

    def _kill(self, name: str) -> None:
        self.note_trouble(5.0)
        self.processes[name].die()


@contextlib.contextmanager
def _errors_noticed(broken: list[str]) -> Iterator[None]:
    """What the code under test logs as an error it did not expect, is a fault of the story; it logs nothing else."""
    kept = structlog.get_config()

    def notice(_logger: Any, _method: str, event: Any) -> Any:
        if event.get("exc_info"):
            broken.append(f"logged {event.get('event')}: {traceback.format_exc()}")
        raise structlog.DropEvent

    structlog.configure(
        processors=[notice],
        wrapper_class=structlog.make_filtering_bound_logger(40),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**kept)
