"""`python -m autolynx.simulator`: run the simulator alone."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .knobs import KnobError
from .server import run
from .store import StoreLocked


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m autolynx.simulator", description="Stand in for Vapi.")
    parser.add_argument("--port", type=int, default=8503)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--home", type=Path, default=Path(".autolynx"), help="where its state is kept")
    parser.add_argument("--seed", type=int, default=None, help="the same seed gives the same calls")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds in a real second")
    parser.add_argument("--knobs", type=json.loads, default={}, help="JSON object of knobs to begin with")
    options = parser.parse_args()
    try:
        run(options.port, options.home, options.seed, options.speed, options.host, options.knobs)
    except (KnobError, StoreLocked, ValueError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
