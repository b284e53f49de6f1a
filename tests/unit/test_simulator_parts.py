"""The simulator's pure parts: templates, shapes, fates, links, identifiers."""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from autolynx import simulator
from autolynx.simulator import slowness, store
from autolynx.simulator.clock import iso, parse_iso_ms, uuid7
from autolynx.simulator.conversation import Cast
from autolynx.simulator.exchange import effective_assistant
from autolynx.simulator.fate import Fate, draw
from autolynx.simulator.knobs import KnobError, Knobs
from autolynx.simulator.links import Links
from autolynx.simulator.liquid import rendered
from autolynx.simulator.outcomes import DEFAULT_RATES
from autolynx.simulator.shapes import violations

CAST = Cast("Ana Bell", "Bell Bakery", {"customer": {"name": "Ana Bell"}})


def fate(number: str, nth: int = 0, seed: int = 1, **knobs: Any) -> Fate:
    assistant = {"firstMessage": "Hi {{customer.name}}!", "voicemailDetection": {"provider": "vapi"}}
    return draw(seed, number, nth, assistant, CAST, Knobs().changed(knobs))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hi {{customer.name}}", "Hi Ana"),
        ("Hi {{ customer.name }}, {{city}}.", "Hi Ana, Lisbon."),
        ("Hi {{nobody}}!", "Hi !"),
        ('Hi {{ nobody | default: "you" }}!', "Hi you!"),
    ],
)
def test_it_fills_in_a_template_when_variables_are_known_or_not(template: str, expected: str) -> None:
    assert rendered(template, {"customer": {"name": "Ana"}, "city": "Lisbon"}) == expected


@pytest.mark.parametrize(
    "assistant",
    [
        {"voicemailDetection": "off"},
        {"voicemailDetection": {"provider": "twilio", "enabled": True}},
        {"model": {"provider": "custom-llm", "model": "m", "url": "https://example.com"}},
        {"voice": {"provider": "11labs", "voiceId": "sarah", "stability": 0.5, "speed": 1.1}},
        {"transcriber": None},
    ],
)
def test_it_accepts_an_assistant_when_it_keeps_to_the_wire(assistant: dict[str, Any]) -> None:
    assert list(violations(assistant, "assistant")) == []


@pytest.mark.parametrize(
    ("assistant", "message"),
    [
        (
            {"model": {"provider": "openai"}},
            "model.model should not be null or undefined",
        ),
        (
            {"voice": {"provider": "11labs", "voiceId": "a", "speed": 2}},
            "voice.speed must not be greater than 1.2",
        ),
        ({"maxDurationSeconds": 43201}, "maxDurationSeconds must not be greater than 43200"),
        ({"endCallPhrases": ["x"]}, "endCallPhrases.0 must be longer than or equal to 2 characters"),
        (
            {"analysisPlan": {"summaryPlan": {"prompt": "x"}}},
            "analysisPlan.summaryPlan.property prompt should not exist",
        ),
        ({"recordingEnabled": True}, "property recordingEnabled should not exist"),
    ],
)
def test_it_says_what_is_wrong_when_an_assistant_is(assistant: dict[str, Any], message: str) -> None:
    assert list(violations(assistant, "assistant")) == [message]


def test_it_draws_the_same_fate_when_seed_number_and_count_are_the_same() -> None:
    assert fate("+14155551001") == fate("+14155551001")
    assert fate("+14155551001") != fate("+14155551001", nth=1)
    assert fate("+14155551001") != fate("+14155551001", seed=2)


def test_it_tells_the_stories_it_always_told_when_the_seed_is_known() -> None:
    """Whoever wrote down a seed finds its story again; a change of `scenery` that is meant changes this sum."""
    outcomes = [*DEFAULT_RATES, "reason:pipeline-error"]
    told = [
        fate(f"+1415{number:07d}", nth, seed=7, outcome_by_number={f"+1415{number:07d}": outcome}).as_json()
        for outcome in outcomes
        for number in range(20)
        for nth in range(2)
    ]
    told += [fate(f"+1415{number:07d}", seed=2026).as_json() for number in range(200)]
    digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    assert digest == "e2eef749e3d0127e3329d5955bd7b3a0af2103b4056eae0f964f28c5276965e0"


def test_it_draws_every_outcome_when_many_numbers_are_called() -> None:
    drawn = [fate(f"+1415{number:07d}") for number in range(3000)]
    counts = Counter(one.outcome for one in drawn)
    assert set(counts) == set(DEFAULT_RATES)
    talks = [one for one in drawn if one.outcome in ("demo_booked", "not_interested", "gatekeeper")]
    assert all(20 <= one.talk_seconds <= 150 for one in talks)
    assert all(4 <= one.ring_seconds <= 25 for one in drawn if one.rings)
    assert all(3 <= one.report_seconds <= 6 for one in drawn)
    assert len({tuple(turn.text for turn in one.turns) for one in talks}) > 200


def test_it_survives_storage_when_a_fate_is_written_and_read() -> None:
    for number in range(50):
        drawn = fate(f"+1415{number:07d}")
        assert Fate.from_json(drawn.as_json()) == drawn


