"""Apply `supabase/migrations/*.sql` in order, and take them back.

The bookkeeping is the Supabase CLI's own (github.com/supabase/cli, pkg/migration/history.go, read 2026-11), so that
`supabase db push` and this module can take turns on one database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlparse

from autolynx.database import embedded
from autolynx.database.connecting import Connection, open_connection
from autolynx.errors import AutoLynxError, Conflict, Unavailable
from autolynx.settings import Settings

FOLDER = Path(__file__).parents[2] / "supabase"

_FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>[a-z0-9_]+)\.sql")
_LOCK = 0x6175746F6C796E78  # "autolynx": two migrators take turns
_BOOKKEEPING = """
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
    alter table supabase_migrations.schema_migrations add column if not exists statements text[];
    alter table supabase_migrations.schema_migrations add column if not exists name text
"""


class BeforeFirstRelease(Conflict):
    """This database was made by AutoLynx before 0.1.0, which cannot be carried over."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"This database was made by AutoLynx before 0.1.0 (version {version}), which cannot be carried over: "
            "export what you need with that program, then use another AUTOLYNX_HOME or an empty database."
        )


class MigrationFailed(AutoLynxError):
    """A migration failed; the database is as it was before it."""

    code = "migration_failed"


@dataclass(frozen=True)
class Migration:
    """One file of `supabase/migrations/`."""

    version: str
    name: str

    @property
    def file(self) -> str:
        """Its name, which its rollback shares."""
        return f"{self.version}_{self.name}.sql"

    @property
    def script(self) -> str:
        """What brings the database one version up."""
        return (FOLDER / "migrations" / self.file).read_text()

    @property
    def rollback_script(self) -> str:
        """What brings it back down."""
        return (FOLDER / "rollbacks" / self.file).read_text()


def migrations() -> list[Migration]:
    """Every migration of this program, oldest first."""
    found = [_FILE_NAME.fullmatch(path.name) for path in sorted((FOLDER / "migrations").glob("*.sql"))]
    return [Migration(match["version"], match["name"]) for match in found if match]


def expected_version() -> str:
    """The version this program needs."""
    return migrations()[-1].version


def address(settings: Settings) -> str:
    """Where to migrate. The embedded server is started; Supabase's Data API cannot run migrations."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    if settings.transport == "supabase":
        raise Unavailable(
            "Migrations need SQL access to Supabase: set DATABASE_URL to the project's connection string "
            "(dashboard, Connect), or run `supabase db push`."
        )
    return embedded.start(settings.autolynx_home)


def pending(dsn: str) -> list[str]:
    """The versions that `migrate` would apply now."""
    with open_connection(dsn) as connection:
        return [migration.version for migration in _pending(connection)]


def migrate(dsn: str) -> list[str]:
    """Apply what is pending, each migration in a transaction of its own; returns their versions.

    Safe to repeat and to run twice at once. Raises MigrationFailed with the file and the reason, Conflict
    when the database is newer than this program, or from before its first release; then it is left untouched.
    """
    done: list[str] = []
    with open_connection(dsn) as connection:
        while True:
            with _turn(connection):
                todo = _pending(connection)
                if not todo:
                    return done
                _apply(connection, todo[0])
            done.append(todo[0].version)


def rollback(dsn: str, *, to_version: str | None = None, steps: int = 1) -> list[str]:
    """Take back the last `steps` migrations, or all after `to_version` ("0": all); returns their versions."""
    done: list[str] = []
    with open_connection(dsn) as connection:
        while to_version is not None or len(done) < steps:
            with _turn(connection):
                applied = _applied(connection)
                _refuse_what_is_older(connection, applied)
                known = [migration for migration in migrations() if migration.version in applied]
                if not known or (to_version is not None and known[-1].version <= to_version):
                    return done
                _take_back(connection, known[-1])
            done.append(known[-1].version)
    return done


def statements(script: str) -> list[str]:
    """Split a script as the Supabase CLI does before it records it: a record for people, never run again."""
    trimmed = [statement.strip().rstrip(";").strip() for statement in sqlparse.split(script)]
    return [statement for statement in trimmed if statement]


@contextmanager
def _turn(connection: Connection) -> Iterator[None]:
    """One transaction, one migrator at a time. Works behind a transaction-mode pooler as well."""
    with connection.transaction():
        connection.execute("select pg_catalog.pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def _applied(connection: Connection) -> list[str]:
    try:
        found = connection.execute("select to_regclass('supabase_migrations.schema_migrations')").fetchone()
        if found is None or found[0] is None:
            return []
        rows = connection.execute("select version::text from supabase_migrations.schema_migrations order by version")
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedColumn) as error:
        raise Conflict(
            "supabase_migrations.schema_migrations, where the Supabase CLI keeps what was applied, cannot be read "
            f"({str(error).splitlines()[0]}): DATABASE_URL needs the role that migrates, and the table its column "
            "version."
        ) from error
    return [version for (version,) in rows]


def _refuse_what_is_older(connection: Connection, applied: list[str]) -> None:
    """No file is left of what made a database before 0.1.0. A version of somebody else's is no matter of ours."""
    older = [version for version in applied if version < migrations()[0].version]
    if not older or migrations()[0].version in applied:
        return
    found = connection.execute("select to_regnamespace('internal') is not null").fetchone()
    if found and found[0]:
        raise BeforeFirstRelease(older[-1])


def _pending(connection: Connection) -> list[Migration]:
    known, applied = migrations(), _applied(connection)
    _refuse_what_is_older(connection, applied)
    newer = [version for version in applied if version > known[-1].version]
    if newer:
        raise Conflict(
            f"The database is at version {newer[-1]}, this program knows only {known[-1].version}: update AutoLynx, or "
            "roll the database back with the newer program; a version of another program's says that AutoLynx needs a "
            "database of its own."
        )
    pending = [migration for migration in known if migration.version not in applied]
    later = [migration.version for migration in known if migration.version in applied]
    if pending and later and pending[0].version < later[-1]:
        raise Conflict(
            f"The database has version {later[-1]} and is said not to have {pending[0].version}, from before it: "
            "supabase_migrations.schema_migrations was changed by hand. Nothing was applied; put its line back, or "
            "restore a backup."
        )
    return pending


def _apply(connection: Connection, migration: Migration) -> None:
    insert = "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)"
    with _explained(migration.file):
        recorded = [migration.version, migration.name, statements(migration.script)]
        if not _applied(connection):
            connection.execute(_BOOKKEEPING)
        connection.execute(migration.script.encode())
        connection.execute(insert, recorded)
        connection.execute("notify pgrst, 'reload schema'")


def _take_back(connection: Connection, migration: Migration) -> None:
    delete = "delete from supabase_migrations.schema_migrations where version = %s"
    with _explained(f"rollbacks/{migration.file}"):
        connection.execute(migration.rollback_script.encode())
        connection.execute(delete, [migration.version])
        connection.execute("notify pgrst, 'reload schema'")


@contextmanager
def _explained(file: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise MigrationFailed(f"{file} failed and changed nothing: {error}") from error
    except OSError as error:
        raise MigrationFailed(
            f"{file} cannot be read: {error.strerror}. This copy of AutoLynx is not whole."
        ) from error
