"""The short version of chaos; `python -m bench.chaos --seeds 50` is the long one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import chaos
from bench.chaos.server import PrivateServer, private_server


@pytest.fixture
def own_server() -> Iterator[PrivateServer]:
    """One that may be restarted without harm to other tests."""
    with private_server() as server:
        yield server


@pytest.mark.parametrize("seed", [1, 21, 23])
def test_it_keeps_its_promises_whatever_meets(own_server: PrivateServer, tmp_path: Path, seed: int) -> None:
    report = chaos.run(seed, own_server, tmp_path)

    assert report.kills >= 2
    assert report.dials >= 10
    assert report.faults == [], report.line()
