"""Draft the next migration: what the schemas say and the migrations do not make yet.

Functions and views are written out, with the way back. Everything else is for its author, who alone knows what is to
become of the rows that are there.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo

from autolynx.database import catalogue, embedded, migrate, schemas
from autolynx.database.catalogue import Catalogue, Function
from autolynx.database.connecting import open_connection
from autolynx.errors import Conflict, InvalidInput

BY_HAND = "-- To be written by hand: "
_LONGEST_NAME = 60
_WIDTH = 118
#: what belongs to a table, and comes and goes with it
_OF_A_TABLE = ("column", "constraint", "index", "trigger", "policy")
_WRITTEN = ("function", "view")
#: in a rollback a body may call what is restored further down
_UNCHECKED = "set local check_function_bodies = off;"


@dataclass(frozen=True)
class Database:
    """What was built: its catalogue, its functions, and its views as statements."""

    catalogue: Catalogue
    functions: dict[str, Function]

    @classmethod
    def read(cls, dsn: str) -> Database:
        """Look at a database."""
        return cls(catalogue.read(dsn), catalogue.read_functions(dsn))


@dataclass(frozen=True)
class Draft:
    """The text of a migration and of its rollback."""

    script: str
    rollback: str


def write(subject: str, now: datetime | None = None) -> list[Path]:
    """Write the next migration and its rollback; returns both files.

    Builds both databases on a PostgreSQL of its own, in a folder that is gone afterwards. Raises InvalidInput for a
    subject that makes no file name, Conflict where there is nothing to write, or where a file cannot be written: then
    neither is there.
    """
    name = _file_name(subject, now or datetime.now(UTC))
    with _two_databases() as (migrated, declared):
        migrate.migrate(migrated)
        schemas.build(declared)
        draft = compare(Database.read(migrated), Database.read(declared))
    paths = [migrate.FOLDER / "migrations" / name, migrate.FOLDER / "rollbacks" / name]
    try:
        for path, text in zip(paths, (draft.script, draft.rollback), strict=True):
            path.write_text(text)
    except OSError as error:
        for path in paths:
            with suppress(OSError):
                path.unlink()
        raise Conflict(f"Nothing was written: {error.filename} cannot be ({error.strerror}).") from error
    return paths


def compare(before: Database, after: Database) -> Draft:
    """What leads from one database to another, and back."""
    if before.catalogue == after.catalogue:
        raise Conflict("There is nothing to write: the migrations make what supabase/schemas/ says.")
    left = [BY_HAND + line for line in _by_hand(before.catalogue, after.catalogue)]
    written = schemas.functions()
    there = _steps(before, after, lambda function: written.get(function.name, _as_it_is(function)))
    back = _steps(after, before, _as_it_is)
    heading = ["-- What is to be written by hand goes here, before the functions that need it.", *left] if left else []
    ending = ["-- What is to be taken back by hand goes here, after the functions that need it.", *left] if left else []
    return Draft(_joined(["\n".join(heading), *there]), _joined([_UNCHECKED if back else "", *back, "\n".join(ending)]))


def _file_name(subject: str, now: datetime) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", subject.lower()).strip("_")
    if not re.search(r"[a-z]", words) or len(words) > _LONGEST_NAME:
        raise InvalidInput(
            f'The subject is "{subject}"; accepted is one of up to {_LONGEST_NAME} letters and digits, with spaces '
            'between, like "Let a campaign have a budget".'
        )
    taken = [migration for migration in migrate.migrations() if migration.name == words]
    if taken:
        raise Conflict(f"{taken[0].file} has this subject already; accepted is another one.")
    last = migrate.expected_version()
    version = now.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    return f"{max(version, f'{int(last) + 1:014d}')}_{words}.sql"  # a clock that is behind, or two within a second


@contextmanager
def _two_databases() -> Iterator[tuple[str, str]]:
    home = Path(tempfile.mkdtemp(prefix="autolynx-draft-"))
    try:
        address = embedded.start(home)
        with open_connection(address) as admin:
            admin.execute("create database migrated")
            admin.execute("create database declared")
        yield make_conninfo(address, dbname="migrated"), make_conninfo(address, dbname="declared")
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def _by_hand(before: Catalogue, after: Catalogue) -> list[str]:
    """One line for each thing that differs and is no function or view; a table comes and goes with what is its own."""
    whole = {name for kind, name in before.keys() ^ after.keys() if kind == "table"}
    lines = []
    for kind, name in sorted(before.keys() | after.keys()):
        was, is_ = before.get((kind, name)), after.get((kind, name))
        if was == is_ or kind in _WRITTEN or (kind in _OF_A_TABLE and _table_of(kind, name, was or is_) in whole):
            continue
        lines.append(f"{kind} {name}: {'added' if was is None else 'dropped' if is_ is None else 'changed'}")
    return lines


def _table_of(kind: str, name: str, said: Any) -> str:
    return str(said[0]) if kind == "index" else name.rpartition(".")[0]


def _steps(before: Database, after: Database, text_of: Callable[[Function], str]) -> list[str]:
    """The statements from one database to another, of its functions and views."""
    views_before, views_after = _views(before.catalogue), _views(after.catalogue)
    gone_views = [name for name, said in views_before.items() if views_after.get(name) != said]
    new_views = [name for name, said in views_after.items() if views_before.get(name) != said]
    known = before.functions
    gone = [name for name, was in known.items() if _signature(after.functions.get(name)) != was.signature]
    changed = [each for each in _in_order(after.functions) if each != known.get(each.name)]
    steps = [_wrapped("drop function ", gone[::-1], ";")] if gone else []
    steps += [f"drop view {name};" for name in gone_views[::-1]]
    steps += [_view(name, views_after[name]) for name in new_views]
    steps += [_again(text_of(each), is_there=each.name in known and each.name not in gone) for each in changed]
    return steps + list(_grants(changed))


def _as_it_is(function: Function) -> str:
    return f"{function.definition.rstrip()};"


def _signature(function: Function | None) -> str | None:
    return function.signature if function else None


def _in_order(functions: dict[str, Function]) -> Iterable[Function]:
    """As the schema files have them, who is called before who calls; what they do not have as it was made."""
    places = {name: place for place, name in enumerate(schemas.functions())}
    return sorted(functions.values(), key=lambda function: places.get(function.name, -1))


def _again(text: str, *, is_there: bool) -> str:
    """A definition as `create or replace` where the function is there and keeps its arguments, else as `create`."""
    verb = "create or replace function" if is_there else "create function"
    return re.sub(r"^create (or replace )?function", verb, text, count=1, flags=re.MULTILINE | re.IGNORECASE).rstrip()


def _grants(functions: Iterable[Function]) -> Iterator[str]:
    """The privileges of functions, by bare names, several a statement."""
    alike: dict[str | None, list[str]] = {}
    for function in functions:
        alike.setdefault(function.privileges, []).append(function.name)
    for privileges, names in alike.items():
        yield _wrapped("revoke all on function ", names, " from public, anon, authenticated, service_role;")
        for privilege in (privileges or "").split(", ") if privileges else []:
            grantee, what = privilege.split(" ")[:2]
            yield _wrapped(f"grant {what} on function ", names, f" to {grantee};")


def _views(found: Catalogue) -> dict[str, list[object]]:
    return {name: said for (kind, name), said in found.items() if kind == "view"}


def _view(name: str, said: list[object]) -> str:
    _, options, query, privileges, _ = said
    having = f" with ({', '.join(map(str, options))})" if isinstance(options, list) else ""
    steps = [
        f"create view {name}{having} as\n{query}",
        f"revoke all on {name} from public, anon, authenticated, service_role;",
    ]
    for privilege in str(privileges).split(", ") if privileges else []:
        grantee, what = privilege.split(" ")[:2]
        steps.append(f"grant {what} on {name} to {grantee};")
    return "\n".join(steps)


def _wrapped(start: str, names: Iterable[str], end: str) -> str:
    return "\n".join(
        textwrap.wrap(f"{start}{', '.join(names)}{end}", _WIDTH, subsequent_indent="    ", break_long_words=False)
    )


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
