"""Passwords are checked one at a time; a few wait; the others are told at once to come again."""

from __future__ import annotations

import asyncio
import threading

import pytest

from autolynx.ui.serving.turnstile import MOST_WAITING, TooBusy, Turnstile

HANG_SECONDS = 10


def test_it_lets_a_few_wait_and_sends_the_others_away() -> None:
    async def crowd() -> list[object]:
        turnstile, door, inside = Turnstile(), threading.Event(), []

        def check() -> str:
            inside.append(threading.current_thread().name)
            door.wait(30)
            return "checked"

        waiting = [asyncio.create_task(turnstile.run(check)) for _ in range(MOST_WAITING + 1)]
        await asyncio.sleep(0)
        try:
            for _ in range(30):
                with pytest.raises(TooBusy):
                    await asyncio.wait_for(turnstile.run(check), HANG_SECONDS)
        finally:
            door.set()
        answers = await asyncio.gather(*waiting)
        assert len(set(inside)) == 1  # one thread, so one after the other
        return [*answers, await turnstile.run(lambda: "again")]

    assert asyncio.run(crowd()) == ["checked"] * (MOST_WAITING + 1) + ["again"]


def test_it_keeps_the_place_of_one_who_left_until_the_work_is_done() -> None:
    async def leave() -> None:
        turnstile, begun, door = Turnstile(most_waiting=0), threading.Event(), threading.Event()
        gone = asyncio.create_task(turnstile.run(lambda: begun.set() or door.wait(30)))
        while not begun.is_set():  # what has not begun gives its place back at once
            await asyncio.sleep(0.001)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        try:
            with pytest.raises(TooBusy):
                await asyncio.wait_for(turnstile.run(lambda: None), HANG_SECONDS)
        finally:
            door.set()
        while turnstile._inside:
            await asyncio.sleep(0.001)
        assert await turnstile.run(lambda: "free") == "free"

    asyncio.run(leave())
