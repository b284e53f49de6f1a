"""The simulator over real sockets: assistants, calls, lines, limits and its own books."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator

import httpx
import pytest

from rig.waiting import eventually
from tests.support.simulator_fixtures import FREE_LINE, MAIN_LINE, SimulatorProcess, running


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.api.post("/_simulator/reset", json={"assistants": True})
    return process


def test_it_refuses_when_the_authorization_header_is_missing(simulator: SimulatorProcess) -> None:
    answer = httpx.get(f"{simulator.url}/assistant")
    assert answer.status_code == 401
    assert answer.json() == {
        "message": "Missing Authorization Header.",
        "error": "Unauthorized",
        "statusCode": 401,
    }
    assert answer.headers["x-autolynx-simulator"] == "1"


def test_it_refuses_other_keys_when_a_key_is_set(simulator: SimulatorProcess) -> None:
    simulator.turn(api_key="right")
    assert simulator.api.get("/call").json()["message"].startswith("Invalid Key.")
    right = simulator.api.get("/call", headers={"Authorization": "Bearer right"})
    assert right.json() == []


def test_it_names_every_violation_when_an_assistant_is_wrong(simulator: SimulatorProcess) -> None:
    body = {
        "name": "x" * 41,
        "model": "gpt-4",
        "voice": {"provider": "11labs", "voiceId": "sarah", "colour": "red"},
        "silenceTimeoutSeconds": 5,
        "endCallTimeoutSeconds": 3,
    }
    answer = simulator.api.post("/assistant", json=body)
    assert answer.status_code == 400
    assert set(answer.json()["message"]) == {
        "name must be shorter than or equal to 40 characters",
        "model must be an object",
        "voice.property colour should not exist",
        "silenceTimeoutSeconds must not be less than 10",
        "property endCallTimeoutSeconds should not exist",
    }


def test_it_replaces_only_what_was_sent_when_an_assistant_is_patched(simulator: SimulatorProcess) -> None:
    identifier = simulator.assistant()
    simulator.api.patch(f"/assistant/{identifier}", json={"model": {"provider": "openai", "model": "gpt-5"}})
    changed = simulator.api.get(f"/assistant/{identifier}").json()
    assert changed["model"] == {"provider": "openai", "model": "gpt-5"}
    assert changed["name"] == "Seller"


def test_it_forgets_an_assistant_when_it_is_deleted(simulator: SimulatorProcess) -> None:
    identifier = simulator.assistant()
    assert simulator.api.delete(f"/assistant/{identifier}").json()["id"] == identifier
    assert simulator.api.get(f"/assistant/{identifier}").status_code == 404
    refused = simulator.dial(identifier)
    assert refused.status_code == 400
    assert refused.json()["message"] == f"Couldn't Get Assistant. `assistantId` {identifier} Does Not Exist."


@pytest.mark.parametrize(
    ("change", "part_of_message"),
    [
        ({"customer": {"number": "4155551001"}}, "E.164"),
        ({"customer": {"number": "+14155551001", "externalId": "x" * 41}}, "customer.externalId"),
        ({"metadata": {"a": 1}}, "property metadata should not exist"),
        ({"assistant": {"name": "two"}}, "Exactly One"),
        ({"assistantOverrides": {"server": {"secret": "s"}}}, "server.property secret should not exist"),
        ({"phoneNumberId": "0c000000-0000-4000-8000-000000000009"}, "Phone Number"),
        ({"phoneNumberId": None}, "phoneNumberId"),
        ({"name": "x" * 41}, "name must be shorter"),
    ],
)
def test_it_refuses_a_call_when_the_body_is_wrong(
    simulator: SimulatorProcess, change: dict, part_of_message: str
) -> None:
    refused = simulator.dial(simulator.assistant(), **change)
    assert refused.status_code == 400
    assert part_of_message in str(refused.json()["message"])
    assert simulator.books()["calls"] == []


def test_it_tells_the_truth_about_a_call_when_it_is_over(simulator: SimulatorProcess) -> None:
    simulator.turn(outcome_by_number={"+14155551001": "demo_booked"})
    created = simulator.dial(simulator.assistant(), name="attempt 1").json()
    assert created["status"] == "queued"
    assert created["subscriptionLimits"]["concurrencyLimit"] == 10
    entry = simulator.reported(created["id"])
    call = simulator.api.get(f"/call/{created['id']}").json()
    assert (call["status"], call["endedReason"]) == ("ended", entry["ended_reason"])
    assert call["createdAt"] < call["startedAt"] < call["endedAt"]
    assert "AI: Hi Ana Bell!" in call["artifact"]["transcript"]
    assert [item["role"] for item in call["artifact"]["messages"]][:2] == ["system", "bot"]
    assert call["analysis"]["successEvaluation"] == "true"
    parts = call["costBreakdown"]
    spent = sum(parts[name] for name in ("transport", "stt", "llm", "tts", "vapi"))
    analysed = sum(parts["analysisCostBreakdown"][name] for name in ("summary", "successEvaluation"))
    assert call["cost"] == pytest.approx(spent + analysed)
    assert call["cost"] == pytest.approx(sum(item["cost"] for item in call["costs"]))
    assert 20 <= entry["simulated_seconds"] <= 150
    assert entry["duration_seconds"] == pytest.approx(entry["simulated_seconds"] / 200, abs=0.01)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("no_answer", "customer-did-not-answer"),
        ("busy", "customer-busy"),
        ("misdialed", "twilio-reported-customer-misdialed"),
        ("voicemail", "voicemail"),
        ("silence", "silence-timed-out"),
        ("reason:some.new-reason", "some.new-reason"),
    ],
)
def test_it_ends_a_call_as_told_when_its_number_has_an_outcome(
    simulator: SimulatorProcess, outcome: str, reason: str
) -> None:
    simulator.turn(outcome_by_number={"+14155551001": outcome})
    call = simulator.dial(simulator.assistant(voicemailDetection={"provider": "vapi"})).json()
    entry = simulator.reported(call["id"])
    assert entry["ended_reason"] == reason
    assert (entry["cost"] > 0) == (entry["started_at"] is not None)


def test_it_does_not_notice_a_machine_when_detection_is_off(simulator: SimulatorProcess) -> None:
    simulator.turn(outcome_by_number={"+14155551001": "voicemail"})
    entry = simulator.reported(simulator.dial(simulator.assistant()).json()["id"])
    assert entry["ended_reason"] == "customer-ended-call"


def test_it_cuts_a_call_when_it_reaches_its_longest_duration(simulator: SimulatorProcess) -> None:
    simulator.turn(outcome_by_number={"+14155551001": "demo_booked"})
    entry = simulator.reported(simulator.dial(simulator.assistant(maxDurationSeconds=12)).json()["id"])
    assert (entry["ended_reason"], entry["simulated_seconds"]) == ("exceeded-max-duration", 12)


def test_it_keeps_to_a_length_when_call_seconds_are_set(simulator: SimulatorProcess) -> None:
    simulator.turn(call_seconds=[4, 8], outcome_rates={"demo_booked": 1})
    entry = simulator.reported(simulator.dial(simulator.assistant()).json()["id"])
    assert 1 < entry["simulated_seconds"] < 8


@pytest.mark.parametrize("over_limit", ["refuse_400", "refuse_429"])
def test_it_refuses_a_call_when_the_organisation_is_full(simulator: SimulatorProcess, over_limit: str) -> None:
    simulator.turn(concurrency_limit=1, over_limit=over_limit, call_seconds=[4000, 4000])
    assistant = simulator.assistant()
    assert simulator.dial(assistant).status_code == 201
    refused = simulator.dial(assistant, "+14155551002")
    assert refused.status_code == int(over_limit[-3:])
    assert len(simulator.books()["calls"]) == 1


def test_it_ends_a_blocked_call_at_once_when_told_to_accept_it(simulator: SimulatorProcess) -> None:
    simulator.turn(concurrency_limit=0, over_limit="accept_blocked")
    answer = simulator.dial(simulator.assistant())
    assert answer.status_code == 201
    assert answer.json()["subscriptionLimits"]["concurrencyBlocked"] is True
    entry = simulator.reported(answer.json()["id"])
    assert entry["ended_reason"] == "call.start.error-subscription-concurrency-limit-reached"
    books = simulator.books()
    assert (books["peak_concurrency"], books["dials_by_number"]) == (0, {})


def test_it_never_exceeds_the_limit_when_calls_wait(simulator: SimulatorProcess) -> None:
    simulator.turn(concurrency_limit=2, over_limit="wait", call_seconds=[4, 8])
    assistant = simulator.assistant()
    calls = [simulator.dial(assistant, f"+1415555100{last}").json()["id"] for last in range(8)]
    for call in calls:
        simulator.reported(call)
    books = simulator.books()
    assert (books["peak_concurrency"], books["active"]) == (2, 0)
    assert books["peak_by_line"] == {MAIN_LINE: 2}
    assert set(books["dials_by_number"].values()) == {1}


def test_it_hangs_up_when_end_call_is_posted_to_the_control_address(simulator: SimulatorProcess) -> None:
    simulator.turn(call_seconds=[4000, 4000], outcome_rates={"no_answer": 1})
    call = simulator.dial(simulator.assistant()).json()
    eventually(lambda: simulator.books()["calls"][0]["status"] == "ringing")
    assert httpx.post(call["monitor"]["controlUrl"], json={"type": "end-call"}).status_code == 200
    assert simulator.reported(call["id"])["ended_reason"] == "manually-canceled"
    assert simulator.books()["active"] == 0
    assert httpx.post(call["monitor"]["controlUrl"], json={"type": "end-call"}).status_code == 400


def test_it_filters_and_sorts_calls_when_they_are_listed(simulator: SimulatorProcess) -> None:
    assistant, other = simulator.assistant(), simulator.assistant(name="Other")
    ids = [simulator.dial(assistant, f"+1415555100{last}").json()["id"] for last in range(3)]
    simulator.dial(other, "+14155551009")
    newest_first = simulator.api.get("/call", params={"assistantId": assistant}).json()
    assert [call["id"] for call in newest_first] == ids[::-1]
    middle = newest_first[1]["createdAt"]
    after = simulator.api.get("/call", params={"assistantId": assistant, "createdAtGe": middle}).json()
    assert {call["id"] for call in after} == set(ids[1:])
    assert len(simulator.api.get("/call", params={"limit": 2}).json()) == 2
    assert simulator.api.get("/call", params={"limit": 1001}).status_code == 400
    assert simulator.api.get("/call", params={"status": "ended"}).status_code == 400


def test_it_keeps_a_call_in_the_books_when_the_api_erases_it(simulator: SimulatorProcess) -> None:
    call = simulator.dial(simulator.assistant()).json()["id"]
    simulator.reported(call)
    assert simulator.api.patch(f"/call/{call}", json={"name": "renamed"}).json()["name"] == "renamed"
    assert simulator.api.patch(f"/call/{call}", json={"status": "ended"}).status_code == 400
    assert simulator.api.delete(f"/call/{call}").status_code == 200
    assert simulator.api.get(f"/call/{call}").status_code == 404
    assert simulator.books()["calls"][0]["is_deleted"] is True


def test_it_serves_a_playable_recording_when_a_call_was_answered(simulator: SimulatorProcess) -> None:
    simulator.turn(outcome_by_number={"+14155551001": "callback"})
    call = simulator.dial(simulator.assistant()).json()["id"]
    url = simulator.reported(call)["recording_url"]
    redirected = simulator.api.get(f"/call/{call}/mono-recording")
    assert redirected.status_code == 302
    sound = httpx.get(redirected.headers["location"]).content
    assert sound == httpx.get(url).content
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert max(file.readframes(file.getnframes())) > 0
    part = httpx.get(url, headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.content) == (206, sound[:100])
    assert httpx.get(url.replace("signature=", "signature=0")).status_code == 403


def test_it_limits_the_free_line_when_it_is_used_much_or_abroad(simulator: SimulatorProcess) -> None:
    simulator.turn(free_line_daily_cap=1)
    assistant = simulator.assistant()
    abroad = simulator.dial(assistant, "+442079460000", phoneNumberId=FREE_LINE)
    assert "international" in abroad.json()["message"]
    assert simulator.dial(assistant, phoneNumberId=FREE_LINE).status_code == 201
    assert "Daily Outbound Call Limit" in simulator.dial(assistant, phoneNumberId=FREE_LINE).json()["message"]


def test_it_answers_for_each_customer_when_called_in_a_batch(simulator: SimulatorProcess) -> None:
    simulator.turn(concurrency_limit=1, call_seconds=[4000, 4000])
    people = [{"number": "+14155551001"}, {"number": "+14155551002"}]
    answer = simulator.dial(simulator.assistant(), customer=None, customers=people)
    assert answer.status_code == 201
    assert [call["customer"] for call in answer.json()["results"]] == people[:1]
    assert [error["customer"] for error in answer.json()["errors"]] == people[1:]


def test_it_refuses_a_knob_when_it_is_unknown_or_cannot_take_the_value(simulator: SimulatorProcess) -> None:
    unknown = simulator.api.patch("/_simulator/knobs", json={"rate_430": 0.5})
    wrong = simulator.api.patch("/_simulator/knobs", json={"rate_429": 2})
    assert (unknown.status_code, wrong.status_code) == (400, 400)
    assert "no knob named rate_430" in unknown.json()["message"]
    assert wrong.json()["message"] == "The knob rate_429 takes a number from 0 to 1, not 2."


def test_it_answers_503_everywhere_when_there_is_an_outage(simulator: SimulatorProcess) -> None:
    simulator.turn(outage=True)
    assert {simulator.api.get(path).status_code for path in ("/call", "/assistant", "/phone-number")} == {503}
    assert simulator.api.get("/_simulator/health").status_code == 200


def test_it_dials_nobody_when_there_is_no_credit(simulator: SimulatorProcess) -> None:
    simulator.turn(out_of_credit=True)
    assistant = simulator.assistant()
    assert "Credits" in simulator.dial(assistant).json()["message"]
    simulator.turn(out_of_credit_as="accept_ended")
    entry = simulator.reported(simulator.dial(assistant).json()["id"])
    assert entry["ended_reason"] == "call.start.error-subscription-insufficient-credits"
    assert simulator.books()["dials_by_number"] == {}


def test_it_asks_for_patience_when_requests_are_too_many(simulator: SimulatorProcess) -> None:
    assistant = simulator.assistant()
    simulator.turn(rate_429=1, retry_after=2, api_429_rate=1)
    refused = simulator.dial(assistant)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert simulator.api.get("/call").status_code == 429


@pytest.mark.parametrize(("knob", "created"), [("rate_5xx_before", 0), ("rate_5xx_after", 1), ("rate_lost_answer", 1)])
def test_it_leaves_a_client_in_doubt_when_a_knob_says_so(simulator: SimulatorProcess, knob: str, created: int) -> None:
    assistant = simulator.assistant()
    simulator.turn(**{knob: 1})
    if knob == "rate_lost_answer":
        with pytest.raises(httpx.RemoteProtocolError):
            simulator.dial(assistant)
    else:
        assert simulator.dial(assistant).status_code >= 500
    assert len(simulator.books()["calls"]) == created


def test_it_creates_a_call_when_its_answer_comes_late(simulator: SimulatorProcess) -> None:
    assistant = simulator.assistant()
    simulator.turn(late_answer_rate=1, late_answer_seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        simulator.api.post(
            "/call",
            json={
                "assistantId": assistant,
                "phoneNumberId": MAIN_LINE,
                "customer": {"number": "+14155551001"},
            },
            timeout=0.5,
        )
    assert len(simulator.books()["calls"]) == 1
