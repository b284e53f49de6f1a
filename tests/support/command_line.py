"""The product's commands, as scripts run them."""

from __future__ import annotations

import subprocess
import sys

from rig.product import ROOT, Product, bare_environment


def run(product: Product, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m autolynx …` in the surroundings of a product."""
    return subprocess.run(
        [sys.executable, "-m", "autolynx", *arguments],
        cwd=ROOT,
        env=bare_environment() | product.values | environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def answer(product: Product, *arguments: str, given: str = "") -> str:
    """What it prints; it succeeds."""
    done = run(product, *arguments, given=given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refusal(product: Product, *arguments: str, code: int = 1, **environment: str) -> str:
    """The one line with which it refuses."""
    done = run(product, *arguments, **environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    return done.stderr.strip()
