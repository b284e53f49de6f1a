"""The provider's own clock, ahead of ours or behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import SimulatorProcess, listening, running

NUMBER = "+14155551001"
SKEWS = [3600, -7200.5]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    process.turn(outcome_by_number={NUMBER: "demo_booked"})
    return process


def ahead(answer: httpx.Response) -> float:
    """By how many seconds an answer's Date is ahead of our clock."""
    return (parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)).total_seconds()


def ahead_at(text: str, real: str | datetime) -> float:
    moment = datetime.fromisoformat(real) if isinstance(real, str) else real
    return (datetime.fromisoformat(text) - moment).total_seconds()


@pytest.mark.parametrize("skew", SKEWS)
def test_it_shows_every_time_by_its_own_clock_when_that_is_wrong(simulator: SimulatorProcess, skew: float) -> None:
    simulator.turn(clock_skew_seconds=skew)
    before = datetime.now(UTC)
    with listening() as listener:
        assistant = simulator.assistant(server={"url": listener.url})
        assert simulator.api.get(f"/assistant/{assistant}").json()["createdAt"] >= (
            before + timedelta(seconds=skew - 1)
        ).strftime("%Y-%m-%dT%H:%M:%S")
        created = simulator.dial(assistant, NUMBER).json()
        assert ahead_at(created["createdAt"], before) == pytest.approx(skew, abs=5)
        entry = simulator.reported(created["id"])
        eventually(lambda: len(listener.messages) == 4)
        report = listener.messages[-1]
    call = simulator.api.get(f"/call/{created['id']}").json()
    for name, real in (("createdAt", "created_at_real"), ("endedAt", "ended_at_real")):
        assert ahead_at(call[name], entry[real]) == pytest.approx(skew, abs=0.001)
    assert ahead_at(entry["dialed_at"], entry["dialed_at_real"]) == pytest.approx(skew, abs=0.001)
    assert [entry[name] for name in ("created_at", "started_at", "ended_at")] == [
        call[name] for name in ("createdAt", "startedAt", "endedAt")
    ]
    assert ahead_at(call["updatedAt"], before) == pytest.approx(skew, abs=5)
    assert report["endedAt"] == call["endedAt"]
    started_ms = datetime.fromisoformat(call["startedAt"]).timestamp() * 1000
    assert {report["artifact"]["messages"][0]["time"], call["messages"][0]["time"]} == {round(started_ms)}
    assert report["timestamp"] / 1000 - before.timestamp() == pytest.approx(skew, abs=5)
    assert ahead_at(report["artifact"]["presignedUrlsExpiresAt"], before) == pytest.approx(skew + 3600, abs=5)
    assert httpx.get(call["artifact"]["presignedMonoUrl"]).status_code == 200


def test_it_filters_lists_by_its_own_clock_when_that_is_wrong(simulator: SimulatorProcess) -> None:
    simulator.turn(clock_skew_seconds=-7200)
    created = simulator.dial(simulator.assistant(), NUMBER).json()
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert simulator.api.get("/call", params={"createdAtGe": hour_ago}).json() == []
    found = simulator.api.get("/call", params={"createdAtGe": created["createdAt"], "createdAtLt": hour_ago})
    assert [call["id"] for call in found.json()] == [created["id"]]


def test_it_leaves_the_past_alone_when_the_clock_is_turned(simulator: SimulatorProcess) -> None:
    before = simulator.dial(simulator.assistant(), NUMBER).json()
    simulator.turn(clock_skew_seconds=600)
    after = simulator.dial(simulator.assistant(), NUMBER).json()
    assert simulator.api.get(f"/call/{before['id']}").json()["createdAt"] == before["createdAt"]
    assert ahead_at(after["createdAt"], before["createdAt"]) == pytest.approx(600, abs=5)


@pytest.mark.parametrize("skew", [0, *SKEWS])
def test_it_tells_its_time_in_every_answer_when_it_is_asked_anything(simulator: SimulatorProcess, skew: float) -> None:
    simulator.turn(clock_skew_seconds=skew)
    answers = [simulator.api.get(path) for path in ("/call", "/call/none", "/nothing", "/_simulator/health")]
    answers += [httpx.get(f"{simulator.url}/call"), simulator.api.post("/call", content=b"{")]
    simulator.turn(outage=True)
    answers.append(simulator.api.get("/call"))
    assert [answer.status_code for answer in answers] == [200, 404, 404, 200, 401, 400, 503]
    for answer in answers:
        assert len(answer.headers.get_list("date")) == 1
        assert ahead(answer) == pytest.approx(skew, abs=5)


def test_it_leaves_the_date_out_when_told_to(simulator: SimulatorProcess) -> None:
    simulator.turn(clock_in_date=False)
    assert "date" not in simulator.api.get("/call").headers
    assert "date" not in simulator.api.get("/_simulator/health").headers


def test_it_dials_a_planned_call_by_its_own_clock_when_that_is_wrong(simulator: SimulatorProcess) -> None:
    simulator.turn(clock_skew_seconds=3600)
    plan = {"earliestAt": (datetime.now(UTC) + timedelta(hours=1, seconds=1)).isoformat()}
    call = simulator.dial(simulator.assistant(), NUMBER, schedulePlan=plan).json()
    assert call["status"] == "scheduled"
    assert simulator.reported(call["id"])["dialed_at_real"] is not None


def test_it_keeps_its_clock_when_it_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path) as simulator:
        simulator.turn(clock_skew_seconds=900, clock_in_date=True)
        created = simulator.dial(simulator.assistant(), NUMBER).json()
    with running(tmp_path) as simulator:
        assert ahead(simulator.api.get("/call")) == pytest.approx(900, abs=5)
        assert simulator.api.get(f"/call/{created['id']}").json()["createdAt"] == created["createdAt"]
