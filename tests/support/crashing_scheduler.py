"""A scheduler that dies, as by kill -9, at the n-th time it comes to a step of the tick: CRASH_AT=begun:3."""

from __future__ import annotations

import itertools
import os
import sys

from autolynx.dialing.scheduler import run

STEP, _, NTH = os.environ["CRASH_AT"].partition(":")
_seen = itertools.count(1)


def die(step: str) -> None:
    if step == STEP and next(_seen) == int(NTH):
        os._exit(9)


if __name__ == "__main__":
    sys.exit(run(die))
