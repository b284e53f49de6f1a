"""The simulator's own books: requests, real times and peaks, for tests to hold a client against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import MAIN_LINE, SimulatorProcess, running

NUMBER = "+14155551001"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    return process


def of_campaign(campaign_id: str) -> dict[str, Any]:
    return {"metadata": {"autolynx_campaign_id": campaign_id}}


def test_it_notes_every_request_for_a_call_when_it_arrives(simulator: SimulatorProcess) -> None:
    assistant = simulator.assistant()
    before = datetime.now(UTC)
    simulator.dial(assistant, NUMBER)
    simulator.dial(assistant, "4155551001")
    httpx.post(f"{simulator.url}/call", json={"customer": {"number": NUMBER}})
    simulator.api.post("/call", content=b"{")
    simulator.turn(outage=True)
    simulator.dial(assistant, NUMBER)
    simulator.turn(outage=False, rate_lost_answer=1)
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.dial(assistant, NUMBER)
    books = simulator.books()
    assert [post[1:] for post in books["posts"]] == [
        [NUMBER, 201],
        ["4155551001", 400],
        [NUMBER, 401],
        ["", 400],
        [NUMBER, 503],
        [NUMBER, "lost"],
    ]
    assert books["requests_by_number"] == {NUMBER: 4, "4155551001": 1}
    times = [datetime.fromisoformat(post[0]) for post in books["posts"]]
    assert times == sorted(times)
    assert abs((times[0] - before).total_seconds()) < 5
    assert {len(post[0]) for post in books["posts"]} == {len("2026-03-26T15:43:16.000Z")}


def test_it_notes_an_answer_as_late_when_the_client_left_before_it(simulator: SimulatorProcess) -> None:
    assistant = simulator.assistant()
    simulator.turn(late_answer_rate=1, late_answer_seconds=0.5)
    body = {"assistantId": assistant, "phoneNumberId": MAIN_LINE, "customer": {"number": NUMBER}}
    with pytest.raises(httpx.ReadTimeout):
        simulator.api.post("/call", json=body, timeout=0.1)
    assert simulator.books()["posts"][0][2] == "late"
    eventually(lambda: simulator.books()["requests"].get("POST /call"))
    assert simulator.books()["posts"][0][2] == "late"
    assert simulator.dial(assistant, NUMBER).status_code == 201
    assert [post[2] for post in simulator.books()["posts"]] == ["late", 201]


def test_it_tells_real_times_when_its_clock_is_wrong(simulator: SimulatorProcess) -> None:
    simulator.turn(clock_skew_seconds=-5000)
    simulator.dial(simulator.assistant(), NUMBER)
    books = simulator.books()
    entry = books["calls"][0]
    assert entry["requested_at"] == books["posts"][0][0] <= entry["created_at_real"]
    assert abs((datetime.fromisoformat(entry["requested_at"]) - datetime.now(UTC)).total_seconds()) < 5


def test_it_counts_a_batch_under_each_number_when_one_is_posted(simulator: SimulatorProcess) -> None:
    people = [{"number": "+14155551001"}, {"number": "+14155551002"}]
    simulator.dial(simulator.assistant(), customer=None, customers=people)
    books = simulator.books()
    assert books["requests_by_number"] == {"+14155551001": 1, "+14155551002": 1}
    assert [post[1:] for post in books["posts"]] == [["+14155551001", 201]]


def test_it_leaves_parts_out_when_asked_to(simulator: SimulatorProcess) -> None:
    books = simulator.api.get("/_simulator/books", params={"calls": "false", "posts": "false"}).json()
    assert {"calls", "posts"} & set(books) == set()


def test_it_notes_the_peak_of_each_campaign_when_several_run(simulator: SimulatorProcess) -> None:
    simulator.turn(call_seconds=[4000, 4000])
    assistant = simulator.assistant()
    first = simulator.dial(assistant, assistantOverrides=of_campaign("a")).json()
    httpx.post(first["monitor"]["controlUrl"], json={"type": "end-call"})
    for campaign in ("a", "b", "b", "b"):
        simulator.dial(assistant, assistantOverrides=of_campaign(campaign))
    simulator.dial(assistant)
    books = simulator.books()
    assert (books["peak_by_campaign"], books["peak_concurrency"]) == ({"a": 1, "b": 3}, 5)


def test_it_keeps_requests_and_peaks_when_it_was_killed(tmp_path: Path) -> None:
    simulator = SimulatorProcess(tmp_path)
    simulator.start()
    simulator.turn(call_seconds=[4000, 4000])
    simulator.dial(simulator.assistant(), assistantOverrides=of_campaign("a"))
    before = simulator.books()
    simulator.kill()
    simulator.start()
    try:
        after = simulator.books()
        for part in ("posts", "requests_by_number", "peak_by_campaign"):
            assert after[part] == before[part] != {}
        assert after["calls"][0]["requested_at"] == before["calls"][0]["requested_at"]
        for _ in range(2):
            simulator.dial(simulator.assistant(), assistantOverrides=of_campaign("a"))
        assert simulator.books()["peak_by_campaign"] == {"a": 3}
    finally:
        simulator.stop()
