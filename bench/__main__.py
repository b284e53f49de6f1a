"""`python -m bench [name ...]`: run all benchmarks or the named; exit code 1 when a target is missed."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from bench.figures import Figure, keep
from bench.postgres import running_server

#: in the order they run; each module has `measure(server) -> list[Figure]`
NAMES = ("line_use", "claim_cost", "event_intake", "compressed_hour", "idle_cost")


def main() -> int:
    """Run what the command line names and print a line for every figure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, as ratios.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of: {', '.join(NAMES)}")
    names = parser.parse_args().names or NAMES
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"there is no benchmark {unknown[0]}; there are: {', '.join(NAMES)}")
    with running_server() as server:
        figures = [figure for name in names for figure in _run(name, server)]
    return 0 if all(figure.is_met for figure in figures) else 1


def _run(name: str, server: object) -> list[Figure]:
    began = time.monotonic()
    figures: list[Figure] = importlib.import_module(f"bench.{name}").measure(server)
    for figure in figures:
        print(figure.line(), flush=True)
    keep(name, figures, time.monotonic() - began)
    return figures


if __name__ == "__main__":
    sys.exit(main())
