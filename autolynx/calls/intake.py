"""Recording the provider's messages: what waits for a lock holds up nobody else.

A message has a connection only while it is tried, and a try ends as soon as a row it needs stays locked (`lock_timeout`
of `record_event`). Meanwhile the messages of that call queue without one. That is done on the event loop; a thread
is for what is large, and for a database that can only be spoken to by threads.
"""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from autolynx.calls.events import Receipt
from autolynx.calls.messages import record, recording
from autolynx.calls.payloads import call_of, read
from autolynx.database import Database
from autolynx.database.steps import carry_out_on_loop
from autolynx.errors import Busy, Unavailable
from autolynx.http.json_text import LARGE_BYTES
from autolynx.settings import Settings

#: Messages that are tried, each with a connection; more would only wait for each other.
AT_ONCE = 16
#: Of them for what has met a lock before: first tries always find one of the others.
AGAIN_AT_ONCE = AT_ONCE // 2
#: After its arrival a message that meets a lock is tried no more, and whoever sent it is told to send it again.
TRY_FOR_SECONDS = 3.0
#: Longer than one call to the database lasts; with the database gone, messages queue for the connections as well.
RECORD_WITHIN_SECONDS = 13.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 0.5


@dataclass(eq=False, slots=True)
class Turn:
    """One call's: its messages are recorded one after the other, as they came."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    takers: int = 0
    is_held_up: bool = False  # the last try met a lock


@dataclass(eq=False, slots=True)
class Message:
    """One that is to be recorded: since when, by the clock of the event loop, and whether it is tried just now."""

    since: float
    is_large: bool
    is_tried: bool = False

    @property
    def is_late(self) -> bool:
        """True when it is no longer worth a try that may meet a lock."""
        return asyncio.get_running_loop().time() - self.since > TRY_FOR_SECONDS


class Intake:
    """Records messages. Used on one event loop."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        self._places = asyncio.Semaphore(AT_ONCE)
        self._places_again = asyncio.Semaphore(AGAIN_AT_ONCE)
        self._turns: dict[str, Turn] = {}

    async def record(self, body: bytes) -> Receipt:
        """Record a body in time, or raise Unavailable: it may still be recorded then, and its repetition is no other.

        Raises Busy where a lock was in the way, and nothing was recorded; NotAnObject as `payloads.read` does.
        """
        message = Message(asyncio.get_running_loop().time(), len(body) > LARGE_BYTES)
        task = asyncio.create_task(self._recorded(message, body))
        # Not timeout and shield, which cost 30 µs more. A try goes on in any case, and keeps its place meanwhile.
        if (await asyncio.wait([task], timeout=RECORD_WITHIN_SECONDS))[0]:
            return task.result()
        if message.is_tried:
            task.add_done_callback(_forget)
        else:
            task.cancel()
        raise Unavailable(details=f"not recorded within {RECORD_WITHIN_SECONDS:g} s")

    async def _recorded(self, message: Message, body: bytes) -> Receipt:
        payload = await self._read(body) if message.is_large else read(self._settings, body)
        call = call_of(payload)
        if call is None:  # it waits for nobody
            return await self._tried(message, payload, Turn())
        turn = self._turns.setdefault(call, Turn())
        turn.takers += 1
        try:
            async with turn.lock:
                return await self._tried(message, payload, turn)
        finally:
            turn.takers -= 1
            if not turn.takers:
                del self._turns[call]

    async def _tried(self, message: Message, payload: dict[str, Any], turn: Turn) -> Receipt:
        pause = _FIRST_PAUSE_SECONDS
        while True:  # by hand: tenacity would cost every message 32 µs, and few are tried twice
            if turn.is_held_up and message.is_late:
                raise Busy
            try:
                receipt = await self._try(message, payload, is_again=turn.is_held_up)
            except Busy:
                turn.is_held_up = True
            else:
                turn.is_held_up = False
                return receipt
            await asyncio.sleep(random.uniform(pause / 2, pause))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _read(self, body: bytes) -> dict[str, Any]:
        async with self._places:
            return await asyncio.get_running_loop().run_in_executor(self._threads, read, self._settings, body)

    async def _try(self, message: Message, payload: dict[str, Any], *, is_again: bool) -> Receipt:
        if not is_again:
            async with self._places:
                return await self._record(message, payload)
        async with self._places_again, self._places:
            if message.is_late:
                raise Busy
            return await self._record(message, payload)

    async def _record(self, message: Message, payload: dict[str, Any]) -> Receipt:
        message.is_tried = True
        try:
            if self._database.is_at_home_on_loops and not message.is_large:
                return await carry_out_on_loop(self._database, recording(self._settings, payload))
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, record, self._database, self._settings, payload
            )
        finally:
            message.is_tried = False


def _forget(recording: asyncio.Task[Receipt]) -> None:
    """Nobody waits any more: look at its error, so that asyncio does not report one that nobody looked at."""
    if not recording.cancelled():
        recording.exception()
