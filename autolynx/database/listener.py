"""Waiting for `notify autolynx_work` on a connection of its own."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable

import psycopg
import structlog

from autolynx.database.connections import Connection, open_connection
from autolynx.database.port import WORK_CHANNEL
from autolynx.errors import Unavailable

log = structlog.get_logger()

_FIRST_RETRY_SECONDS = 0.1
_LONGEST_RETRY_SECONDS = 5.0


class Listener:
    """Listens on one connection, restored when it is lost. One thread waits; any thread may wake it."""

    def __init__(self, dsn: Callable[[], str]) -> None:
        self._dsn = dsn
        self._turn = threading.Lock()
        self._alarm = os.pipe()
        os.set_blocking(self._alarm[1], False)
        self._connection: Connection | None = None
        self._was_lost = False
        self._retry_seconds = _FIRST_RETRY_SECONDS
        self._is_closed = False

    def wait(self, timeout_seconds: float) -> bool:
        """True when notified or when a lost connection is back; False at time-out or when woken."""
        deadline = time.monotonic() + timeout_seconds
        with self._turn:
            while not self._is_closed:
                if self._connected():
                    if self._was_lost:
                        self._was_lost = False
                        return True
                    answer = self._until_something(deadline)
                else:
                    answer = self._until_next_try(deadline)
                if answer is not None:
                    return answer
        return False

    def wake(self) -> None:
        """End the present wait, or else the next one."""
        try:
            os.write(self._alarm[1], b"!")
        except BlockingIOError:
            pass  # the pipe is full of alarms already
        except OSError:
            if not self._is_closed:
                raise

    def close(self) -> None:
        """End a wait and disconnect. Safe to repeat."""
        if self._is_closed:
            return
        self._is_closed = True
        self.wake()
        with self._turn:
            self._disconnect()
            for end in self._alarm:
                os.close(end)

    def _connected(self) -> bool:
        if self._connection is not None:
            return True
        try:
            self._connection = open_connection(self._dsn())
            self._connection.execute(f"listen {WORK_CHANNEL}")
        except (Unavailable, psycopg.Error) as error:
            log.warning(
                "database.listener_cannot_connect", reason=str(error), retry_seconds=self._retry_seconds
            )
            self._lose()
            return False
        self._retry_seconds = _FIRST_RETRY_SECONDS
        return True

    def _until_something(self, deadline: float) -> bool | None:
        """True: notified. False: woken or time is up. None: the connection was lost."""
        connection = self._connection
        assert connection is not None
        readable = self._select([connection.fileno()], deadline)
        if self._alarm[0] in readable or not readable:
            return False
        try:
            return True if list(connection.notifies(timeout=0)) else None
        except psycopg.Error as error:
            log.warning("database.listener_lost", reason=str(error))
            self._lose()
            return None

    def _until_next_try(self, deadline: float) -> bool | None:
        """False: woken or time is up. None: it is time to try again."""
        next_try = min(deadline, time.monotonic() + self._retry_seconds)
        self._retry_seconds = min(self._retry_seconds * 2, _LONGEST_RETRY_SECONDS)
        if self._alarm[0] in self._select([], next_try) or time.monotonic() >= deadline:
            return False
        return None

    def _select(self, sockets: list[int], deadline: float) -> list[int]:
        """Sleep until a socket or the alarm can be read, or until the deadline; the alarm is taken."""
        poll = select.poll()
        for descriptor in [*sockets, self._alarm[0]]:
            poll.register(descriptor, select.POLLIN)
        readable = [found for found, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)]
        if self._alarm[0] in readable:
            os.read(self._alarm[0], 4096)
        return readable

    def _lose(self) -> None:
        self._disconnect()
        self._was_lost = True

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
