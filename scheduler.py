"""The scheduler: the process that dials. Wiring only; the work is in `autolynx/dialing/tick.py`.

Run any number of them against one database: `python scheduler.py`.
"""

from __future__ import annotations

import sys

from autolynx.dialing.scheduler import run

if __name__ == "__main__":
    sys.exit(run())
