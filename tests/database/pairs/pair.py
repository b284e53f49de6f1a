"""What a pair of steps that meet is made of, and what keeps it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.support.desk import Desk

Step = Callable[[], Any]


@dataclass(frozen=True)
class Pair:
    """Two steps, what is looked at in the end (given both answers), and what it must be in each order."""

    one: Step
    two: Step
    end: Callable[[Any, Any], Any]
    one_first: Any
    two_first: Any
    waits: tuple[bool, bool] = (True, True)  # whether the second waits: two for one, one for two


@dataclass(frozen=True)
class Guard:
    """What keeps a pair right: a piece of a function's body, and what stands there when it is taken away."""

    function: str
    text: str = "for no key update"
    without: str = ""

    def take_away(self, connection: psycopg.Connection) -> None:
        (definition,) = connection.execute("select pg_get_functiondef(%s::regproc)", [self.function]).fetchone() or (
            "",
        )
        assert self.text in definition, f"{self.function} no longer has: {self.text}"
        connection.execute(definition.replace(self.text, self.without))  # type: ignore[arg-type]


Arrangement = Callable[[Desk], Pair]
ARRANGEMENTS: dict[Arrangement, tuple[Guard, ...]] = {}
CLAIM_LOCK = "perform internal.lock_claims();"


def guarded(*guards: Guard) -> Callable[[Arrangement], Arrangement]:
    """Keep an arrangement for `test_races.py`, with what guards it; each guard is enough to make it go wrong."""

    def keep(arrangement: Arrangement) -> Arrangement:
        ARRANGEMENTS[arrangement] = guards
        return arrangement

    return keep
