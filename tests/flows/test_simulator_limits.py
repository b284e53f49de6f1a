"""The simulator when every line is taken, in each of the ways the real provider may behave then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import SimulatorProcess, listening, running

NUMBER = "+14155551001"
NO_LINE = "call.start.error-subscription-concurrency-limit-reached"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    return process


@pytest.mark.parametrize(
    ("over_limit", "status", "message"),
    [
        ("refuse_400", 400, "Over Concurrency Limit"),
        ("refuse_429", 429, "Rate limit exceeded"),
        ("refuse_429_concurrency", 429, "Over Concurrency Limit"),
    ],
)
def test_it_refuses_in_these_words_when_full(
    simulator: SimulatorProcess, over_limit: str, status: int, message: str
) -> None:
    simulator.turn(concurrency_limit=0, over_limit=over_limit, retry_after=3)
    refused = simulator.dial(simulator.assistant())
    assert (refused.status_code, refused.json()["message"]) == (status, message)
    assert refused.json()["statusCode"] == status
    assert refused.headers.get("retry-after") == ("3" if status == 429 else None)
    assert "subscriptionLimits" not in refused.json()


def test_it_tells_its_limits_in_a_refusal_when_told_to(simulator: SimulatorProcess) -> None:
    simulator.turn(concurrency_limit=2, inbound_calls=2, limits_in_refusal=True, limits_told=False)
    assert simulator.dial(simulator.assistant()).json() == {
        "message": "Over Concurrency Limit",
        "error": "Bad Request",
        "statusCode": 400,
        "subscriptionLimits": {
            "concurrencyBlocked": True,
            "concurrencyLimit": 2,
            "remainingConcurrentCalls": 0,
        },
    }


@pytest.mark.parametrize("over_limit", ["wait", "accept_blocked", "accept_then_end"])
def test_it_never_tells_its_limits_when_told_not_to(simulator: SimulatorProcess, over_limit: str) -> None:
    simulator.turn(concurrency_limit=1, over_limit=over_limit, limits_told=False, call_seconds=[4000, 4000])
    assistant = simulator.assistant()
    answers = [simulator.dial(assistant) for _ in range(2)]
    answers.append(simulator.dial(assistant, customer=None, customers=[{"number": NUMBER}]))
    for answer in answers:
        assert answer.status_code == 201
        assert "subscriptionLimits" not in answer.text
        assert "concurrencyBlocked" not in answer.text


def test_it_ends_an_accepted_call_a_moment_later_when_full(simulator: SimulatorProcess) -> None:
    simulator.turn(concurrency_limit=0, over_limit="accept_then_end")
    with listening() as listener:
        answer = simulator.dial(simulator.assistant(server={"url": listener.url}))
        assert (answer.status_code, answer.json()["status"]) == (201, "queued")
        assert answer.json()["subscriptionLimits"]["concurrencyBlocked"] is False
        entry = simulator.reported(answer.json()["id"])
        eventually(lambda: len(listener.messages) == 2)
        assert listener.kinds() == ["ended", "end-of-call-report"]
        assert {message["endedReason"] for message in listener.messages} == {NO_LINE}
    times = [datetime.fromisoformat(entry[name]) for name in ("created_at", "ended_at")]
    assert 0.3 / 200 - 0.001 <= (times[1] - times[0]).total_seconds() <= 2 / 200 + 0.001
    books = simulator.books()
    assert (books["peak_concurrency"], books["dials_by_number"]) == (0, {})


def test_it_counts_inbound_calls_against_the_limit_when_there_are_some(simulator: SimulatorProcess) -> None:
    simulator.turn(concurrency_limit=3, inbound_calls=2, call_seconds=[4000, 4000])
    assistant = simulator.assistant()
    taken = simulator.dial(assistant)
    assert taken.json()["subscriptionLimits"]["remainingConcurrentCalls"] == 0
    assert simulator.dial(assistant).json()["message"] == "Over Concurrency Limit"
    books = simulator.books()
    assert (books["inbound"], books["active"], books["peak_concurrency"], books["calls_total"]) == (
        2,
        1,
        1,
        1,
    )
    simulator.turn(inbound_calls=1)
    assert simulator.dial(assistant).status_code == 201


@pytest.mark.parametrize("freed_by", [{"inbound_calls": 0}, {"concurrency_limit": 3}])
def test_it_lets_a_waiting_call_in_when_a_knob_frees_its_line(
    simulator: SimulatorProcess, freed_by: dict[str, int]
) -> None:
    simulator.turn(concurrency_limit=2, inbound_calls=2, over_limit="wait")
    call = simulator.dial(simulator.assistant()).json()["id"]
    assert simulator.books()["active"] == 0
    simulator.turn(**freed_by)
    assert simulator.reported(call)["dialed_at"] is not None


def test_it_keeps_inbound_calls_when_it_is_started_again(tmp_path: Path) -> None:
    knobs = {
        "inbound_calls": 4,
        "over_limit": "accept_then_end",
        "limits_told": False,
        "limits_in_refusal": True,
    }
    with running(tmp_path) as simulator:
        simulator.turn(**knobs)
    with running(tmp_path) as simulator:
        assert simulator.api.get("/_simulator/knobs").json().items() >= knobs.items()
        assert simulator.books()["inbound"] == 4
