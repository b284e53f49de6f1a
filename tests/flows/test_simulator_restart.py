"""The simulator keeps its word over restarts and kills, and the same seed gives the same calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rig.waiting import eventually
from tests.support.simulator_fixtures import MAIN_LINE, SimulatorProcess, listening, running

NUMBERS = [f"+1415555{last:04d}" for last in range(1000, 1012)]
FATE = ("ended_reason", "simulated_seconds", "cost", "transcript", "summary", "success_evaluation")


def outcomes(simulator: SimulatorProcess, numbers: list[str]) -> dict[tuple[str, int], list[Any]]:
    assistant = simulator.assistant(voicemailDetection={"provider": "vapi"})
    simulator.turn(concurrency_limit=100)
    calls = [simulator.dial(assistant, number).json()["id"] for number in numbers]
    entries = [simulator.reported(call) for call in calls]
    return {(entry["number"], entry["nth"]): [entry[name] for name in FATE] for entry in entries}


def test_it_gives_each_number_the_same_calls_when_the_seed_is_the_same(tmp_path: Path) -> None:
    with running(tmp_path / "one", speed=2000) as simulator:
        forwards = outcomes(simulator, NUMBERS * 2)
    with running(tmp_path / "two", speed=2000) as simulator:
        backwards = outcomes(simulator, NUMBERS[::-1] * 2)
    with running(tmp_path / "three", speed=2000, seed=8) as simulator:
        others = outcomes(simulator, NUMBERS * 2)
    assert forwards == backwards
    assert forwards != others


def test_it_goes_on_with_calls_in_flight_when_it_was_killed(tmp_path: Path) -> None:
    with listening() as listener:
        simulator = SimulatorProcess(tmp_path, speed=100)
        simulator.start()
        simulator.turn(outcome_rates={"callback": 1})
        assistant = simulator.assistant(server={"url": listener.url})
        calls = [simulator.dial(assistant, number).json()["id"] for number in NUMBERS[:4]]
        eventually(lambda: "ringing" in listener.kinds())
        simulator.kill()
        simulator.start()
        try:
            assert [simulator.api.get(f"/assistant/{assistant}").status_code] == [200]
            reasons = {simulator.reported(call)["ended_reason"] for call in calls}
            assert reasons <= {"customer-ended-call", "assistant-ended-call"}
            eventually(lambda: listener.kinds().count("end-of-call-report") == 4)
            books = simulator.books()
            assert (books["active"], books["peak_concurrency"]) == (0, 4)
            assert books["dials_by_number"] == dict.fromkeys(NUMBERS[:4], 1)
            assert books["peak_by_line"] == {MAIN_LINE: 4}
        finally:
            simulator.stop()


def test_it_exits_cleanly_when_it_is_told_to_stop(tmp_path: Path) -> None:
    simulator = SimulatorProcess(tmp_path)
    simulator.start()
    simulator.dial(simulator.assistant())
    assert simulator.stop() == 0


def test_it_keeps_knobs_when_it_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path) as simulator:
        simulator.turn(concurrency_limit=3)
    with running(tmp_path) as simulator:
        assert simulator.api.get("/_simulator/knobs").json()["concurrency_limit"] == 3
        simulator.api.put("/_simulator/knobs", json={"rate_429": 0.5})
        assert simulator.api.get("/_simulator/knobs").json()["concurrency_limit"] == 10
