"""Server messages that the simulator posts: their order, their content, and what knobs do to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import Listener, SimulatorProcess, listening, running

NUMBER = "+14155551001"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    process.turn(outcome_by_number={NUMBER: "demo_booked"})
    return process


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def dial(simulator: SimulatorProcess, listener: Listener, **server: Any) -> dict[str, Any]:
    overrides = {
        "metadata": {"attempt": "a1"},
        "serverMessages": ["status-update", "end-of-call-report"],
        "server": {"url": listener.url, "headers": {"X-Vapi-Secret": "s3"}, **server},
    }
    answer = simulator.dial(simulator.assistant(), NUMBER, assistantOverrides=overrides)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_it_sends_the_usual_sequence_when_a_call_is_answered(simulator: SimulatorProcess, listener: Listener) -> None:
    call = dial(simulator, listener)
    eventually(lambda: len(listener.messages) == 4)
    assert listener.kinds() == ["ringing", "in-progress", "ended", "end-of-call-report"]
    assert {headers["X-Vapi-Secret"] for headers in listener.headers} == {"s3"}
    for message in listener.messages:
        assert message["call"]["id"] == call["id"]
        assert message["call"]["status"] == "queued"
        assert message["call"]["updatedAt"] == message["call"]["createdAt"]
        assert message["call"]["assistantOverrides"]["metadata"] == {"attempt": "a1"}


def test_it_reports_everything_the_fact_sheet_lists_when_a_call_is_over(
    simulator: SimulatorProcess, listener: Listener
) -> None:
    dial(simulator, listener)
    eventually(lambda: len(listener.messages) == 4)
    report = listener.messages[-1]
    assert set(report) == {
        *("timestamp", "type", "endedReason", "artifact", "analysis", "cost", "costs", "costBreakdown"),
        *("startedAt", "endedAt", "durationMs", "durationSeconds", "durationMinutes"),
        *("summary", "transcript", "messages", "recordingUrl", "stereoRecordingUrl"),
        *("call", "phoneNumber", "customer", "assistant"),
    }
    assert report["analysis"]["successEvaluation"] == "true"
    assert {item["role"] for item in report["artifact"]["messages"]} == {"system", "bot", "user"}
    assert report["artifact"]["presignedMonoUrl"].startswith(simulator.url)


def test_it_reports_an_empty_call_when_nobody_answers(simulator: SimulatorProcess, listener: Listener) -> None:
    simulator.turn(outcome_by_number={NUMBER: "no_answer"})
    dial(simulator, listener)
    eventually(lambda: len(listener.messages) == 3)
    assert listener.kinds() == ["ringing", "ended", "end-of-call-report"]
    assert listener.messages[-1]["analysis"] == {}
    assert (listener.messages[-1]["cost"], "startedAt" in listener.messages[-1]) == (0, False)


def test_it_sends_a_message_again_when_the_plan_asks_for_it(simulator: SimulatorProcess, listener: Listener) -> None:
    listener.statuses = [500, 503]
    plan = {"type": "fixed", "maxRetries": 3, "baseDelaySeconds": 0, "excludedStatusCodes": [400]}
    dial(simulator, listener, backoffPlan=plan)
    eventually(lambda: simulator.books()["webhooks"]["delivered"] == 4)
    assert simulator.books()["webhooks"]["retried"] == 2
    assert len(listener.messages) == 6


def test_it_gives_up_at_once_when_there_is_no_plan(simulator: SimulatorProcess, listener: Listener) -> None:
    listener.statuses = [500] * 4
    dial(simulator, listener)
    eventually(lambda: simulator.books()["webhooks"]["failed"] == 4)
    assert len(listener.messages) == 4


def test_it_stops_trying_when_the_plan_excludes_the_answer(simulator: SimulatorProcess, listener: Listener) -> None:
    listener.statuses = [400] * 4
    plan = {"type": "fixed", "maxRetries": 3, "baseDelaySeconds": 0, "excludedStatusCodes": [400]}
    dial(simulator, listener, backoffPlan=plan)
    eventually(lambda: simulator.books()["webhooks"]["failed"] == 4)
    assert len(listener.messages) == 4


def test_it_sends_nothing_when_messages_are_dropped(simulator: SimulatorProcess, listener: Listener) -> None:
    simulator.turn(webhook_drop_rate=1)
    dial(simulator, listener)
    eventually(lambda: simulator.books()["webhooks"]["dropped"] == 4)
    assert listener.messages == []


def test_it_sends_everything_twice_when_messages_are_doubled(simulator: SimulatorProcess, listener: Listener) -> None:
    simulator.turn(webhook_double_rate=1)
    dial(simulator, listener)
    eventually(lambda: len(listener.messages) == 8)
    assert sorted(listener.kinds())[:2] == ["end-of-call-report"] * 2


def test_it_sends_the_report_before_the_end_when_messages_are_reordered(
    simulator: SimulatorProcess, listener: Listener
) -> None:
    simulator.turn(webhook_reorder_rate=1)
    dial(simulator, listener)
    eventually(lambda: len(listener.messages) == 4)
    assert listener.kinds() == ["end-of-call-report", "ended", "in-progress", "ringing"]


def test_it_sends_messages_later_when_they_are_late(simulator: SimulatorProcess, listener: Listener) -> None:
    simulator.turn(webhook_late_rate=1, webhook_delay_seconds=[0.1, 0.2])
    dial(simulator, listener)
    eventually(lambda: len(listener.messages) == 4)
    assert simulator.books()["webhooks"]["late"] == 4


def test_it_sends_a_message_before_the_answer_when_webhooks_are_early(
    simulator: SimulatorProcess, listener: Listener
) -> None:
    simulator.turn(early_webhook_rate=1, call_seconds=[4000, 4000])
    dial(simulator, listener)
    assert listener.kinds() == ["ringing"]


def test_it_posts_to_the_assistants_own_server_when_a_call_names_none(
    simulator: SimulatorProcess, listener: Listener
) -> None:
    assistant = simulator.assistant(server={"url": listener.url}, serverMessages=["end-of-call-report"])
    simulator.dial(assistant, NUMBER)
    eventually(lambda: simulator.books()["webhooks"]["delivered"] == 1)
    assert listener.kinds() == ["end-of-call-report"]
