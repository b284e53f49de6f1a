"""A PostgreSQL server that one run has for itself, and may stop, crash and start again.

What a commit acknowledged outlives every crash here: `synchronous_commit` is on, as in the world; `fsync` is off, which
only a power cut would tell.
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
from rig.servers import FAST, TEMPLATE, Server, prepare
from rig.waiting import eventually

SETTINGS = FAST | {"synchronous_commit": "on", "max_connections": "150"}
START_SECONDS = 60


class PrivateServer:
    """Runs from `start` to `stop`; its guard ends it even if this process is killed."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="autolynx-chaos-"))
        self._port = free_port()
        self._programs = folder_of_programs()
        self._guard: subprocess.Popen[bytes] | None = None
        owner = owner_of(Path("/nowhere"))
        make_reachable(self._folder.parent, owner)
        make_reachable(self._programs, owner)
        if owner:
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        unprivileged = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        how = ["--locale=C", "--encoding=UTF8", "--auth=trust", "--username=postgres", "--no-sync"]
        command = [str(self._programs / "initdb"), "-D", f"{self._folder}/data", *how]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **unprivileged)

    @property
    def server(self) -> Server:
        """Where it is; the same after a restart."""
        return Server("pg18", self._port, os.getpid())

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": str(self._port)}.items()]
        postgres = [str(self._programs / "postgres"), "-D", f"{self._folder}/data", *settings]
        command = [sys.executable, guard.__file__, str(os.getpid()), str(self._folder), *postgres]
        self._guard = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
        self.until_it_answers()

    def until_it_answers(self) -> None:
        """Wait while it starts or recovers. Raises RuntimeError when it ends instead."""
        assert self._guard is not None
        log = self._folder / "server.log"

        def is_up() -> bool:
            if self._guard is None or self._guard.poll() is not None:
                raise RuntimeError(log.read_text()[-2000:])
            return self.answers()

        eventually(is_up, lambda: log.read_text()[-2000:], START_SECONDS)

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.server.url("postgres"), connect_timeout=5).close()
            return True
        return False

    def restart(self, how: signal.Signals) -> None:
        """SIGINT: everybody is thrown out, all is written down; SIGQUIT: at once, and recovered from the log."""
        assert self._guard is not None
        os.kill(int((self._folder / "data/postmaster.pid").read_text().split()[0]), how)
        self._guard.wait(30)
        self.start()

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A migrated database for one run; no connection to the server needs to live on meanwhile."""
        name = f"chaos_{uuid4().hex[:16]}"
        self._administer(f"create database {name} template {TEMPLATE}")
        try:
            yield self.server.url(name)
        finally:
            self._administer(f"drop database if exists {name} with (force)")

    def _administer(self, statement: str) -> None:
        self.until_it_answers()  # it may still recover from the last blow
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as admin:
            admin.execute(statement)

    def kill_backend(self, database: str) -> bool:
        """Kill -9 one process that serves a database: the server throws everybody out and recovers. False when there
        is none, as while it still recovers."""
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self.server.url("postgres"), autocommit=True) as admin,
        ):
            found = admin.execute(
                "select pid from pg_stat_activity where datname = %s and pid <> pg_backend_pid() "
                "order by backend_start desc limit 1",
                [database],
            ).fetchone()
            if found:
                os.kill(found[0], signal.SIGKILL)
                return True
        return False

    def make_template(self) -> None:
        """Migrate the database that every run's own is cloned from."""
        self._administer(f"create database {TEMPLATE}")
        prepare(self.server.url(TEMPLATE))

    def stop(self) -> None:
        """End it and remove all it wrote."""
        if self._guard is not None:
            self._guard.terminate()
            self._guard.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def private_server() -> Iterator[PrivateServer]:
    """A server with a migrated template, for one run at a time."""
    server = PrivateServer()
    try:
        server.start()
        server.make_template()
        yield server
    finally:
        server.stop()
