"""AUTOLYNX_HOME, the folder of what is kept on this machine: names, numbers and conversations, so nobody else may look.

Its locks are the kernel's, given back however a process ends. Whoever holds one notes its number in the file, so that
who waits can tell one of AutoLynx's processes, which will be done, from anybody else, for whom nobody waits long.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil  # type: ignore[import-untyped]

from autolynx.errors import Unavailable

CLOSED_FOLDER, CLOSED_FILE = 0o700, 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
#: how long whoever is none of ours is waited for: it may be one of ours that has yet to note that it has the lock
STRANGER_SECONDS = 5.0
_PAUSE_SECONDS = 0.05
_PROGRAM = Path(__file__).resolve().parents[3]


class Held(Unavailable):
    """Somebody else holds a lock in AUTOLYNX_HOME."""

    def __init__(self, path: Path, holder: str, *, is_ours: bool) -> None:
        whose = "" if is_ours else ", which is no part of AutoLynx"
        super().__init__(f"{path} is locked by {holder}{whose}: end it, or set another AUTOLYNX_HOME.")
        self.is_ours = is_ours


def prepare(home: Path) -> None:
    """Make the folder if there is none, and close it, and the files in it, to everybody else. Safe to repeat.

    Raises Unavailable with a sentence where it cannot be used.
    """
    try:
        home.mkdir(mode=CLOSED_FOLDER, parents=True, exist_ok=True)
        found = home.stat()
        _refuse_what_is_not_ours(home, found)
        if stat.S_IMODE(found.st_mode) != CLOSED_FOLDER:
            home.chmod(CLOSED_FOLDER)
        for entry in os.scandir(home):
            with suppress(FileNotFoundError):  # another process of ours has removed or renamed it
                _close(entry)
    except OSError as error:
        raise Unavailable(
            f"AUTOLYNX_HOME is '{home}' ({error.strerror}); accepted is a folder that can be written to."
        ) from error


def open_file(path: Path) -> IO[str]:
    """Open a file that only we may read, for locking; made if there is none. Raises Unavailable."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, CLOSED_FILE)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be opened ({error.strerror}); if it belongs to another user, run as that user, "
            "or set AUTOLYNX_HOME."
        ) from error
    return os.fdopen(descriptor, "r+")


@contextmanager
def locked(path: Path, *, patience_seconds: float) -> Iterator[None]:
    """Hold a lock alone. Raises Held after so long, or much sooner where somebody holds it who is none of ours."""
    with open_file(path) as file:
        take(file, path, fcntl.LOCK_EX, patience_seconds=patience_seconds)
        _note(file, str(os.getpid()))
        try:
            yield
        finally:
            _note(file, "")


def take(file: IO[str], path: Path, kind: int, *, patience_seconds: float) -> None:
    """Take a lock, of a kind of `fcntl.flock`, on an open file, until it is closed. Raises Held as `locked` does."""
    began = ours_at = time.monotonic()
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder, is_ours = _holder(file)
            now = time.monotonic()
            ours_at = now if is_ours else ours_at
            if now - began >= patience_seconds if is_ours else now - ours_at >= STRANGER_SECONDS:
                raise Held(path, holder, is_ours=is_ours) from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _refuse_what_is_not_ours(home: Path, found: os.stat_result) -> None:
    place = home.resolve()
    if found.st_mode & stat.S_ISVTX or place == Path(os.path.expanduser("~")) or place in (_PROGRAM, *_PROGRAM.parents):
        raise Unavailable(
            f"AUTOLYNX_HOME is '{home}', which is for other things, too; accepted is a folder for AutoLynx alone."
        )
    if found.st_uid == os.geteuid():
        return
    if os.geteuid() != 0:
        raise Unavailable(
            f"AUTOLYNX_HOME is '{home}', which belongs to another user ({_name(found.st_uid)}); "
            "accepted is a folder of your own."
        )


def _close(entry: os.DirEntry[str]) -> None:
    """Close one file or folder; not through a link, which may lead to what is none of ours."""
    if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
        return
    if not entry.stat().st_mode & _OTHERS:
        return
    descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode) or found.st_nlink == 1:
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & ~_OTHERS)
    finally:
        os.close(descriptor)


def _note(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def _holder(file: IO[str]) -> tuple[str, bool]:
    """Who holds the lock, in words, and whether it is the process of ours that is noted in the file."""
    file.seek(0)
    noted = file.read(20).strip()
    pids = _holding(os.fstat(file.fileno()).st_ino)
    is_ours = noted.isdecimal() and (int(noted) in pids if pids else psutil.pid_exists(int(noted)))
    shown = int(noted) if is_ours else min(pids, default=0)
    try:
        process = psutil.Process(shown)
        return f"process {shown} ({process.name()}, of {_name(process.uids().effective)})", is_ours
    except (psutil.Error, ValueError):
        return "another program", is_ours


def _holding(inode: int) -> set[int]:
    """The processes that hold a lock of `flock` on a file; nobody where the system (no Linux) does not tell."""
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return set()
    held = [line.split() for line in lines if "->" not in line and " FLOCK " in line]
    return {int(pid) for _, _, _, _, pid, place, *_ in held if place.endswith(f":{inode}") and int(pid) > 0}


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
