"""Whatever JSON is sent to whatever route: an answer with a sentence, and never a 500."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from autolynx.api.errors import refusal_answer
from autolynx.errors import Conflict, ProviderUnavailable, Unavailable
from tests.support.web import BEARER, configured, problem, serving

CSV = b"Name,Business Name,Phone\nAna Bell,Bell & Co,+1 415 555 0123\n"
DEEP = "[" * 200_000 + "]" * 200_000
HOURS = [
    DEEP, DEEP[:-1], '{"from": ' + "9" * 5_000 + "}", "[1e999999]", "NaN", '{"days": [null]}', '"x"', "[]", "0",
    "\ud800",
]  # fmt: skip
WORDS = [
    "name", "config", "active", "model", "messages", "tools", "voice", "artifactPlan", "recordingEnabled",
    "systemPrompt", "server", "headers", "url", "provider_assistant_id", "analysisPlan", "role", "content",
    "hooks", "phone", "is_kept_out", "a",
]  # fmt: skip
LEAVES = some.sampled_from(
    [None, True, 0, -1, 1e308, 5, 10**30, "", "x", "off", "(hidden-value)", "https://x", "\x00", "\ud800", "x" * 5_000]
)
ANY_JSON = some.recursive(
    LEAVES,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(WORDS), inner, max_size=4),
    max_leaves=10,
)
CONFIGS = some.dictionaries(some.sampled_from(WORDS), ANY_JSON, max_size=4)
BODIES = ANY_JSON | some.fixed_dictionaries({"name": some.just("Ada") | ANY_JSON, "config": CONFIGS}) | CONFIGS
TAILS = some.sampled_from(
    ["", "x", "%00", "%ff", "../", "0" * 40, "9" * 5_000, "-1", "1e9", "null", "NaN", "%ED%A0%80"]
)
ROUTES = {
    "/api/assistants": ["GET", "POST"],
    "/api/assistants/import": ["POST"],
    "/api/assistants/{id}": ["GET", "PATCH", "DELETE"],
    "/api/assistants/{id}/clone": ["POST"],
    "/api/campaigns": ["GET", "POST"],
    "/api/campaigns/{id}": ["GET", "DELETE"],
    "/api/people/erase": ["POST"],
    "/api/campaigns/{id}/start": ["POST"],
    "/api/campaigns/{id}/pause": ["POST"],
    "/api/campaigns/{id}/resume": ["POST"],
    "/api/campaigns/{id}/stop": ["POST"],
    "/api/campaigns/{id}/contacts": ["GET"],
    "/api/campaigns/{id}/explanation": ["GET"],
    "/api/campaigns/{id}/export.csv": ["GET"],
    "/api/calls/{id}": ["GET"],
    "/api/calls/{id}/hang-up": ["POST"],
    "/api/contacts/{id}/explanation": ["GET"],
    "/api/phone-numbers": ["GET"],
}


@pytest.mark.parametrize("hours", HOURS, ids=[hours[:12] for hours in HOURS])
def test_it_answers_400_or_422_when_calling_hours_are_none(api: httpx.Client, hours: str) -> None:
    parts = {
        "name": (None, b"Spring"),
        "assistant_id": (None, str(uuid4()).encode()),
        "calling_hours": (None, hours.encode("utf-8", "surrogatepass")),
        "contacts": ("contacts.csv", CSV, "text/csv"),
    }

    answer = api.post("/api/campaigns", files=parts)

    assert answer.status_code in (400, 422), answer.text
    assert problem(answer)["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"model": 5, "systemPrompt": "x"}, "model is 5; accepted is a JSON object, or the name of a model."),
        ({"model": {"messages": ["a"]}, "systemPrompt": "x"}, 'model.messages.0 is "a"; accepted is a JSON object.'),
        ({"artifactPlan": "x", "recordingEnabled": True}, 'artifactPlan is "x"; accepted is a JSON object.'),
    ],
)
def test_it_names_the_part_that_is_of_the_wrong_type(api: httpx.Client, config: Any, sentence: str) -> None:
    created = api.post("/api/assistants", json={"name": "Ada", "config": {}}).json()["assistant"]
    answers = [
        api.post("/api/assistants", json={"name": "Ada", "config": config}),
        api.patch(f"/api/assistants/{created['id']}", json={"config": config}),
    ]

    assert [(answer.status_code, problem(answer)["message"]) for answer in answers] == [(422, sentence)] * 2


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, tail=TAILS)
def test_it_never_answers_500_whatever_is_asked_of_any_route(api: httpx.Client, body: Any, tail: str) -> None:
    known = api.get("/api/assistants?limit=1").json()["assistants"]
    content = json.dumps(body).encode()
    query = "&".join(f"{name}={tail}" for name in ("limit", "page", "state", "search", "active", "hang_up"))
    for path, methods in ROUTES.items():
        filled = re.sub(r"\{\w+\}", known[0]["id"] if known and len(tail) < 2 else f"{uuid4()}{tail}", path)
        for method in methods:
            headers = {"Content-Type": "application/json"}
            answer = api.request(method, f"{filled}?{query}", content=content, headers=headers)
            assert answer.status_code < 500 or answer.status_code == 502, (method, filled, body, answer.text)


def test_it_asks_every_route_there_is(api: httpx.Client) -> None:
    def plain(paths: dict[str, Any]) -> dict[str, list[str]]:
        named = {re.sub(r"\{\w+\}", "{}", path): sorted(map(str.lower, methods)) for path, methods in paths.items()}
        return {path: methods for path, methods in named.items() if path.startswith("/api/")}

    there = plain(api.get("/openapi.json").json()["paths"])

    assert there == plain(ROUTES) | {"/api/scheduler/tick": ["post"], "/api/health": ["get"]}


# -- the database or the provider is away ------------------------------------------------------------------------

AWAY = {
    "refused": "postgresql://somebody:hush@127.0.0.1:1/nothing",
    "unknown host": "postgresql://somebody:hush@nowhere.invalid:5432/nothing",
    "no port": "postgresql://somebody:hush@127.0.0.1:99999/nothing",
}


WORDS_OF_A_DRIVER = ("127.0.0.1", "nowhere.invalid", "99999", "5432", "hush", "somebody", "psycopg", "libpq", "errno")


@pytest.mark.parametrize("url", AWAY.values(), ids=AWAY)
def test_it_names_no_host_port_or_driver_when_the_database_is_away(url: str) -> None:
    with serving(configured(url)) as http:
        http.headers.update(BEARER)
        for path, methods in (ROUTES | {"/api/health": ["GET"], "/metrics": ["GET"]}).items():
            for method in methods:
                body = {"name": "Ada", "config": {}, "provider_assistant_id": "x"}
                answer = http.request(method, re.sub(r"\{\w+\}", str(uuid4()), path), json=body)
                said = answer.text.lower().replace("process_", "")
                said = re.sub(r" [0-9.e+-]+$", "", said, flags=re.MULTILINE)  # a metric's value may look like a port
                assert [word for word in WORDS_OF_A_DRIVER if word in said] == [], (method, path, answer.text)


def test_it_answers_no_place_and_no_words_of_a_driver() -> None:
    told = [
        refusal_answer(error).body.decode()
        for error in (
            Unavailable("The embedded database did not start: FATAL (see /home/desk/.autolynx/postgres/server.log)"),
            Unavailable("Tried 10.0.0.7:5432.", details="connection to server at 10.0.0.7"),
            Unavailable("Tried https://x.supabase.co."),
            Conflict("It exists already.", details="Key (phone)=(+14155550123) already exists."),
            ProviderUnavailable(details="ConnectError"),
        )
    ]

    assert not [answer for answer in told if re.search(r"/home|10\.0|5432|supabase\.co|phone|ConnectError", answer)]
    assert "It exists already." in told[3]
