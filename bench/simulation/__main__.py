"""`python -m bench.simulation --seeds 1000`: so many stories; each that breaks a promise is shrunk and told.

Exit code 1 when one did. `--story SEED` tells one of them, as short as it can be; `--defects` puts known defects back.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from bench.figures import Figure, keep
from bench.simulation.database import Ground
from bench.simulation.defects import DEFECTS, first_found
from bench.simulation.plan import SCENES
from bench.simulation.server import StoryServer, story_server
from bench.simulation.shrink import shrunk, told_in_words
from bench.simulation.story import CONTACTS, Ending, Told, tell

TWICE = 50  # one seed in so many is run twice and compared
CHUNK = 10

_ground: list[Any] = []


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--workers", type=int, default=1, help="processes, a database each")
    parser.add_argument("--contacts", type=int, default=CONTACTS, help="in all campaigns together")
    parser.add_argument("--story", type=int, help="tell this seed only, shrunk")
    parser.add_argument("--whole", action="store_true", help="with --story: do not shrink it")
    parser.add_argument("--allow", nargs="*", help="with --story: only these faults, as a story names them")
    parser.add_argument("--rate", nargs="*", default=[], help="another rate of a kind of fault: dial-late=0.2")
    parser.add_argument("--scene", choices=SCENES, default="", help="a story that is not drawn")
    parser.add_argument(
        "--defects", nargs="*", help="put known defects back, or those named by number, one after the other"
    )
    options = parser.parse_args()
    rates = tuple((kind, float(rate)) for kind, rate in (given.split("=") for given in options.rate))
    with story_server() as server:
        if options.story is not None:
            return _one(server, options, rates)
        if options.defects is not None:
            return _defects(server, options)
        return _many(server, options, rates)


def _one(server: StoryServer, options: argparse.Namespace, rates: tuple[tuple[str, float], ...]) -> int:
    with server.ground() as ground:
        allowed = None if options.allow is None else frozenset(options.allow)
        ending = tell(ground, Told(options.story, allowed, options.contacts, rates=rates, scene=options.scene))
        if ending.broken and not options.whole:
            ending = shrunk(ground, ending)
        print(told_in_words(ending, is_whole=options.whole))
    return 1 if ending.broken else 0


def _defects(server: StoryServer, options: argparse.Namespace) -> int:
    """At which seed each defect is found, up to `--seeds`."""
    seeds = range(options.first, options.first + options.seeds)
    chosen = [d for d in DEFECTS if not options.defects or d.name.split()[0] in options.defects]
    unfound = 0
    with server.ground() as ground:
        for defect in chosen:
            began = time.monotonic()
            found = first_found(ground, defect, seeds)
            unfound += found is None
            text = f"seed {found.told.seed}: {found.broken[0][:140]}" if found else f"not in {len(seeds)} seeds"
            print(f"{defect.name} ({defect.what}): {text} ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if unfound else 0


def _many(server: StoryServer, options: argparse.Namespace, rates: tuple[tuple[str, float], ...]) -> int:
    began = time.monotonic()
    seeds = range(options.first, options.first + options.seeds)
    chunks = [list(seeds[at : at + CHUNK]) for at in range(0, len(seeds), CHUNK)]
    broken: dict[int, list[str]] = {}
    totals: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    with ProcessPoolExecutor(options.workers, initializer=_open, initargs=(server,)) as pool:
        for found in pool.map(_chunk, [(chunk, options.contacts, rates) for chunk in chunks]):
            for seed, text, figures, fired in found:
                totals.update(figures)
                kinds.update(fired)
                if text:
                    broken[seed] = text[1]
                    print(text[0], flush=True)
            rate = totals["stories"] / (time.monotonic() - began)
            print(f"{totals['stories']} seeds, {len(broken)} broke a promise, {rate:.2f} a second", flush=True)
    seconds = time.monotonic() - began
    remark = ", ".join(f"{value:,} {name}" for name, value in totals.items())
    figure = Figure(
        "simulation",
        len(broken),
        "seeds broke a promise",
        0,
        is_floor=False,
        remark=f"{remark}; {len(seeds) / seconds:.2f} seeds a second",
        details={"first": options.first, "broken": broken, "faults": dict(kinds.most_common())},
    )
    print(figure.line(), flush=True)
    keep("simulation", [figure], seconds)
    return 1 if broken else 0


def _open(server: StoryServer) -> None:
    """Once in each worker: a database of its own."""
    context = server.ground()
    _ground[:] = [context.__enter__(), context]


def _chunk(asked: tuple[list[int], int, tuple[tuple[str, float], ...]]) -> list[tuple[int, Any, dict[str, int], Any]]:
    seeds, contacts, rates = asked
    return [_seed(_ground[0], Told(seed, contacts=contacts, rates=rates)) for seed in seeds]


def _seed(ground: Ground, told: Told) -> tuple[int, Any, dict[str, int], Any]:
    ending = tell(ground, told)
    if told.seed % TWICE == 0 and tell(ground, told).hash != ending.hash:
        ending.broken.append("determinism: the same seed told another story")
    figures = {
        "stories": 1,
        "calls": ending.calls,
        "faults": len(ending.fired),
        "SQL calls": ending.sql_calls,
        "virtual seconds": int(ending.virtual_seconds),
    }
    text = (_report(ground, ending), ending.broken) if ending.broken else None
    return told.seed, text, figures, ending.kinds


def _report(ground: Ground, ending: Ending) -> str:
    try:
        return told_in_words(shrunk(ground, ending))
    except Exception as error:
        return f"{told_in_words(ending)}\n(not shrunk: {error!r})"


if __name__ == "__main__":
    sys.exit(main())
