"""The port: the one way anything in AutoLynx speaks to the database."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Literal, Protocol, Self

Kind = Literal["supabase", "postgres", "embedded"]

WORK_CHANNEL = "autolynx_work"
CALL_SECONDS = 12.0
CONNECTIONS = 16  # at once, unless a process asks for fewer; a thread that finds none free waits for one


class Database(Protocol):
    """Calls SQL functions by name. Connects at the first call; many threads may share one."""

    kind: Kind
    #: whether a notification can end `wait_for_work`; that a pooler in between lets none through, nobody can tell
    can_listen: bool
    #: whether `call_on_loop` does without threads, which cost a short call a fifth of its time
    is_at_home_on_loops: bool

    def call(self, function: str, /, **arguments: Any) -> Any:
        """Call `public.<function>` and return its `jsonb` answer, parsed.

        An argument `id=...` arrives as `p_id`. Scalars (str, int, float, bool, None, Decimal, UUID, date and
        aware datetime) reach a parameter of any scalar type; list and dict reach a `jsonb` parameter (arrays
        are not used). In the answer a number with a decimal point is a Decimal.

        A call is one transaction and is never repeated here: it either reached the database once or not at
        all. Raises NotFound, Conflict, InvalidInput, Forbidden or Unavailable (see `refusals.py`); after
        Unavailable the caller cannot know whether the call took effect, or still will.

        It is over within CALL_SECONDS, also when the database has vanished without a word or answers a byte at a
        time. The start of an embedded server is not counted.
        """
        ...

    async def call_on_loop(self, function: str, /, **arguments: Any) -> Any:
        """As `call`, for an event loop, which goes on meanwhile; whoever uses one database so uses one loop.

        At most as many as the database has connections may be under way, those of `call` among them.
        """
        return await asyncio.to_thread(self.call, function, **arguments)

    def wait_for_work(self, timeout_seconds: float) -> bool:
        """Wait until the database says there is work, at most `timeout_seconds`.

        True at once when notified (any number of notifications count as one); False at time-out or after
        `wake`. A lost connection is restored meanwhile, and then True: a notification may have been missed. A
        wait that has to connect lasts a second at least; a database that has vanished keeps it no longer.
        A transport that cannot listen sleeps at most a second and answers False. One thread at a time waits.
        """
        ...

    def wake(self) -> None:
        """End the present, or the next, `wait_for_work` at once. Safe from any thread or signal handler."""
        ...

    def close(self) -> None:
        """Give back every connection. Safe to repeat."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
