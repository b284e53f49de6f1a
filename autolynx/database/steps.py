"""Work that asks the database for one thing after the other, written once for threads and for an event loop.

It is a generator: it yields what it asks, and is sent the answer, or thrown the error.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from autolynx.database.port import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of `public.<function>`; see `port.Database.call`."""

    function: str
    arguments: dict[str, Any]


#: what asks, and at its end has a T
Steps = Generator[Ask, Any, T]


def ask(function: str, **arguments: Any) -> Generator[Ask, Any, Any]:
    """Ask for one thing: `answer = yield from ask("get_call", id=call_id)`."""
    return (yield Ask(function, arguments))


def carry_out(database: Database, steps: Steps[T]) -> T:
    """Do it on this thread. Raises what the steps do not catch."""
    try:
        asked = next(steps)
        while True:
            try:
                answer = database.call(asked.function, **asked.arguments)
            except Exception as error:
                asked = steps.throw(error)
            else:
                asked = steps.send(answer)
    except StopIteration as end:
        found: T = end.value
        return found


async def carry_out_on_loop(database: Database, steps: Steps[T]) -> T:
    """Do it on the running event loop, between what else goes on there. Raises what the steps do not catch."""
    try:
        asked = next(steps)
        while True:
            try:
                answer = await database.call_on_loop(asked.function, **asked.arguments)
            except Exception as error:
                asked = steps.throw(error)
            else:
                asked = steps.send(answer)
    except StopIteration as end:
        found: T = end.value
        return found
