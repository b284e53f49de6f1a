"""The real pgbouncer in front of a test's server, in transaction mode: a connection to the server belongs to a client
for one transaction. As it comes, but for where it listens and what it lets in; Debian's own service is not touched.
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
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from autolynx.database.embedded.programs import owner_of
from rig import guard as our_guard
from rig.ports import free_port
from rig.servers import Server, accepts
from rig.waiting import eventually

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server_port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
server_login_retry = 1
{settings}
"""


@dataclass(frozen=True)
class Pooler:
    """A running pgbouncer; `port` on 127.0.0.1, user `postgres` without a password, every database of its server."""

    port: int
    pid: int

    def url(self, url: str) -> str:
        """The same database, through the pooler."""
        return urlsplit(url)._replace(netloc=f"postgres@127.0.0.1:{self.port}").geturl()


def program() -> str:
    """Where pgbouncer is. Without it the test is skipped, except in CI, where nothing may go missing unnoticed."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if found is None:
        reason = "There is no pgbouncer here: bin/setup-system installs it (Debian: apt install pgbouncer)."
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return found


@contextlib.contextmanager
def pgbouncer(server: Server, settings: str = "") -> Iterator[Pooler]:
    """Run it while entered, as an ordinary user, and stop it even when this process is killed."""
    executable = program()
    folder, port = Path(tempfile.mkdtemp(prefix="autolynx-pgbouncer-")), free_port()
    (folder / "users.txt").write_text('"postgres" ""\n')
    (folder / "pgbouncer.ini").write_text(
        CONFIGURATION.format(server_port=server.port, port=port, folder=folder, settings=settings)
    )
    folder.chmod(0o755)
    if owner := owner_of(Path("/nowhere")):
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    guard = subprocess.Popen(
        [sys.executable, our_guard.__file__, str(os.getpid()), str(folder), executable,
         str(folder / "pgbouncer.ini")],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield _answering(Pooler(port, guard.pid), guard, folder)
    finally:
        guard.send_signal(signal.SIGTERM)
        guard.wait(30)


def _answering(pooler: Pooler, guard: subprocess.Popen[bytes], folder: Path) -> Pooler:
    log = folder / "server.log"

    def is_up() -> bool:
        if guard.poll() is not None:
            raise RuntimeError(log.read_text())
        return accepts(pooler.url("postgresql://x/postgres"))

    eventually(is_up, log.read_text)
    return pooler
