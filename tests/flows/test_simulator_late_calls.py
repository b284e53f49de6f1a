"""Calls that the simulator creates long after they were asked for, and numbers it will not take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import MAIN_LINE, SimulatorProcess, listening, running

NUMBER = "+14155551001"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    return process


def late(simulator: SimulatorProcess, seconds: float, **knobs: Any) -> None:
    simulator.turn(rate_late_creation=1, late_creation_seconds=[seconds, seconds], **knobs)


def dial_and_leave(simulator: SimulatorProcess, assistant: str, **fields: Any) -> None:
    """Ask for a call as a client that dies before the answer."""
    body = {"assistantId": assistant, "phoneNumberId": MAIN_LINE, "customer": {"number": NUMBER}, **fields}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{simulator.url}/call", json=body, headers={"Authorization": "Bearer any"}, timeout=0.2)


def seconds_until_created(entry: dict[str, Any]) -> float:
    moments = [datetime.fromisoformat(entry[name]) for name in ("requested_at", "created_at")]
    return (moments[1] - moments[0]).total_seconds()


def test_it_answers_after_the_creation_when_that_is_late(simulator: SimulatorProcess) -> None:
    late(simulator, 0.6)
    began = time.monotonic()
    created = simulator.dial(simulator.assistant())
    assert (created.status_code, created.json()["status"]) == (201, "queued")
    assert time.monotonic() - began >= 0.6
    books = simulator.books()
    assert books["calls"][0]["created_at"] == created.json()["createdAt"]
    assert 0.6 <= seconds_until_created(books["calls"][0]) < 5
    assert [post[1:] for post in books["posts"]] == [[NUMBER, 201]]


def test_it_creates_a_call_when_the_client_did_not_wait_for_it(simulator: SimulatorProcess) -> None:
    late(simulator, 0.6)
    dial_and_leave(simulator, simulator.assistant())
    books = simulator.books()
    assert (books["calls"], books["calls_to_come"], books["posts"][0][2]) == ([], 1, "late")
    eventually(lambda: simulator.books()["calls"])
    books = simulator.books()
    assert (len(books["calls"]), books["calls_to_come"], books["posts"][0][2]) == (1, 0, "late")
    assert seconds_until_created(books["calls"][0]) >= 0.6


@pytest.mark.parametrize("answer", ["5xx", "cut"])
def test_it_creates_a_call_later_when_it_failed_at_once(simulator: SimulatorProcess, answer: str) -> None:
    late(simulator, 0.5, late_creation_answer=answer)
    assistant = simulator.assistant()
    if answer == "cut":
        with pytest.raises(httpx.RemoteProtocolError):
            simulator.dial(assistant)
    else:
        assert simulator.dial(assistant).status_code in (500, 502, 503, 504)
    assert simulator.books()["calls"] == []
    eventually(lambda: simulator.books()["calls"])
    books = simulator.books()
    assert seconds_until_created(books["calls"][0]) >= 0.5
    assert books["posts"][0][2] in ("lost", 500, 502, 503, 504)


def test_it_creates_a_late_call_once_when_it_was_killed_before(tmp_path: Path) -> None:
    simulator = SimulatorProcess(tmp_path)
    simulator.start()
    late(simulator, 1.5)
    dial_and_leave(simulator, simulator.assistant())
    simulator.kill()
    for _ in range(2):
        simulator.start()
        eventually(lambda: simulator.books()["calls"])
        entry = simulator.reported(simulator.books()["calls"][0]["id"])
        assert seconds_until_created(entry) >= 1.5
        assert (simulator.books()["calls_total"], simulator.books()["calls_to_come"]) == (1, 0)
        simulator.stop()


def test_it_refuses_late_when_lines_are_taken_by_then(simulator: SimulatorProcess) -> None:
    late(simulator, 0.3, concurrency_limit=0)
    refused = simulator.dial(simulator.assistant())
    assert (refused.status_code, refused.json()["message"]) == (400, "Over Concurrency Limit")
    assert simulator.books()["calls_to_come"] == 0


def test_it_refuses_a_wrong_body_at_once_when_creation_is_late(simulator: SimulatorProcess) -> None:
    late(simulator, 3600)
    assert simulator.dial(simulator.assistant(), customer={"number": "1"}).status_code == 400
    assert simulator.books()["calls_to_come"] == 0


def test_it_forgets_calls_to_come_when_it_is_reset(simulator: SimulatorProcess) -> None:
    late(simulator, 0.3)
    dial_and_leave(simulator, simulator.assistant())
    simulator.api.post("/_simulator/reset", json={})
    time.sleep(0.4)
    assert (simulator.books()["calls"], simulator.books()["calls_to_come"]) == ([], 0)


def test_it_sends_the_early_message_after_the_creation_when_that_is_late(
    simulator: SimulatorProcess,
) -> None:
    late(simulator, 0.4, early_webhook_rate=1, call_seconds=[4000, 4000])
    simulator.turn(outcome_by_number={NUMBER: "no_answer"})
    with listening() as listener:
        began = time.time()
        simulator.dial(simulator.assistant(server={"url": listener.url}))
        assert listener.kinds() == ["ringing"]
        assert listener.messages[0]["timestamp"] / 1000 >= began + 0.39


def test_it_is_late_for_the_same_requests_when_the_seed_is_the_same(tmp_path: Path) -> None:
    def answers(home: Path, seed: int) -> list[int]:
        with running(home, seed=seed) as simulator:
            simulator.turn(
                rate_late_creation=0.5,
                late_creation_answer="5xx",
                late_creation_seconds=[60, 60],
                concurrency_limit=100,
            )
            assistant = simulator.assistant()
            return [simulator.dial(assistant, f"+1415555{last:04d}").status_code for last in range(20)]

    first = answers(tmp_path / "one", 7)
    assert 201 in first
    assert max(first) >= 500
    assert answers(tmp_path / "two", 7) == first
    assert answers(tmp_path / "three", 8) != first


def test_it_keeps_the_knobs_of_creation_when_it_is_started_again(tmp_path: Path) -> None:
    knobs = {
        "rate_late_creation": 0.25,
        "late_creation_seconds": [1, 2],
        "late_creation_answer": "cut",
        "odd_numbers": {NUMBER: "no"},
    }
    with running(tmp_path) as simulator:
        simulator.turn(**knobs)
    with running(tmp_path) as simulator:
        assert simulator.api.get("/_simulator/knobs").json().items() >= knobs.items()


@pytest.mark.parametrize("complaint", ["customer.number is odd", ["customer.number is odd", "so is the name"]])
def test_it_complains_about_a_number_when_a_knob_says_so(
    simulator: SimulatorProcess, complaint: str | list[str]
) -> None:
    simulator.turn(odd_numbers={NUMBER: complaint})
    assistant = simulator.assistant()
    refused = simulator.dial(assistant)
    assert refused.status_code == 400
    assert refused.json() == {"message": complaint, "error": "Bad Request", "statusCode": 400}
    assert simulator.dial(assistant, "+14155551002").status_code == 201
    people = [{"number": NUMBER}, {"number": "+14155551003"}]
    batch = simulator.dial(assistant, customer=None, customers=people).json()
    assert [error["customer"] for error in batch["errors"]] == people[:1]
    assert batch["errors"][0]["error"].startswith("customer.number is odd")
    assert [call["customer"] for call in batch["results"]] == people[1:]
