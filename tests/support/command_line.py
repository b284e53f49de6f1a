"""The product's commands, as scripts run them."""

from __future__ import annotations

import subprocess

from rig import forking
from rig.product import Product, bare_environment


def run(product: Product, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m autolynx …` in the surroundings of a product."""
    return forking.run(("-m", "autolynx", *arguments), bare_environment() | product.values | environment, given)


def answer(product: Product, *arguments: str, given: str = "", **environment: str) -> str:
    """What it prints; it succeeds."""
    done = run(product, *arguments, given=given, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refusal(product: Product, *arguments: str, code: int = 1, **environment: str) -> str:
    """The one line with which it refuses."""
    done = run(product, *arguments, **environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    return done.stderr.strip()
