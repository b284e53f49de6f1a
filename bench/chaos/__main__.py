"""The long version of the chaos test: many seeds, each with a plan of its own, judged by the provider's books.

`python -m bench.chaos --seeds 50` prints a line a seed and then one figure; exit code 1 when any seed broke a promise.
It is a proof rather than a measurement, and too long for `make bench`.
"""

from __future__ import annotations

import argparse
import queue
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from bench import chaos
from bench.chaos.findings import Fault, Wrong
from bench.chaos.plan import SINGLE
from bench.chaos.server import PrivateServer, private_server
from bench.figures import Figure, keep
from bench.postgres import home


def main() -> int:
    """Run the seeds the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--at-once", type=int, default=1, help="runs side by side")
    parser.add_argument("--evidence", type=Path, help="a folder for what explains a fault")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    began = time.monotonic()
    with ExitStack() as stack, ThreadPoolExecutor(options.at_once) as pool:
        servers: queue.SimpleQueue[PrivateServer] = queue.SimpleQueue()
        for _ in range(options.at_once):
            servers.put(stack.enter_context(private_server()))
        reports = list(pool.map(lambda seed: _run(servers, seed, options.evidence), seeds))
    figure = _figure(reports)
    print(figure.line(), flush=True)
    keep("chaos", [figure], time.monotonic() - began)
    return 0 if figure.is_met else 1


def _run(servers: queue.SimpleQueue[PrivateServer], seed: int, evidence: Path | None) -> chaos.ChaosReport:
    server = servers.get()
    try:
        with home() as folder:
            report = chaos.run(seed, server, folder, evidence=evidence, is_forked=True)
    except Exception as error:  # one run that breaks off is a fault of its own; the others still run
        report = chaos.ChaosReport(seed, faults=[Fault(Wrong.BROKE, repr(error))])
    finally:
        servers.put(server)
    print(report.line(), flush=True)
    return report


def _figure(reports: list[chaos.ChaosReport]) -> Figure:
    broken = [report.seed for report in reports if report.faults]
    totals = {
        "dials": sum(r.dials for r in reports),
        "kills": sum(r.kills for r in reports),
        "stops": sum(r.freezes for r in reports),
        "database restarts": sum(r.restarts for r in reports),
        "answers lost": sum(r.lost_answers for r in reports),
        "late creations": sum(r.late_creations for r in reports),
    }
    faults = Counter(fault.wrong for r in reports for fault in r.faults)
    always = (Wrong.TWICE, Wrong.AT_ONCE, Wrong.CAP, Wrong.AFTER_STOP, Wrong.DIFFERENCE)
    told = {wrong: faults[wrong] for wrong in (*always, *faults)}
    parts = [f"{count} {name}" for name, count in totals.items()] + [f"{name}: {n}" for name, n in told.items()]
    met = Counter(kind for report in reports for kind in report.kinds)
    details = {
        "broken": broken,
        "faults": {r.seed: list(map(str, r.faults)) for r in reports if r.faults},
        "totals": totals,
        "seeds that met": {kind: met[kind] for kind in sorted({*SINGLE, *met})},
    }
    remark = f"{len(reports)} seeds, {', '.join(parts)}"
    return Figure("chaos", len(broken), "seeds broke a promise", 0, is_floor=False, remark=remark, details=details)


if __name__ == "__main__":
    sys.exit(main())
