"""The simulator's memory on disk: one SQLite file, written through at every change."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists assistants (id text primary key, document text not null) strict;
create table if not exists calls (
    id text primary key, born integer not null, birth text not null, progress text not null
) strict;
create table if not exists facts (name text primary key, value text not null) strict;
create table if not exists posts (
    n integer primary key autoincrement, at_ms integer not null, number text not null, answer any not null
) strict;
create table if not exists late_orders (
    id text primary key, document text not null, due_ms integer not null
) strict;
create table if not exists requests_by_number (number text primary key, requests integer not null) strict;
"""


_POSTS_KEPT = 20_000


class StoreLocked(Exception):
    """Another program keeps the simulator's memory locked."""


class Store:
    """Keeps JSON documents. Never waits for the disk: safe against a kill, not against a power cut."""

    def __init__(self, path: Path) -> None:
        _close_to_others(path)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = off")
            self._connection.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            self._connection.close()
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise StoreLocked(f"{path} is locked by another program: end it, or choose another folder.") from error

    def assistants(self) -> Iterator[dict[str, Any]]:
        """Yield every assistant, oldest first."""
        for (document,) in self._connection.execute("select document from assistants order by rowid"):
            yield json.loads(document)

    def save_assistant(self, document: dict[str, Any]) -> None:
        """Write an assistant."""
        self._connection.execute(
            "insert into assistants values (?, ?) on conflict (id) do update set document = excluded.document",
            (document["id"], json.dumps(document)),
        )

    def delete_assistant(self, identifier: str) -> None:
        """Forget an assistant."""
        self._connection.execute("delete from assistants where id = ?", (identifier,))

    def calls(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield birth and progress of every call, in the order of creation."""
        for birth, progress in self._connection.execute("select birth, progress from calls order by rowid"):
            yield json.loads(birth), json.loads(progress)

    def add_call(self, identifier: str, born_ms: int, birth: dict[str, Any], progress: dict[str, Any]) -> None:
        """Write a new call: what never changes, and what does."""
        self._connection.execute(
            "insert into calls values (?, ?, ?, ?)",
            (identifier, born_ms, json.dumps(birth), json.dumps(progress)),
        )

    def save_progress(self, identifier: str, progress: dict[str, Any]) -> None:
        """Write what changed in a call."""
        self._connection.execute("update calls set progress = ? where id = ?", (json.dumps(progress), identifier))

    def late_orders(self) -> list[tuple[str, dict[str, Any], int]]:
        """Return id, content and due time of every order still to be done, oldest first."""
        rows = self._connection.execute("select id, document, due_ms from late_orders order by rowid")
        return [(identifier, json.loads(document), due_ms) for identifier, document, due_ms in rows]

    def add_late_order(self, identifier: str, document: dict[str, Any], due_ms: int) -> None:
        """Write an order that is to be done later."""
        self._connection.execute("insert into late_orders values (?, ?, ?)", (identifier, json.dumps(document), due_ms))

    def delete_late_order(self, identifier: str) -> None:
        """Forget an order."""
        self._connection.execute("delete from late_orders where id = ?", (identifier,))

    def forget_late_orders(self) -> None:
        """Delete every order."""
        self._connection.execute("delete from late_orders")

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Write what is written inside together, or not at all."""
        self._connection.execute("begin")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def fact(self, name: str, default: Any = None) -> Any:
        """Return a named value."""
        row = self._connection.execute("select value from facts where name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def keep_fact(self, name: str, value: Any) -> None:
        """Write a named value."""
        self._connection.execute(
            "insert into facts values (?, ?) on conflict (name) do update set value = excluded.value",
            (name, json.dumps(value)),
        )

    def add_post(self, at_ms: int, numbers: list[str], answer: str) -> int:
        """Write down a `POST /call` under the first of its numbers, and forget the oldest; return its place."""
        for number in set(numbers):
            self._connection.execute(
                "insert into requests_by_number values (?, 1) "
                "on conflict (number) do update set requests = requests + 1",
                (number,),
            )
        written = self._connection.execute(
            "insert into posts (at_ms, number, answer) values (?, ?, ?)",
            (at_ms, numbers[0] if numbers else "", answer),
        )
        place = int(written.lastrowid or 0)
        self._connection.execute("delete from posts where n <= ?", (place - _POSTS_KEPT,))
        return place

    def settle_post(self, place: int, answer: int | str | None) -> None:
        """Write down how a `POST /call` was answered."""
        self._connection.execute("update posts set answer = ? where n = ?", (answer, place))

    def posts(self) -> list[tuple[int, str, int | str]]:
        """Return time, number and answer of the latest `POST /call`, oldest first."""
        return self._connection.execute("select at_ms, number, answer from posts order by n").fetchall()

    def requests_by_number(self) -> dict[str, int]:
        """Return how many `POST /call` named each number."""
        return dict(self._connection.execute("select number, requests from requests_by_number"))

    def forget_calls(self) -> None:
        """Delete every call, and every request for one."""
        for table in ("calls", "posts", "requests_by_number"):
            self._connection.execute(f"delete from {table}")

    def forget_assistants(self) -> None:
        """Delete every assistant."""
        self._connection.execute("delete from assistants")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _close_to_others(path: Path) -> None:
    """Make the file, and what SQLite keeps beside it, readable to us alone: names and numbers are in it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in (path, *path.parent.glob(f"{path.name}-*")):
        descriptor = os.open(each, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
