"""Become another program that ends when its supervisor does, even if that is killed outright.

Run as a plain script that imports next to nothing: `python -I -S tether.py <supervisor's pid> <program> …`.
On Linux the kernel sends SIGTERM when the supervisor dies. Elsewhere a small watcher looks every second.
"""

from __future__ import annotations

import os
import signal
import sys
import time

_PR_SET_PDEATHSIG = 1  # prctl(2)


def tie_by_kernel(supervisor: int) -> None:
    """Ask Linux for SIGTERM at the supervisor's end; the wish survives exec."""
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != supervisor:  # it died before we asked
        sys.exit(1)


def tie_by_watcher(supervisor: int) -> None:
    """Leave a watcher behind that sends SIGTERM to this process once the supervisor is gone."""
    program = os.getpid()
    if os.fork():
        return
    for number in (0, 1, 2):
        os.close(number)
    while os.getppid() == program:
        if not _is_alive(supervisor):
            os.kill(program, signal.SIGTERM)
        time.sleep(1)
    os._exit(0)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    (tie_by_kernel if sys.platform == "linux" else tie_by_watcher)(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
