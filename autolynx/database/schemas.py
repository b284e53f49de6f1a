"""Build a database from `supabase/schemas/`, what it is to be now, without the road there.

Nobody's database is made so: that is for comparing with what the migrations make, in tests and when one is drafted.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import psycopg

from autolynx.database import migrate
from autolynx.database.connecting import open_connection

_FUNCTION = re.compile(r"^create function (?P<name>[\w.]+)\(.*?^\$\$;\n", re.MULTILINE | re.DOTALL)


def files() -> list[Path]:
    """The schema files, in the order in which they can be built: `schema_paths` of config.toml."""
    config = tomllib.loads((migrate.FOLDER / "config.toml").read_text())
    return [migrate.FOLDER / path for path in config["db"]["migrations"]["schema_paths"]]


def build(dsn: str) -> None:
    """Make an empty database what the schemas say. Raises MigrationFailed with the file and the reason."""
    with open_connection(dsn) as connection, connection.transaction():
        for path in files():
            try:
                connection.execute(path.read_text().encode())
            except psycopg.Error as error:
                name = path.relative_to(migrate.FOLDER)
                raise migrate.MigrationFailed(f"{name} failed and changed nothing: {error}") from error


def functions() -> dict[str, str]:
    """Each function's definition as it is written there, with the comment above it, in the order of the files."""
    return {
        found["name"]: _comment_above(text, found.start()) + found[0]
        for text in (path.read_text() for path in files())
        for found in _FUNCTION.finditer(text)
    }


def _comment_above(text: str, place: int) -> str:
    lines: list[str] = []
    for line in reversed(text[:place].splitlines(keepends=True)):
        if not line.startswith("--"):
            break
        lines.insert(0, line)
    return "".join(lines)
