"""What the simulator shows of its calls: lists that lag or leave one out, calls that are not found, and echoes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import SimulatorProcess, listening, running

NUMBERS = [f"+1415555{last:04d}" for last in range(1000, 1020)]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    process.turn(concurrency_limit=100)
    return process


def listed(simulator: SimulatorProcess) -> set[str]:
    return {call["customer"]["number"] for call in simulator.api.get("/call").json()}


def found(simulator: SimulatorProcess, ids: dict[str, str]) -> set[str]:
    return {number for number, call in ids.items() if simulator.api.get(f"/call/{call}").status_code == 200}


def dialed(simulator: SimulatorProcess) -> dict[str, str]:
    assistant = simulator.assistant()
    return {number: simulator.dial(assistant, number).json()["id"] for number in NUMBERS}


def test_it_lists_a_call_some_time_after_its_creation_when_lists_lag(simulator: SimulatorProcess) -> None:
    simulator.turn(list_lag_seconds=1)
    began = time.monotonic()
    call = simulator.dial(simulator.assistant()).json()["id"]
    assert listed(simulator) == set()
    assert simulator.api.get("/call", params={"id": call}).json() == []
    assert simulator.api.get(f"/call/{call}").status_code == 200
    eventually(lambda: listed(simulator))
    assert time.monotonic() - began >= 1


def test_it_leaves_calls_out_of_one_list_when_lists_forget(simulator: SimulatorProcess) -> None:
    ids = dialed(simulator)
    simulator.turn(list_forget_rate=0.5)
    lists = [listed(simulator) for _ in range(20)]
    assert all(0 < len(one) < len(NUMBERS) for one in lists)
    assert len({frozenset(one) for one in lists}) > 10
    assert set().union(*lists) == set(NUMBERS)
    assert found(simulator, ids) == set(NUMBERS)


def test_it_does_not_find_young_calls_when_it_forgets(simulator: SimulatorProcess) -> None:
    simulator.turn(rate_forget=0.5, forget_seconds=3600)
    ids = dialed(simulator)
    some = found(simulator, ids)
    assert 0 < len(some) < len(NUMBERS)
    assert found(simulator, ids) == some
    missing = simulator.api.get(f"/call/{ids[min(set(NUMBERS) - some)]}")
    assert (missing.status_code, missing.json()["error"]) == (404, "Not Found")
    assert listed(simulator) == set(NUMBERS)
    simulator.turn(rate_forget=1, forget_seconds=1)
    eventually(lambda: found(simulator, ids) == set(NUMBERS))


def test_it_finds_no_call_when_told_to(simulator: SimulatorProcess) -> None:
    ids = dialed(simulator)
    simulator.turn(call_404=True)
    assert found(simulator, ids) == set()
    assert listed(simulator) == set(NUMBERS)
    simulator.turn(call_404=False)
    assert found(simulator, ids) == set(NUMBERS)


def test_it_forgets_the_same_calls_when_the_seed_is_the_same(tmp_path: Path) -> None:
    def seen(home: Path, seed: int) -> list[set[str]]:
        with running(home, seed=seed) as simulator:
            simulator.turn(concurrency_limit=100, list_forget_rate=0.5, rate_forget=0.5, forget_seconds=3600)
            ids = dialed(simulator)
            return [listed(simulator), listed(simulator), found(simulator, ids)]

    first = seen(tmp_path / "one", 7)
    assert seen(tmp_path / "two", 7) == first
    assert seen(tmp_path / "three", 8) != first


def test_it_keeps_the_knobs_of_visibility_when_it_is_started_again(tmp_path: Path) -> None:
    knobs = {
        "list_lag_seconds": 2,
        "list_forget_rate": 0.1,
        "rate_forget": 0.2,
        "forget_seconds": 9,
        "call_404": True,
    }
    with running(tmp_path) as simulator:
        simulator.turn(**knobs)
    with running(tmp_path) as simulator:
        assert simulator.api.get("/_simulator/knobs").json().items() >= knobs.items()


@pytest.mark.parametrize("is_batch", [False, True])
def test_it_repeats_overrides_with_their_secrets_when_a_call_is_shown(
    simulator: SimulatorProcess, is_batch: bool
) -> None:
    simulator.turn(outcome_rates={"callback": 1})
    with listening() as listener:
        overrides = {
            "metadata": {"autolynx_call_id": "c1"},
            "variableValues": {"company": "Bell"},
            "server": {"url": listener.url, "headers": {"X-Vapi-Secret": "s3cret"}, "timeoutSeconds": 20},
        }
        fields = {"customer": None, "customers": [{"number": NUMBERS[0]}]} if is_batch else {}
        answer = simulator.dial(simulator.assistant(), assistantOverrides=overrides, **fields).json()
        created = answer["results"][0] if is_batch else answer
        eventually(lambda: len(listener.messages) == 4)
    read = simulator.api.get(f"/call/{created['id']}").json()
    (one,) = simulator.api.get("/call").json()
    for shown in (created, read, one, *(message["call"] for message in listener.messages)):
        assert shown["assistantOverrides"] == overrides
