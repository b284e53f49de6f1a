"""`python -m tests.mutants [name ...]`: apply each change to a copy of the tree, run the tests that should notice.

Exit code 1 when one survives, or when the text it changes is not found exactly once. It is no part of `make test`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.table import MUTANTS

LONGEST_SECONDS = 300  # a mutant that hangs its tests is noticed, too


def main() -> int:
    """Run the named mutants, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="parts of names; all without")
    parser.add_argument("--jobs", type=int, default=2, help="mutants side by side")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.names or any(part in m.name for part in options.names)]
    began = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        survivors = [mutant.name for mutant, survived in pool.map(_run, chosen) if survived]
    seconds = time.monotonic() - began
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants noticed, in {seconds:.0f} s", flush=True)
    for name in survivors:
        print(f"SURVIVED: {name}")
    return 1 if survivors or not chosen else 0


def _run(mutant: Mutant) -> tuple[Mutant, bool]:
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="autolynx-mutant-"))
    folder.chmod(0o755)
    try:
        _copy(folder)
        mutant.apply(folder)
        noticed, by = _noticed(folder, mutant)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    word = "noticed" if noticed else "SURVIVED"
    print(f"{word:8} {time.monotonic() - began:5.1f} s  {mutant.name}: {by}", flush=True)
    return mutant, not noticed


def _copy(folder: Path) -> None:
    """What git knows of the tree, as it is now; the virtual environment is shared."""
    names = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True).splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))


def _noticed(folder: Path, mutant: Mutant) -> tuple[bool, str]:
    """Whether a test failed, and which; a mutant that cannot even be migrated or imported is no test's merit."""
    arguments = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--no-header", *mutant.tests]
    environment = os.environ | {"AUTOLYNX_TEST_WITHOUT_PG15": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("AUTOLYNX_TEST_RUN", None)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True, "the tests hung"
    lines = done.stdout.splitlines()
    failed = [line.split(" - ")[0].removeprefix("FAILED ") for line in lines if line.startswith("FAILED ")]
    broken = [line for line in lines if line.startswith("ERROR ") or "MigrationFailed" in line]
    if broken or (done.returncode and not failed):
        return False, f"it does not run: {(broken or lines or [done.stderr])[-1][:200]}"
    return bool(failed), failed[0] if failed else f"passed {' '.join(mutant.tests)}"


if __name__ == "__main__":
    sys.exit(main())