def test_it_stretches_a_call_when_a_length_is_asked_for() -> None:
    for number in range(50):
        drawn = fate(f"+1415{number:07d}", call_seconds=[4, 8])
        assert 4 <= drawn.queue_seconds + drawn.ring_seconds + drawn.talk_seconds <= 8.001


def test_it_replaces_the_server_and_merges_the_rest_when_overridden() -> None:
    merged = effective_assistant(
        {"server": {"url": "a", "headers": {"k": "v"}}, "model": {"provider": "openai", "model": "m"}},
        {"server": {"url": "b"}, "model": {"temperature": 0}},
    )
    assert merged == {
        "server": {"url": "b"},
        "model": {"provider": "openai", "model": "m", "temperature": 0},
    }


def test_it_refuses_a_link_when_it_is_forged_or_old() -> None:
    links = Links("http://127.0.0.1:1", "secret")
    signature = links.recording("c", "mono", 1000).rpartition("=")[2]
    assert links.is_recording("c", "mono", "1000", signature, now_ms=999)
    assert not links.is_recording("c", "mono", "1000", signature, now_ms=1001)
    assert not links.is_recording("c", "stereo", "1000", signature, now_ms=999)


def test_it_makes_identifiers_that_sort_when_time_goes_on() -> None:
    made = [uuid7(ms) for ms in range(1_774_539_800_000, 1_774_539_800_100)]
    assert made == sorted(made)
    assert {identifier[14] for identifier in made} == {"7"}


def test_it_reads_back_a_time_when_it_wrote_it() -> None:
    assert iso(1_774_539_800_120) == "2026-03-26T15:43:20.120Z"
    assert parse_iso_ms("2026-03-26T16:43:20.120+01:00") == 1_774_539_800_120


@pytest.mark.parametrize(
    "knobs",
    [
        {"outcome_rates": {"demo_booked": 0}},
        {"outcome_rates": {"sold": 1}},
        {"call_seconds": [8, 4]},
        {"over_limit": "explode"},
        {"concurrency_limit": -1},
        {"outage": "yes"},
        {"clock_skew_seconds": "fast"},
        {"clock_skew_seconds": 1e9},
        {"clock_in_date": 1},
        {"inbound_calls": 1.5},
        {"transcript_megabytes": 1000},
        {"answer_seconds": [2, 1]},
        {"slow_paths": ["GET /assistant"]},
        {"outage_cut": "yes"},
        {"list_lag_seconds": -1},
        {"list_forget_rate": "often"},
        {"rate_forget": -0.1},
        {"forget_seconds": None},
        {"call_404": 1},
        {"rate_late_creation": 1.1},
        {"late_creation_seconds": 5},
        {"late_creation_answer": "503"},
        {"odd_numbers": {"+14155551001": []}},
        {"limits_told": None},
        {"limits_in_refusal": 0},
        {"api_key": ""},
    ],
)
def test_it_refuses_a_knob_when_its_value_makes_no_sense(knobs: dict[str, Any]) -> None:
    with pytest.raises(KnobError, match=next(iter(knobs))):
        Knobs().changed(knobs)


def test_it_has_a_row_for_every_knob_when_its_readme_is_read() -> None:
    readme = (Path(simulator.__file__).parent / "README.md").read_text()
    rows = [line.split(" | ")[0] for line in readme.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert set(Knobs().as_json()) <= named


def test_it_shares_no_code_with_the_client_when_its_imports_are_read() -> None:
    for path in Path(simulator.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path.name
                assert node.level == 1 or not (node.module or "").startswith("autolynx"), path.name
            if isinstance(node, ast.Import):
                assert not any(name.name.startswith("autolynx") for name in node.names), path.name


def test_it_refuses_to_start_when_the_address_is_not_loopback(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="loopback"):
        simulator.run(8503, tmp_path, seed=1, speed=1, host="0.0.0.0")


def test_it_forgets_the_oldest_requests_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_POSTS_KEPT", 3)
    kept = store.Store(tmp_path / "simulator.sqlite3")
    for moment in range(5):
        kept.settle_post(kept.add_post(moment, ["+14155551001"], "late"), 201)
    assert kept.posts() == [(moment, "+14155551001", 201) for moment in (2, 3, 4)]
    assert kept.requests_by_number() == {"+14155551001": 5}
    kept.close()


def test_it_writes_nothing_when_what_belongs_together_fails(tmp_path: Path) -> None:
    kept = store.Store(tmp_path / "simulator.sqlite3")
    kept.add_late_order("order", {}, 0)

    def fail_halfway() -> None:
        with kept.at_once():
            kept.delete_late_order("order")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail_halfway()
    assert kept.late_orders() == [("order", {}, 0)]
    kept.close()


def test_it_cuts_a_held_request_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slowness, "_LONGEST_HELD_SECONDS", 0.05)
    gone = asyncio.Event()

    class Transport:
        abort = staticmethod(gone.set)

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        raise AssertionError("it answered")

    state: dict[str, Any] = {"transport": Transport()}
    asyncio.run(slowness.never_answered({"state": state}, receive, send))
    assert state["is_cut"] is True
