"""A PostgreSQL server for one run, with the settings it is shipped with: every commit reaches the disk.

The tests' servers trade safety for speed (`fsync=off` and more); a benchmark on them would flatter whoever commits
more often.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg

from autolynx.database.embedded.programs import folder_of_programs, make_reachable, owner_of
from rig import guard
from rig.ports import free_port
from rig.servers import TEMPLATE, Server, accepts, prepare
from rig.waiting import eventually

#: beside these, PostgreSQL's own defaults: fsync, synchronous_commit and full_page_writes on
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
}
START_SECONDS = 60


@contextlib.contextmanager
def running_server(settings: dict[str, str] = SETTINGS) -> Iterator[Server]:
    """The embedded wheel's PostgreSQL with a migrated template; its guard ends it even if this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="autolynx-bench-"))
    port = free_port()
    with _guarded(folder, port, settings) as pid:
        server = Server("pg18", port, pid)
        _make_template(server, folder)
        try:
            yield server
        finally:
            os.kill(pid, signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def loaded(server: Server) -> Iterator[tuple[str, psycopg.Connection]]:
    """A database of its own, and a SQL prompt to it, where every statement commits."""
    with server.database() as url, psycopg.connect(url, autocommit=True) as connection:
        yield url, connection


@contextlib.contextmanager
def home() -> Iterator[Path]:
    """A folder for a product's files."""
    path = Path(tempfile.mkdtemp(prefix=f"autolynx-{uuid4().hex[:6]}-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _guarded(folder: Path, port: int, shipped: dict[str, str]) -> Iterator[int]:
    programs = folder_of_programs()
    owner = owner_of(Path("/nowhere"))
    make_reachable(folder.parent, owner)
    make_reachable(programs, owner)
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    unprivileged = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    how = ["--locale=C", "--encoding=UTF8", "--auth=trust", "--username=postgres"]
    initdb = [str(programs / "initdb"), "-D", f"{folder}/data", *how]
    subprocess.run(initdb, check=True, cwd="/", stdout=subprocess.DEVNULL, **unprivileged)
    settings = [f"--{name}={value}" for name, value in {**shipped, "port": str(port)}.items()]
    postgres = [str(programs / "postgres"), "-D", f"{folder}/data", *settings]
    command = [sys.executable, guard.__file__, str(os.getpid()), str(folder), *postgres]
    keeper = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        yield keeper.pid
    finally:
        keeper.terminate()
        keeper.wait()


def _make_template(server: Server, folder: Path) -> None:
    eventually(lambda: accepts(server.url("postgres")), (folder / "server.log").read_text, START_SECONDS)
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute(f"create database {TEMPLATE}")
    prepare(server.url(TEMPLATE))
