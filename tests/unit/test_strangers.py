"""The pace of those who show no session."""

from __future__ import annotations

import asyncio

import pytest

from autolynx.ui.serving import strangers
from autolynx.ui.serving.strangers import SOURCE_BURST, SOURCE_RATE, Pace, Strangers, TooCrowded


def test_it_lets_so_many_in_at_once_and_then_so_many_a_second() -> None:
    pace = Pace(10.0, 3)
    assert [round(pace.turn(100.0), 3) for _ in range(6)] == [0, 0, 0, 0.1, 0.2, 0.3]
    assert round(pace.turn(100.6), 3) == 0.0
    assert [round(pace.turn(200.0), 3) for _ in range(4)] == [0, 0, 0, 0.1]


def test_it_makes_a_source_wait_for_itself_alone() -> None:
    async def crowd() -> list[float]:
        door, loop, times = Strangers(), asyncio.get_running_loop(), []

        async def stranger(source: str) -> None:
            began = loop.time()
            await door.take_turn(source)
            times.append(loop.time() - began)

        many = [asyncio.create_task(stranger("192.0.2.1")) for _ in range(SOURCE_BURST + 10)]
        await asyncio.sleep(0)
        await stranger("198.51.100.7")
        others = len([one for one in many if not one.done()])
        await asyncio.gather(*many)
        return [others, sum(times)]

    still_waiting, waited = asyncio.run(crowd())
    assert still_waiting == 10
    assert waited >= sum(n / SOURCE_RATE for n in range(1, 11)) * 0.9


def test_it_turns_away_late_who_would_wait_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "LONGEST_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(strangers, "TURNED_AWAY_AFTER_SECONDS", 0.2)

    async def crowd() -> list[object]:
        door, loop = Strangers(), asyncio.get_running_loop()
        began = loop.time()
        ends = await asyncio.gather(
            *(door.take_turn("192.0.2.1") for _ in range(SOURCE_BURST + 10)), return_exceptions=True
        )
        return [loop.time() - began, *ends]

    seconds, *ends = asyncio.run(crowd())
    assert 0 < sum(isinstance(end, TooCrowded) for end in ends) < 10  # the first of them only waited
    assert seconds >= 0.2


def test_it_keeps_no_more_of_a_source_than_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "_MOST_SOURCES", 10)
    door = Strangers()
    busy = door.pace("192.0.2.1", 0.0)
    for _ in range(SOURCE_BURST):
        busy.turn(0.0)
    for number in range(50):
        door.pace(f"198.51.100.{number}", 1.0).turn(0.0)
    assert door.pace("192.0.2.1", 1.0) is busy
    assert len(door._sources) <= 11
