"""A flood is one line a second, and nothing of it stays untold."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from autolynx.ui.serving import tally


def test_it_tells_what_happens_last_before_a_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "_SECONDS_BETWEEN", 0.05)

    async def flood() -> list[Any]:
        counted = tally.Tally("refused")
        with capture_logs() as lines:
            for source in ("a", "b", "b", "c"):
                counted.count(source, code="x")
            while len(lines) < 2:
                await asyncio.sleep(0.01)
        return list(lines)

    first, last = asyncio.run(asyncio.wait_for(flood(), 30))

    assert (first["count"], first["source"]) == (1, "a")
    assert (last["count"], last["sources"], last["source"], last["code"]) == (3, 2, "b", "x")
