"""Recording the provider's messages: what waits for a lock holds up nobody else.

A message has a thread, and with it a connection, only while it is tried, and a try ends as soon as a row it needs stays
locked (`lock_timeout` of `record_event`). Meanwhile the messages of that call queue without a thread.
"""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from autolynx.calls.events import Receipt
from autolynx.calls.messages import record
from autolynx.calls.payloads import call_of, read
from autolynx.database import Database
from autolynx.errors import Busy, Unavailable
from autolynx.http.json_text import LARGE_BYTES
from autolynx.settings import Settings

#: Threads, and connections, that record; more would only wait for each other.
AT_ONCE = 16
#: Of them for what has met a lock before: first tries always find one of the others.
AGAIN_AT_ONCE = AT_ONCE // 2
#: After its arrival a message that meets a lock is tried no more, and whoever sent it is told to send it again.
TRY_FOR_SECONDS = 3.0
#: Longer than one call to the database lasts; with the database gone, messages queue for the threads as well.
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
    """One that is to be recorded: since when, by the clock of the event loop, and whether it has a thread just now."""

    since: float
    has_thread: bool = False

    @property
    def is_late(self) -> bool:
        """True when it is no longer worth a try that may meet a lock."""
        return asyncio.get_running_loop().time() - self.since > TRY_FOR_SECONDS


class Intake:
    """Records messages. Used on one event loop."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        # Measured per message: 70 µs of CPU, where anyio.to_thread takes 150.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        self._places = asyncio.Semaphore(AT_ONCE)
        self._places_again = asyncio.Semaphore(AGAIN_AT_ONCE)
        self._turns: dict[str, Turn] = {}

    async def record(self, body: bytes) -> Receipt:
        """Record a body in time, or raise Unavailable: it may still be recorded then, and its repetition is no other.

        Raises Busy where a lock was in the way, and nothing was recorded; NotAnObject as `payloads.read` does.
        """
        message = Message(asyncio.get_running_loop().time())
        recording = asyncio.create_task(self._recorded(message, body))
        # Not timeout and shield, which cost 30 µs more. Its thread goes on in any case, and keeps its place meanwhile.
        if (await asyncio.wait([recording], timeout=RECORD_WITHIN_SECONDS))[0]:
            return recording.result()
        if message.has_thread:
            recording.add_done_callback(_forget)
        else:
            recording.cancel()
        raise Unavailable(details=f"not recorded within {RECORD_WITHIN_SECONDS:g} s")

    async def _recorded(self, message: Message, body: bytes) -> Receipt:
        payload = await self._read(body)
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
        if len(body) <= LARGE_BYTES:
            return read(self._settings, body)
        async with self._places:
            return await asyncio.get_running_loop().run_in_executor(self._threads, read, self._settings, body)

    async def _try(self, message: Message, payload: dict[str, Any], *, is_again: bool) -> Receipt:
        if not is_again:
            async with self._places:
                return await self._on_thread(message, payload)
        async with self._places_again, self._places:
            if message.is_late:
                raise Busy
            return await self._on_thread(message, payload)

    async def _on_thread(self, message: Message, payload: dict[str, Any]) -> Receipt:
        message.has_thread = True
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, record, self._database, self._settings, payload
            )
        finally:
            message.has_thread = False


def _forget(recording: asyncio.Task[Receipt]) -> None:
    """Nobody waits any more: look at its error, so that asyncio does not report one that nobody looked at."""
    if not recording.cancelled():
        recording.exception()
