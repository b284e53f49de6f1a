"""Which of the bodies that nobody has vouched for gives its place to the others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from autolynx.http import bodies
from autolynx.http.bodies import BodyTooLarge, PutAside, SenderGone, Unproven

MOST = 400_000


class Sender:
    """Sends a body piece by piece, as it is told."""

    def __init__(self, unproven: Unproven) -> None:
        self._pieces: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.reading = asyncio.create_task(unproven.read(self._pieces.get, MOST))

    async def send(self, size: int, *, is_last: bool = False) -> None:
        """Send so many bytes and wait until they were taken, or the reading is over."""
        self._pieces.put_nowait({"type": "http.request", "body": b"x" * size, "more_body": not is_last})
        while not self._pieces.empty() and not self.reading.done():
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    def leave(self) -> None:
        self._pieces.put_nowait({"type": "http.disconnect"})


async def ends(sender: Sender, error: type[Exception]) -> None:
    with pytest.raises(error):
        await sender.reading


def test_it_puts_the_largest_aside_though_another_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPROVEN_BYTES", 300_000)

    async def story() -> bytes:
        unproven = Unproven()
        large, small = Sender(unproven), Sender(unproven)
        await large.send(250_000)
        await small.send(100_000)
        await ends(large, PutAside)
        await small.send(1, is_last=True)
        return await small.reading

    assert len(asyncio.run(story())) == 100_001


def test_it_puts_one_aside_that_is_too_large_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPROVEN_BYTES", 300_000)

    async def story() -> None:
        sender = Sender(Unproven())
        await sender.send(200_000)
        await sender.send(150_000)
        await ends(sender, PutAside)

    asyncio.run(story())


def test_it_counts_no_bytes_of_what_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPROVEN_BYTES", 300_000)

    async def story() -> None:
        unproven = Unproven()
        for _ in range(5):
            whole, too_large, gone = (Sender(unproven) for _ in range(3))
            await whole.send(250_000, is_last=True)
            assert len(await whole.reading) == 250_000
            monkeypatch.setattr(bodies, "MOST_UNPROVEN_BYTES", MOST + 1)
            await too_large.send(MOST + 1)
            await ends(too_large, BodyTooLarge)
            monkeypatch.setattr(bodies, "MOST_UNPROVEN_BYTES", 300_000)
            await gone.send(250_000)
            gone.leave()
            await ends(gone, SenderGone)

    asyncio.run(story())


def test_it_puts_the_oldest_aside_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UNPROVEN", 2)

    async def story() -> bytes:
        unproven = Unproven()
        oldest, second = Sender(unproven), Sender(unproven)
        await oldest.send(1)
        await second.send(100)
        third = Sender(unproven)
        await third.send(1, is_last=True)
        await ends(oldest, PutAside)
        assert not second.reading.done()
        second.leave()
        await ends(second, SenderGone)
        return await third.reading

    assert asyncio.run(story()) == b"x"
