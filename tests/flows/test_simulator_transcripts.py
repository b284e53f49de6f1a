"""Transcripts of megabytes: as long wherever they are shown, and as the books have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import SimulatorProcess, listening, running

NUMBER = "+14155551001"
MEGABYTES = 0.5


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator"), speed=2000) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    process.turn(outcome_by_number={NUMBER: "demo_booked"}, transcript_megabytes=MEGABYTES)
    return process


def said(artifact: dict[str, Any]) -> int:
    return sum(len(item["message"]) for item in artifact["messages"])


def test_it_shows_the_same_long_transcript_everywhere_when_calls_are_long(
    simulator: SimulatorProcess,
) -> None:
    with listening() as listener:
        call = simulator.dial(simulator.assistant(server={"url": listener.url}), NUMBER).json()["id"]
        eventually(lambda: "end-of-call-report" in listener.kinds())
        report = listener.messages[-1]
    entry = simulator.reported(call)
    read = simulator.api.get(f"/call/{call}").json()
    (listed,) = simulator.api.get("/call").json()
    transcript = entry["transcript"]
    assert MEGABYTES * 1e6 < len(transcript) < MEGABYTES * 1.05e6
    assert re.match(r"AI: Hi Ana Bell!\n", transcript)
    for shown in (report, read, listed):
        assert shown["artifact"]["transcript"] == transcript
        assert MEGABYTES * 1e6 < said(shown["artifact"]) < MEGABYTES * 1.05e6
        assert shown["artifact"]["messages"] == read["artifact"]["messages"]
        assert len(str(shown["messages"])) < 50_000
        assert len(str(shown["artifact"]["messagesOpenAIFormatted"])) < 50_000
    assert report["transcript"] == transcript
    spoken = [item["message"] for item in read["artifact"]["messages"] if item["role"] != "system"]
    assert [line.partition(": ")[2] for line in transcript.splitlines()] == spoken
    assert {"role", "message", "time", "endTime", "secondsFromStart", "duration"} <= set(
        read["artifact"]["messages"][-1]
    )


def test_it_changes_nothing_else_when_calls_are_long(tmp_path: Path) -> None:
    def facts(home: Path, megabytes: float) -> list[Any]:
        with running(home, speed=2000) as simulator:
            simulator.turn(transcript_megabytes=megabytes, outcome_by_number={NUMBER: "silence"})
            entry = simulator.reported(simulator.dial(simulator.assistant(), NUMBER).json()["id"])
            names = ("ended_reason", "cost", "summary", "success_evaluation", "simulated_seconds")
            return [entry["transcript"].count("User:"), *(entry[name] for name in names)]

    assert facts(tmp_path / "one", 0.1) == facts(tmp_path / "two", 0)


def test_it_keeps_a_transcript_as_it_was_when_the_knob_is_turned(tmp_path: Path) -> None:
    with running(tmp_path, speed=2000) as simulator:
        simulator.turn(transcript_megabytes=MEGABYTES, outcome_rates={"callback": 1})
        call = simulator.dial(simulator.assistant()).json()["id"]
        transcript = simulator.reported(call)["transcript"]
        simulator.turn(transcript_megabytes=0)
        short = simulator.reported(simulator.dial(simulator.assistant()).json()["id"])["transcript"]
        assert len(short) < 50_000
        simulator.turn(transcript_megabytes=0.25)
    with running(tmp_path, speed=2000) as simulator:
        assert simulator.api.get("/_simulator/knobs").json()["transcript_megabytes"] == 0.25
        assert simulator.reported(call)["transcript"] == transcript
        assert simulator.api.get(f"/call/{call}").json()["artifact"]["transcript"] == transcript


def test_it_leaves_a_call_empty_when_nobody_answered(simulator: SimulatorProcess) -> None:
    simulator.turn(outcome_by_number={NUMBER: "no_answer"})
    call = simulator.dial(simulator.assistant(), NUMBER).json()["id"]
    assert simulator.reported(call)["transcript"] == ""
    assert simulator.api.get(f"/call/{call}").json()["artifact"]["messages"] == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_it_keeps_no_padding_when_many_calls_are_long(tmp_path: Path) -> None:
    with running(tmp_path, speed=2000, is_forked=False) as simulator, listening() as listener:
        simulator.turn(transcript_megabytes=2, concurrency_limit=100, outcome_rates={"callback": 1})
        assistant = simulator.assistant(server={"url": listener.url}, serverMessages=["end-of-call-report"])
        for last in range(50):
            simulator.dial(assistant, f"+1415555{last:04d}")
        eventually(lambda: len(listener.messages) == 50)
        books = simulator.books()
        assert min(len(call["transcript"]) for call in books["calls"]) > 2e6
        listed = simulator.api.get("/call").json()
        assert {call["id"]: call["artifact"]["transcript"] for call in listed} == {
            call["id"]: call["transcript"] for call in books["calls"]
        }
        status = Path(f"/proc/{simulator.process.pid}/status").read_text()
        kilobytes = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])
    assert kilobytes < 200_000
