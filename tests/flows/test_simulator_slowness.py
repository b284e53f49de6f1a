"""The simulator when it is slow to answer, or does not answer at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import MAIN_LINE, SimulatorProcess, running

NUMBER = "+14155551001"
SLOW = 0.6


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    process.turn(call_seconds=[4000, 4000])
    return process


def is_slow(answer: httpx.Response) -> bool:
    return answer.elapsed.total_seconds() >= SLOW


def test_it_answers_everything_late_when_it_is_slow(simulator: SimulatorProcess) -> None:
    assistant = simulator.assistant()
    simulator.turn(answer_seconds=[SLOW, SLOW])
    call = simulator.dial(assistant)
    control = call.json()["monitor"]["controlUrl"]
    answers = [
        call,
        simulator.api.get("/call"),
        simulator.api.get(f"/call/{call.json()['id']}"),
        simulator.api.get("/phone-number"),
        httpx.get(f"{simulator.url}/call"),
        httpx.post(control, json={"type": "end-call"}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 401, 200]
    assert all(is_slow(answer) for answer in answers)
    assert not is_slow(simulator.api.get("/_simulator/books"))


@pytest.mark.parametrize(
    ("path", "slow"),
    [
        ("POST /call", [True, False, False, False, False]),
        ("GET /call", [False, True, False, False, False]),
        ("GET /call/{id}", [False, False, True, False, False]),
        ("POST control", [False, False, False, True, False]),
        ("other", [False, False, False, False, True]),
    ],
)
def test_it_answers_one_path_late_when_only_that_is_slow(
    simulator: SimulatorProcess, path: str, slow: list[bool]
) -> None:
    assistant = simulator.assistant()
    simulator.turn(answer_seconds=[SLOW, SLOW], slow_paths=[path])
    call = simulator.dial(assistant)
    answers = [
        call,
        simulator.api.get("/call"),
        simulator.api.get(f"/call/{call.json()['id']}"),
        httpx.post(call.json()["monitor"]["controlUrl"], json={"type": "end-call"}),
        simulator.api.get("/phone-number"),
    ]
    assert [is_slow(answer) for answer in answers] == slow


def test_it_does_its_work_and_serves_others_when_an_answer_is_late(simulator: SimulatorProcess) -> None:
    assistant = simulator.assistant()
    simulator.turn(answer_seconds=[30, 60], slow_paths=["POST /call"])
    body = {"assistantId": assistant, "phoneNumberId": MAIN_LINE, "customer": {"number": NUMBER}}
    with pytest.raises(httpx.ReadTimeout):
        simulator.api.post("/call", json=body, timeout=0.3)
    (call,) = simulator.api.get("/call").json()
    assert simulator.books()["posts"][0][1:] == [NUMBER, "late"]
    assert not is_slow(simulator.api.get(f"/call/{call['id']}"))


def test_it_takes_as_long_for_each_number_when_the_seed_is_the_same(tmp_path: Path) -> None:
    def order(home: Path, seed: int, numbers: list[str]) -> list[str]:
        """Ask for all at once; return the numbers as their answers come."""
        with running(home, seed=seed) as simulator:
            assistant = simulator.assistant()
            simulator.turn(answer_seconds=[0, 2], slow_paths=["POST /call"])
            answered: list[str] = []

            def dial(number: str) -> None:
                simulator.dial(assistant, number)
                answered.append(number)

            threads = [threading.Thread(target=dial, args=(number,)) for number in numbers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return answered

    numbers = [f"+1415555{last:04d}" for last in (0, 4, 6, 8)]  # drawn far apart
    first = order(tmp_path / "one", 7, numbers)
    assert order(tmp_path / "two", 7, numbers[::-1]) == first


def test_it_accepts_and_never_answers_when_the_outage_cuts(simulator: SimulatorProcess) -> None:
    call = simulator.dial(simulator.assistant()).json()
    simulator.turn(outage_cut=True)
    body = {"assistantId": call["assistantId"], "phoneNumberId": MAIN_LINE, "customer": {"number": NUMBER}}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"{simulator.url}/call", {}),
        ("POST", f"{simulator.url}/call", {"json": body}),
        ("POST", call["monitor"]["controlUrl"], {"json": {"type": "end-call"}}),
    ]
    for method, url, content in asked:
        began = time.monotonic()
        with pytest.raises(httpx.ReadTimeout):
            httpx.request(method, url, **content, timeout=0.3)
        assert time.monotonic() - began >= 0.3
    eventually(lambda: simulator.books()["requests"]["POST /call"].get("lost"))
    books = simulator.books()
    assert (books["calls_total"], books["active"]) == (1, 1)
    assert [post[2] for post in books["posts"]] == [201, "lost"]
    assert books["requests_by_number"] == {NUMBER: 2}
    simulator.turn(outage_cut=False)
    assert simulator.api.get("/call").status_code == 200


def test_it_stops_when_it_holds_requests(tmp_path: Path) -> None:
    simulator = SimulatorProcess(tmp_path)
    simulator.start()
    simulator.turn(outage_cut=True)
    with pytest.raises(httpx.ReadTimeout):
        simulator.api.get("/call", timeout=0.2)
    assert simulator.stop() == 0


def test_it_keeps_the_knobs_of_slowness_when_it_is_started_again(tmp_path: Path) -> None:
    knobs = {"answer_seconds": [1, 2], "slow_paths": ["GET /call", "other"], "outage_cut": True}
    with running(tmp_path) as simulator:
        simulator.turn(**knobs)
    with running(tmp_path) as simulator:
        assert simulator.api.get("/_simulator/knobs").json().items() >= knobs.items()
