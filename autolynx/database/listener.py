"""Waiting for `notify autolynx_work` on a connection of its own."""

from __future__ import annotations

import select
import socket
import threading
import time
from concurrent.futures import Future

import psycopg
import structlog

from autolynx.database.connecting import Connection, Connector
from autolynx.database.port import CALL_SECONDS, WORK_CHANNEL
from autolynx.errors import Unavailable
from autolynx.waiting.patience import abandon, begin

log = structlog.get_logger()

_FIRST_RETRY_SECONDS = 0.1
_LONGEST_RETRY_SECONDS = 5.0
_GRACE_SECONDS = 1.0  # that a wait gives a new connection, however short it was meant to be
#: It only ever listens, so nothing but this tells it that nobody speaks any more: after nine seconds.
_ALERT = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2, "tcp_user_timeout": 6_000}


class Listener:
    """Listens on one connection, restored when it is lost. One thread waits; any thread may wake it.

    Connections are made on a thread of their own: whoever waits is kept neither by a server that has vanished nor
    by its name server.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._turn = threading.Lock()
        self._alarm, self._bell = socket.socketpair()
        self._alarm.setblocking(False)
        self._bell.setblocking(False)
        self._is_woken = False
        self._connection: Connection | None = None
        self._coming: Future[Connection] | None = None
        self._was_lost = False
        self._next_try_at = 0.0
        self._retry_seconds = _FIRST_RETRY_SECONDS
        self._is_closed = False

    def wait(self, timeout_seconds: float) -> bool:
        """True when notified or when a lost connection is back; False at time-out or when woken."""
        deadline = time.monotonic() + timeout_seconds
        with self._turn:
            while not self._is_closed:
                answer = self._until_something(deadline) if self._connection else self._until_connected(deadline)
                if answer is not None:
                    return answer
        return False

    def wake(self) -> None:
        """End the present wait, or else the next one."""
        self._is_woken = True
        self._ring()

    def close(self) -> None:
        """End a wait and disconnect. Safe to repeat."""
        if self._is_closed:
            return
        self._is_closed = True
        self.wake()
        with self._turn:
            self._disconnect()
            if self._coming is not None:
                abandon(self._coming, Connection.close)
            self._alarm.close()
            self._bell.close()

    def _ring(self) -> None:
        try:
            self._bell.send(b"!")
        except BlockingIOError:
            pass  # it is full of alarms already
        except OSError:
            if not self._is_closed:
                raise

    def _until_connected(self, deadline: float) -> bool | None:
        """True: a lost connection is back. False: woken or time is up. None: look again."""
        if self._coming is None:
            if time.monotonic() < self._next_try_at:
                self._sleep(min(deadline, self._next_try_at))
                return False if self._is_over(deadline) else None
            self._coming = begin(self._listening)
            self._coming.add_done_callback(lambda _: self._ring())
            deadline = max(deadline, time.monotonic() + _GRACE_SECONDS)
        while not self._coming.done():
            self._sleep(deadline)
            if self._is_over(deadline):
                self._was_lost = True  # what is notified until it has come is missed
                return False
        arrived, self._coming = self._coming, None
        return self._arrived(arrived)

    def _arrived(self, coming: Future[Connection]) -> bool | None:
        try:
            self._connection = coming.result()
        except (Unavailable, psycopg.Error) as error:
            reason = getattr(error, "details", None) or str(error)
            log.warning("database.listener_cannot_connect", reason=reason, retry_seconds=self._retry_seconds)
            self._lose(self._retry_seconds)
            self._retry_seconds = min(self._retry_seconds * 2, _LONGEST_RETRY_SECONDS)
            return None
        self._retry_seconds = _FIRST_RETRY_SECONDS
        if not self._was_lost:
            return None
        self._was_lost = False
        self._heard()  # what has come already counts as one with what was missed
        return True

    def _listening(self) -> Connection:
        connection = self._connector.open(self._connector.dsn(), _ALERT)
        try:
            connection.deadline = time.monotonic() + CALL_SECONDS
            connection.execute(f"listen {WORK_CHANNEL}")
            connection.deadline = None
        except BaseException:
            connection.close()
            raise
        return connection

    def _until_something(self, deadline: float) -> bool | None:
        """True: notified. False: woken or time is up. None: the connection was lost, or nothing came of it."""
        assert self._connection is not None
        is_readable = self._sleep(deadline, self._connection.fileno())
        if is_readable and not self._is_woken:
            return self._heard()
        return False if self._is_over(deadline) else None

    def _heard(self) -> bool | None:
        assert self._connection is not None
        try:
            return True if list(self._connection.notifies(timeout=0)) else None
        except psycopg.Error as error:
            log.warning("database.listener_lost", reason=str(error))
            self._lose()
            return None

    def _sleep(self, until: float, *sockets: int) -> bool:
        """Sleep until a socket can be read, the alarm is rung or the time has come; True for a socket."""
        poll = select.poll()
        for descriptor in [*sockets, self._alarm.fileno()]:
            poll.register(descriptor, select.POLLIN)
        readable = [found for found, _ in poll.poll(max(0.0, until - time.monotonic()) * 1000)]
        if self._alarm.fileno() in readable:
            self._alarm.recv(4096)
        return any(found in sockets for found in readable)

    def _is_over(self, deadline: float) -> bool:
        """True when woken, which counts once, or when the time is up."""
        if self._is_woken:
            self._is_woken = False
            return True
        return time.monotonic() >= deadline

    def _lose(self, retry_seconds: float = 0.0) -> None:
        self._disconnect()
        self._was_lost = True
        self._next_try_at = time.monotonic() + retry_seconds

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
