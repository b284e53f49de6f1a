"""The long version of the chaos test: many seeds, everything killed at random, the books compared each time.

`python -m bench.chaos --seeds 50` prints a line a seed and then one figure; exit code 1 when any seed broke a promise.
It is a proof rather than a measurement, and too long for `make bench`.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

from bench.figures import Figure, keep
from bench.postgres import home, running_server
from tests import chaos
from tests.servers import Server


def main() -> int:
    """Run the seeds the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=50, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--at-once", type=int, default=1, help="runs side by side")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    with running_server() as server, ThreadPoolExecutor(options.at_once) as pool:
        reports = list(pool.map(lambda seed: _run(server, seed), seeds))
    figure = _figure(reports)
    print(figure.line(), flush=True)
    keep("chaos", [figure], sum(report.seconds for report in reports))
    return 0 if figure.is_met else 1


def _run(server: Server, seed: int) -> chaos.ChaosReport:
    try:
        with server.database() as url, home() as folder:
            report = chaos.run(seed, url, folder)
    except Exception as error:  # a run that cannot end is a broken promise too; the other seeds go on
        report = chaos.ChaosReport(seed, faults=[f"the run broke off: {error!r}"])
    print(
        f"seed {seed}: {report.kills} kills, {report.dials} dials, at most {report.peak} at once, "
        f"{report.seconds:.0f} s: {'; '.join(report.faults) or 'every promise kept'}",
        flush=True,
    )
    return report


def _figure(reports: list[chaos.ChaosReport]) -> Figure:
    broken = [report.seed for report in reports if report.faults]
    kills, dials = sum(r.kills for r in reports), sum(r.dials for r in reports)
    remark = f"{len(reports)} seeds, {kills} kills, {dials} dials, at most {max(r.peak for r in reports)} calls at once"
    details = {"broken": broken, "faults": {r.seed: r.faults for r in reports if r.faults}, "cap": chaos.CAP}
    return Figure("chaos", len(broken), "seeds broke a promise", 0, is_floor=False, remark=remark, details=details)


if __name__ == "__main__":
    sys.exit(main())
