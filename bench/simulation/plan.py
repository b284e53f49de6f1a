"""What a story begins with: campaigns, contacts, lines and limits, drawn from the seed before anything happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.simulation.chooser import Chooser

LINES = ("line-1", "line-2")
ALL = "all"  # whom a fault befalls that concerns nobody in particular


@dataclass
class PlannedCampaign:
    """One campaign; `contacts` are the numbers it will dial, in order."""

    key: str
    mode: str
    cap: int
    line: str
    numbers: list[str]
    has_hours: bool
    is_quiet: bool
    id: str = ""
    starts_at: float | None = None

    def contacts(self) -> list[dict[str, Any]]:
        """As `create_campaign` takes them."""
        return [{"name": f"Person {number[-4:]}", "business_name": "Firm", "phone": number} for number in self.numbers]


@dataclass
class Plan:
    """A whole beginning. Seconds."""

    campaigns: list[PlannedCampaign]
    organization_cap: int
    lines_at_provider: int
    line_caps: dict[str, int]
    dials_per_minute: int | None
    told_limits: bool
    over_limit_forms: list[str]
    clock_skew: float
    #: faults that befall all whose name begins so, and no others; None where they are drawn
    certain: dict[str, tuple[str, ...]] | None = None
    ends_at: float | None = None  # a scene that is left before all is quiet
    inbound: int = 0  # lines that others hold from the beginning to the end
    schedulers: list[str] = field(default_factory=lambda: ["scheduler-a", "scheduler-b"])


FORMS = ["400", "400-told", "429", "201-ended", "201-event", "201-waits"]


def crowd() -> Plan:
    """Sixty dials that nobody will ever be able to find, and a few later ones that can be found, if somebody looks."""
    campaigns = [
        PlannedCampaign(
            f"c{n}",
            "continuous",
            50,
            line,
            [f"+1415555{n}{at:03d}" for at in range(size)],
            False,
            False,
            starts_at=starts,
        )
        for n, (line, size, starts) in enumerate([("line-1", 50, 0.0), ("line-1", 20, 1.0), ("line-1", 4, 3.0)])
    ]
    certain = {"dial-nothing": ("c0", "c1"), "dial-lost": ("c2",), "message-none": ("c2",)}
    return Plan(campaigns, 100, 120, {}, None, False, ["400"], 0.0, certain, ends_at=300.0)


def busy() -> Plan:
    """Seven of ten lines are held by calls that come in, and the provider says with each call that there are ten."""
    numbers = [f"+14155550{at:03d}" for at in range(40)]
    campaign = PlannedCampaign("c0", "continuous", 10, "line-1", numbers, False, False, starts_at=0.0)
    return Plan([campaign], 10, 10, {}, None, True, ["201-event"], 0.0, {}, inbound=7)


def slow() -> Plan:
    """Dials in doubt on three lines, lists that take up to a minute, and people who hang up on the fourth."""
    campaigns = [
        PlannedCampaign(
            f"c{n}",
            "continuous",
            10,
            f"line-{n}",
            [f"+1415555{n}{at:03d}" for at in range(10)],
            False,
            False,
            starts_at=20.0 if n == 3 else 0.0,
        )
        for n in range(4)
    ]
    certain = {"dial-nothing": ("c0", "c1", "c2"), "list-slow": (ALL,), "people-hang-up": ("c3",)}
    return Plan(campaigns, 40, 40, {}, None, False, ["400"], 0.0, certain, ends_at=300.0)


def short() -> Plan:
    """Dials that lists show late, below many others, while a page holds a few calls, however many were asked for."""
    campaigns = [
        PlannedCampaign(
            f"c{n}",
            "continuous",
            10,
            "line-1",
            [f"+1415555{n}{at:03d}" for at in range(size)],
            False,
            False,
            starts_at=starts,
        )
        for n, (size, starts) in enumerate([(5, 0.0), (40, 1.0)])
    ]
    certain = {"dial-lost": ("c0",), "message-none": ("c0",), "list-lag": ("c0",), "list-short": (ALL,)}
    return Plan(campaigns, 20, 30, {}, None, False, ["400"], 0.0, certain, ends_at=900.0)


SCENES = {"crowd": crowd, "busy": busy, "slow": slow, "short": short}


def draw(chooser: Chooser, contacts: int, most_at_once: int | None = None) -> Plan:
    """The plan of a seed with so many contacts."""
    count = min(chooser.whole("campaigns", 2, 3), max(contacts // 2, 1))
    campaigns: list[PlannedCampaign] = []
    for n in range(count):
        size = contacts // count + (n < contacts % count)
        key = f"c{n}"
        numbers = [_number(chooser, campaigns, key, n, position) for position in range(size)]
        campaigns.append(
            PlannedCampaign(
                key,
                mode="batch" if chooser.unit(f"{key}/batch") < 0.4 else "continuous",
                cap=_at_most(chooser.whole(f"{key}/cap", 1, 6), most_at_once),
                line=LINES[0] if n == 0 else chooser.pick(f"{key}/line", list(LINES)),
                numbers=list(dict.fromkeys(numbers)),
                has_hours=chooser.unit(f"{key}/hours") < 0.25,
                is_quiet=chooser.unit(f"{key}/quiet") < 0.1,
            )
        )
    cap = _at_most(chooser.whole("organization-cap", 3, 10), most_at_once)
    return Plan(
        campaigns,
        organization_cap=cap,
        lines_at_provider=_lines(chooser, cap),
        line_caps={line: chooser.whole(f"{line}/cap", 2, 5) for line in LINES if chooser.unit(f"{line}/capped") < 0.3},
        dials_per_minute=chooser.whole("pace", 10, 60) if chooser.unit("paced") < 0.12 else None,
        told_limits=chooser.unit("told-limits") < 0.6,
        over_limit_forms=[form for form in FORMS if chooser.unit(f"form/{form}") < 0.4] or ["400"],
        clock_skew=_skew(chooser),
    )


def _at_most(value: int, most: int | None) -> int:
    return value if most is None else min(value, most)


def _number(chooser: Chooser, earlier: list[PlannedCampaign], key: str, n: int, position: int) -> str:
    if earlier and chooser.unit(f"{key}/{position}/shared") < 0.2:
        others = earlier[0].numbers
        return others[position % len(others)]
    return f"+1415555{n}{position:03d}"


def _lines(chooser: Chooser, cap: int) -> int:
    if chooser.unit("few-lines") < 0.4:
        return max(1, cap - chooser.whole("lines-missing", 1, 4))
    return cap + chooser.whole("lines-over", 0, 3)


def _skew(chooser: Chooser) -> float:
    drawn = chooser.unit("skew/kind")
    if drawn < 0.4 or chooser.is_calm:
        return 0.0
    sign = 1 if chooser.unit("skew/sign") < 0.5 else -1
    return sign * (chooser.span("skew", 1, 500) if drawn < 0.85 else chooser.span("skew", 3000, 5000))
