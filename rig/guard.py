"""Run a PostgreSQL server as long as the test run lives: `guard.py <pid of the run> <folder> <command ...>`.

Started apart from the run, so that Ctrl-C reaches only the run; when the run is gone, however it ended, or
when told to by SIGTERM, the server is stopped and its folder removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

STOPS_WITHIN_SECONDS = 10


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def main(run: int, folder: str, *command: str) -> None:
    is_told = False

    def told(*_: object) -> None:
        nonlocal is_told
        is_told = True

    signal.signal(signal.SIGTERM, told)
    owner = os.stat(folder)
    unprivileged = {} if os.geteuid() else {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    with open(f"{folder}/server.log", "wb") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **unprivileged)
    while server.poll() is None and is_alive(run) and not is_told:
        time.sleep(0.2)
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)  # at once; nothing in there is worth keeping
        try:
            server.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:  # pgbouncer ignores it where a shell started us in its background
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)
    shared = Path(folder).parent
    if not is_alive(run) and shared.name.startswith("autolynx-run-"):  # killed, it cannot tidy up itself
        shutil.rmtree(shared, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
