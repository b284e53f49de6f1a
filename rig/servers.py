"""Real PostgreSQL servers for the tests: one of each version a run, shared by all of its workers.

A server is started by the first test that asks for it, on the loopback interface, and stopped by its guard
(`guard.py`) with the run. Every test gets a database of its own, cloned from a migrated template.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from autolynx.contacts import time_zone_rules
from autolynx.database import migrate
from autolynx.database.embedded.programs import folder_of_programs, make_reachable, owner_of
from autolynx.database.postgres import PostgresDatabase
from rig.ports import free_port
from rig.waiting import eventually

DEBIAN_15 = Path(os.environ.get("AUTOLYNX_TEST_PG15", "/usr/lib/postgresql/15/bin"))
TEMPLATE = "autolynx_template"
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}
#: what a server of tests has on top, whose databases last for a second: nobody cleans up after them
BRIEF = {"autovacuum": "off", "max_wal_size": "256MB"}
#: of the path of a Unix socket, in bytes, on every system
LONGEST_SOCKET = 100


class MissingServer(Exception):
    """PostgreSQL 15 is not installed."""


def programs(version: str) -> Path:
    if version == "pg18":
        return folder_of_programs()
    if not (DEBIAN_15 / "postgres").exists():
        raise MissingServer(
            f"PostgreSQL 15 is not in {DEBIAN_15}. Install it (Debian: apt install postgresql-15), or name "
            "its bin folder in AUTOLYNX_TEST_PG15, or set AUTOLYNX_TEST_WITHOUT_PG15=1 to test without it."
        )
    return DEBIAN_15


@dataclass(frozen=True)
class Server:
    """A running server; `port` on 127.0.0.1, superuser `postgres` without a password."""

    version: str
    port: int
    pid: int  # of the guard
    socket: str = ""  # the folder of its Unix socket, where it has one: a tenth cheaper than the loopback interface

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self, template: str = TEMPLATE, owner: str = "postgres") -> Iterator[str]:
        """A database that lasts for one test, its files copied: half the work of copying through the log."""
        name = f"test_{uuid4().hex[:16]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            statement = "create database {} template {} owner {} strategy file_copy"
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, (name, template, owner))))
            try:
                yield self.url(name, owner)
            finally:
                admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def accepts(url: str) -> bool:
    """Whether a server takes connections by now."""
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5).close()
        return True
    return False


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def obtain(run: Path, run_pid: int, version: str) -> Server:
    """The run's server of this version, started at the first request, with a migrated template."""
    note, is_ready = run / f"{version}.json", run / f"{version}.ready"
    with locked(run):
        if not note.exists():
            note.write_text(json.dumps(vars(_start(run, run_pid, version))))
        server = Server(**json.loads(note.read_text()))
        if not is_ready.exists():  # a migration that fails, fails in every test, with its reason
            _make_template(server)
            is_ready.touch()
        return server


def stop_all(run: Path) -> None:
    """Stop what `obtain` started and wait until it is gone."""
    with locked(run):
        for pid in [int(path.read_text()) for path in run.glob("*.pid")]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            eventually(lambda pid=pid: not _is_running(pid), "the end of a server")  # type: ignore[misc]
    shutil.rmtree(run, ignore_errors=True)


def _is_running(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _start(run: Path, run_pid: int, version: str) -> Server:
    port = free_port()
    folder = run / f"{version}-{port}"
    folder.mkdir()
    owner = owner_of(Path("/nowhere"))
    make_reachable(run, owner)
    make_reachable(programs(version), owner)
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    unprivileged = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    locale = ["--locale=C", "--encoding=UTF8", "--auth=trust", "--username=postgres", "--no-sync"]
    command = [str(programs(version) / "initdb"), "-D", f"{folder}/data", *locale]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **unprivileged)
    socket = str(folder) if len(f"{folder}/.s.PGSQL.{port}") <= LONGEST_SOCKET else ""
    where = {"port": str(port), "unix_socket_directories": socket}
    settings = [f"--{name}={value}" for name, value in {**FAST, **BRIEF, **where}.items()]
    postgres = [str(programs(version) / "postgres"), "-D", f"{folder}/data", *settings]
    guard = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("guard.py")), str(run_pid), str(folder), *postgres],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (run / f"{version}.pid").write_text(str(guard.pid))
    server = Server(version, port, guard.pid, socket)
    _await(server, guard, folder)
    guard.returncode = 0  # it outlives this worker on purpose
    return server


def _await(server: Server, guard: subprocess.Popen[bytes], folder: Path) -> None:
    log = folder / "server.log"

    def is_up() -> bool:
        if guard.poll() is not None:
            raise RuntimeError(log.read_text())
        return accepts(server.url("postgres"))

    eventually(is_up, log.read_text)


def _make_template(server: Server) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(TEMPLATE)))
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    prepare(server.url(TEMPLATE))
    _pack(server.url(TEMPLATE))


_CATALOGS = "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'pg_catalog'::regnamespace"


def _pack(url: str) -> None:
    """Its catalogs without gaps, and without the two files beside each that tell of gaps: a fifth less to copy."""
    with psycopg.connect(url, autocommit=True) as owner:
        for (catalog,) in owner.execute(_CATALOGS).fetchall():
            owner.execute(f"vacuum full {catalog}")  # type: ignore[arg-type]
    psycopg.connect(url).close()  # the first one writes down what every other reads


def prepare(url: str) -> None:
    """Migrate a database, and give it its time zones, as the product does."""
    migrate.migrate(url)
    with PostgresDatabase(url) as database:
        time_zone_rules.load(database)
