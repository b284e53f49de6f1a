"""What one run will meet, drawn from its seed: the provider's weather, what is killed, what people do."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

VISIBILITY_SECONDS = 12  # DIAL_VISIBILITY_SECONDS of every run
CHAOS_SECONDS = 12.0
SCHEDULERS = ("scheduler-a", "scheduler-b")
WEBHOOKS = ("webhook-a", "webhook-b")
PROCESSES = (*SCHEDULERS, *WEBHOOKS)

LATE = ("late-wait", "late-cut", "late-5xx")
CLOCKS = ("clock-ahead", "clock-behind", "clock-steps")
OVER = ("refuse_400", "accept_blocked", "accept_then_end", "refuse_429", "refuse_429_concurrency", "wait")
#: the chance of what may meet anything
SINGLE = {
    "list-lag": 0.25,
    "list-forgets": 0.2,
    "not-found": 0.2,
    "slow": 0.15,
    "too-many": 0.25,
    "odd-numbers": 0.15,
    "inbound": 0.15,
    "outage": 0.15,
    "outage-cut": 0.05,
    "webhooks-bad": 0.2,
    "batch": 0.2,
    "three": 0.3,
    "supabase": 0.12,
    "pause": 0.25,
    "left-paused": 0.08,
    "stop": 0.15,
    "stop-hang-up": 0.15,
    "hang-up": 0.25,
    "late-start": 0.2,
    "do-not-call": 0.3,
    "kill": 0.85,
    "kill-both": 0.3,
    "freeze": 0.4,
    "freeze-long": 0.02,
    "postgres-fast": 0.12,
    "postgres-immediate": 0.12,
    "postgres-backend": 0.12,
    "database-cut": 0.15,
    "provider-killed": 0.08,
}
BAD_NUMBER = "customer.number must be a valid phone number in the E.164 format."
STRANGE_REFUSAL = "Couldn't Start Call. The Stars Are Not Right For This One."


@dataclass(frozen=True)
class Step:
    """One thing that happens so many seconds after the beginning."""

    at: float
    what: str
    subject: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CampaignPlan:
    """One campaign: so many numbers from the `first` on. Two whose numbers overlap share phones."""

    first: int
    contacts: int
    cap: int
    mode: str = "continuous"
    is_late: bool = False

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(number(n) for n in range(self.first, self.first + self.contacts))


@dataclass(frozen=True)
class Plan:
    """One run."""

    seed: int
    kinds: frozenset[str]
    speed: float
    knobs: dict[str, Any]
    campaigns: tuple[CampaignPlan, ...]
    organization_cap: int
    line_cap: int | None
    bad_numbers: frozenset[str]  # refused for good
    strange_numbers: frozenset[str]  # refused in words nobody knows
    weather: tuple[Step, ...]
    killing: tuple[Step, ...]
    people: tuple[Step, ...]

    def has(self, *kinds: str) -> bool:
        return bool(self.kinds & set(kinds))

    @property
    def over_limit(self) -> str | None:
        """The form in which the provider refuses a call beyond its lines, where there are too few for our caps."""
        return next((form for form in OVER if f"over-{form}" in self.kinds), None)

    @property
    def largest_skew_seconds(self) -> float:
        turned = [step.values.get("clock_skew_seconds", 0) for step in self.weather]
        return max(abs(seconds) for seconds in (self.knobs.get("clock_skew_seconds", 0), *turned))


def number(n: int) -> str:
    """The phone number of the n-th person, as `Product.campaign` gives it."""
    return f"+1415{2_000_000 + n}"


def draw(seed: int) -> Plan:
    """What the run of this seed will meet."""
    chance = random.Random(f"chaos {seed}")
    kinds = {kind for kind, likely in SINGLE.items() if chance.random() < likely}
    kinds |= _one_of(chance, 0.45, LATE) | _one_of(chance, 0.35, CLOCKS)
    kinds |= _one_of(chance, 0.35, [f"over-{form}" for form in OVER])
    if "three" in kinds:
        kinds.discard("batch") if chance.random() < 0.5 else None
    campaigns = _campaigns(chance, kinds)
    odd = chance.sample(sorted(campaigns[0].numbers), 3) if "odd-numbers" in kinds else []
    knobs = _knobs(chance, kinds)
    if odd:
        knobs["odd_numbers"] = dict.fromkeys(odd[:2], BAD_NUMBER) | {odd[2]: STRANGE_REFUSAL}
    return Plan(
        seed=seed,
        kinds=frozenset(kinds),
        speed=chance.uniform(35, 60),
        knobs=knobs,
        campaigns=campaigns,
        organization_cap=chance.choice([6, 8, 10]),
        line_cap=chance.randint(5, 7) if "three" in kinds else None,
        bad_numbers=frozenset(odd[:2]),
        strange_numbers=frozenset(odd[2:]),
        weather=_in_order(_weather(chance, kinds)),
        killing=_in_order(_killing(chance, kinds)),
        people=_in_order(_people(chance, kinds, len(campaigns))),
    )


def _one_of(chance: random.Random, likely: float, names: Iterable[str]) -> set[str]:
    chosen = chance.choice(list(names))
    return {chosen} if chance.random() < likely else set()


def _in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: step.at))


def _campaigns(chance: random.Random, kinds: set[str]) -> tuple[CampaignPlan, ...]:
    is_short = any(kind.startswith("over-") for kind in kinds) or "inbound" in kinds
    cap = chance.randint(4, 8)
    mode = "batch" if "batch" in kinds else "continuous"
    if "three" in kinds:
        found = [
            CampaignPlan(0, 12, min(cap, 5), mode),
            CampaignPlan(6, 12, 4),
            CampaignPlan(0, 8, 3),
        ]
    elif mode == "batch":
        found = [CampaignPlan(0, 3 * cap, cap, mode)]
    else:
        found = [CampaignPlan(0, 20 if is_short else chance.randint(26, 34), cap)]
    if "late-start" in kinds:
        found.append(CampaignPlan(chance.choice([4, 100]), 6, chance.randint(2, 4), is_late=True))
    return tuple(found)


def _knobs(chance: random.Random, kinds: set[str]) -> dict[str, Any]:
    noise = chance.uniform(0.2, 1.0)
    knobs: dict[str, Any] = {
        "concurrency_limit": 30,
        "rate_429": 0.06 * noise,
        "rate_5xx_before": 0.03 * noise,
        "rate_5xx_after": 0.08 * noise,
        "rate_lost_answer": 0.1 * noise,
        "late_answer_rate": 0.1 * noise,
        "late_answer_seconds": chance.uniform(0.5, 3),
        "early_webhook_rate": 0.1,
        "webhook_drop_rate": 0.1 * noise,
        "webhook_double_rate": 0.15,
        "webhook_reorder_rate": 0.15,
        "webhook_late_rate": 0.1,
    }
    if "webhooks-bad" in kinds:
        knobs |= {"webhook_drop_rate": 0.5, "webhook_double_rate": 0.3, "webhook_reorder_rate": 0.4}
        knobs |= {"webhook_late_rate": 0.4, "webhook_delay_seconds": [0.5, 6.0]}
    if "too-many" in kinds:  # every dial waits for its repetitions; somebody may press Stop meanwhile
        knobs |= {"rate_429": 0.4, "retry_after": 0.5}
    if late := kinds & set(LATE):
        knobs |= {"rate_late_creation": chance.uniform(0.1, 0.35), "late_creation_seconds": [1.0, 8.0]}
        knobs |= {"late_creation_answer": next(iter(late)).removeprefix("late-")}
    if "list-lag" in kinds:
        knobs["list_lag_seconds"] = chance.uniform(0.5, 2.5)
    if "list-forgets" in kinds:
        knobs["list_forget_rate"] = chance.uniform(0.1, 0.35)
    if "not-found" in kinds:
        knobs |= {"rate_forget": chance.uniform(0.3, 0.8), "forget_seconds": chance.uniform(2, 5)}
    if "slow" in kinds:
        paths = chance.sample(["POST /call", "GET /call", "GET /call/{id}", "POST control"], 2)
        knobs |= {"answer_seconds": [0.1, chance.uniform(0.5, 2.5)], "slow_paths": paths}
    if kinds & set(CLOCKS) and (chance.random() < 0.5 or "clock-steps" not in kinds):
        sign = -1 if "clock-behind" in kinds else 1 if "clock-ahead" in kinds else chance.choice([-1, 1])
        knobs["clock_skew_seconds"] = sign * chance.uniform(60, 3000)
    if form := next((kind for kind in kinds if kind.startswith("over-")), None):
        knobs |= {"over_limit": form.removeprefix("over-"), "concurrency_limit": chance.randint(2, 5)}
        knobs |= {"limits_told": chance.random() < 0.5, "limits_in_refusal": chance.random() < 0.5}
        knobs |= {"rate_429": 0.0} if "429" in form else {}
    elif "inbound" in kinds:
        knobs["concurrency_limit"] = 8
    return knobs


def _weather(chance: random.Random, kinds: set[str]) -> Iterable[Step]:
    if "clock-steps" in kinds:
        yield Step(chance.uniform(3, 9), "turn", values={"clock_skew_seconds": chance.uniform(-3000, 3000)})
    if "inbound" in kinds:
        for at in (1.0, 3.5, 6.0, 8.5):
            yield Step(at + chance.uniform(0, 1.5), "turn", values={"inbound_calls": chance.randint(0, 7)})
    for kind, knob in (("outage", "outage"), ("outage-cut", "outage_cut"), ("not-found", "call_404")):
        if kind in kinds:
            at = chance.uniform(1, 8)
            yield Step(at, "turn", values={knob: True})
            yield Step(at + chance.uniform(1.5, 4), "turn", values={knob: False})


def _killing(chance: random.Random, kinds: set[str]) -> Iterable[Step]:
    enabled = sorted(kinds & {"kill", "kill-both", "freeze", "database-cut", "provider-killed"}) + sorted(
        kind for kind in kinds if kind.startswith("postgres-")
    )
    if not enabled:
        enabled = ["kill"]
    blows = [*enabled, *(chance.choice([*enabled, "kill"]) for _ in range(max(0, 5 - len(enabled))))]
    chance.shuffle(blows)
    at = 0.5
    for blow in blows:
        at += chance.uniform(0.6, 2 * (CHAOS_SECONDS - 1) / len(blows) - 0.6)
        yield from _blow(chance, blow, min(at, CHAOS_SECONDS))
    if "freeze-long" in kinds:
        yield from _freeze(chance.choice(PROCESSES), chance.uniform(1, 8), chance.uniform(30, 90))


def _blow(chance: random.Random, blow: str, at: float) -> Iterable[Step]:
    if blow == "kill":
        yield from _kill(chance, chance.choice(PROCESSES), at)
    elif blow == "kill-both":
        for victim in chance.choice([SCHEDULERS, SCHEDULERS, WEBHOOKS, PROCESSES]):
            yield from _kill(chance, victim, at)
    elif blow == "freeze":
        yield from _freeze(chance.choice(PROCESSES), at, chance.uniform(1, 10))
    elif blow == "database-cut":
        yield Step(at, "cut")
        yield Step(at + chance.choice([chance.uniform(0.5, 3), chance.uniform(3, 8)]), "mend")
    elif blow == "provider-killed":
        yield Step(at, "kill", "simulator")
        yield Step(at + chance.uniform(0, 1.5), "start", "simulator")
    else:
        yield Step(at, blow)


def _kill(chance: random.Random, victim: str, at: float) -> Iterable[Step]:
    yield Step(at, "kill", victim)
    yield Step(at + chance.uniform(0, 0.8), "start", victim)


def _freeze(victim: str, at: float, seconds: float) -> Iterable[Step]:
    yield Step(at, "freeze", victim)
    yield Step(at + seconds, "thaw", victim)


def _people(chance: random.Random, kinds: set[str], campaigns: int) -> Iterable[Step]:
    subjects = [str(n) for n in range(campaigns)]
    if "late-start" in kinds:
        yield Step(chance.uniform(1, 8), "start", subjects[-1])
    if "pause" in kinds:
        subject, at = chance.choice(subjects), chance.uniform(1, 8)
        yield Step(at, "pause", subject)
        yield Step(at + chance.uniform(1, 5), "resume", subject)
    for kind, what in (("left-paused", "pause"), ("stop", "stop"), ("stop-hang-up", "stop-hang-up")):
        if kind in kinds:
            yield Step(chance.uniform(3, 11.5), what, chance.choice(subjects))
    for kind in ("hang-up", "do-not-call"):
        if kind in kinds:
            for at in (chance.uniform(1, 6), chance.uniform(5, 11)):
                yield Step(at, kind)
