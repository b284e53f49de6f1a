"""The simulator's memory on disk: one SQLite file, written through at every change."""

from __future__ import annotations

import json
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
"""


class Store:
    """Keeps JSON documents. Never waits for the disk: safe against a kill, not against a power cut."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = off")
        self._connection.executescript(_SCHEMA)

    def assistants(self) -> Iterator[dict[str, Any]]:
        """Yield every assistant, oldest first."""
        for (document,) in self._connection.execute("select document from assistants order by rowid"):
            yield json.loads(document)

    def save_assistant(self, document: dict[str, Any]) -> None:
        """Write an assistant."""
        self._connection.execute(
            "insert into assistants values (?, ?) "
            "on conflict (id) do update set document = excluded.document",
            (document["id"], json.dumps(document)),
        )

    def delete_assistant(self, identifier: str) -> None:
        """Forget an assistant."""
        self._connection.execute("delete from assistants where id = ?", (identifier,))

    def calls(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield birth and progress of every call, in the order of creation."""
        for birth, progress in self._connection.execute("select birth, progress from calls order by rowid"):
            yield json.loads(birth), json.loads(progress)

    def add_call(
        self, identifier: str, born_ms: int, birth: dict[str, Any], progress: dict[str, Any]
    ) -> None:
        """Write a new call: what never changes, and what does."""
        self._connection.execute(
            "insert into calls values (?, ?, ?, ?)",
            (identifier, born_ms, json.dumps(birth), json.dumps(progress)),
        )

    def save_progress(self, identifier: str, progress: dict[str, Any]) -> None:
        """Write what changed in a call."""
        self._connection.execute(
            "update calls set progress = ? where id = ?", (json.dumps(progress), identifier)
        )

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

    def forget_calls(self) -> None:
        """Delete every call."""
        self._connection.execute("delete from calls")

    def forget_assistants(self) -> None:
        """Delete every assistant."""
        self._connection.execute("delete from assistants")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
