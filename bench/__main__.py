"""`python -m bench [name ...]`: run all benchmarks or the named; exit code 1 when a target is missed."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback

from bench.figures import Figure, keep
from bench.postgres import running_server
from rig.servers import Server

#: in the order they run; each module has `measure(server) -> list[Figure]`
NAMES = ("line_use", "claim_cost", "event_intake", "compressed_hour", "idle_cost", "crowd")


def main() -> int:
    """Run what the command line names and print a line for every figure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, as ratios.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of: {', '.join(NAMES)}")
    names = parser.parse_args().names or NAMES
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"there is no benchmark {unknown[0]}; there are: {', '.join(NAMES)}")
    with running_server() as server:
        are_met = [_is_met(name, server) for name in names]
    return 0 if all(are_met) else 1


def _is_met(name: str, server: Server) -> bool:
    """Run one benchmark; one that breaks off has missed its target, and the others still run."""
    began = time.monotonic()
    try:
        figures: list[Figure] = importlib.import_module(f"bench.{name}").measure(server)
    except Exception:
        traceback.print_exc()
        print(f"{name}: broke off MISSED", flush=True)
        return False
    for figure in figures:
        print(figure.line(), flush=True)
    keep(name, figures, time.monotonic() - began)
    return all(figure.is_met for figure in figures)


if __name__ == "__main__":
    sys.exit(main())
