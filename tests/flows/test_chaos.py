"""The short version of chaos; `python -m bench chaos --seeds 50` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import chaos


@pytest.mark.parametrize("seed", [11, 23])
def test_it_keeps_its_promises_when_anything_is_killed(database_url: str, tmp_path: Path, seed: int) -> None:
    report = chaos.run(seed, database_url, tmp_path)

    assert report.kills >= 3
    assert report.faults == []
