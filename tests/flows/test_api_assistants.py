"""The API's directory of assistants over real sockets, with the simulator as the provider."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pytest

from tests.support.api_requests import CONFIG, LINES, new_assistant, new_campaign
from tests.support.web import problem


def test_it_keeps_a_directory_of_assistants(api, simulator) -> None:
    created = new_assistant(api)
    path = f"/api/assistants/{created['id']}"
    assert (created["source"], created["active"], created["version"]) == ("local", True, 1)
    assert api.get(path).json()["assistant"] == created

    changed = api.patch(path, json={"name": "Eve", "config": {"firstMessage": "Hello"}, "active": False})

    assert changed.status_code == 200
    after = changed.json()["assistant"]
    assert (after["name"], after["active"], after["version"]) == ("Eve", False, 2)
    theirs = httpx.get(
        f"{simulator}/assistant/{created['provider_assistant_id']}", headers={"Authorization": "Bearer any"}
    ).json()
    assert (theirs["name"], theirs["firstMessage"]) == ("Eve", "Hello")
    assert api.get("/api/assistants?active=true").json()["assistants"] == []
    assert api.get("/api/assistants").json()["pagination"]["total"] == 1

    copy = api.post(f"{path}/clone", json={"name": "Copy"})
    assert (copy.status_code, copy.json()["assistant"]["name"]) == (201, "Copy")
    assert api.post(f"{path}/clone").json()["assistant"]["name"] == "Eve copy"

    deleted = api.delete(path)
    assert (deleted.status_code, deleted.json()) == (200, {"deleted": created["id"]})
    assert api.get(path).status_code == 404


def test_it_answers_422_when_a_secret_would_go_to_another_server(api) -> None:
    secret = {"credentials": [{"provider": "custom-llm", "apiKey": "hush-7f3b9c1d-hush"}]}
    model = {"provider": "custom-llm", "url": "https://llm.ours.example", "model": "m"}
    path = f"/api/assistants/{new_assistant(api, model=model, **secret)['id']}"

    answer = api.patch(path, json={"config": {"model": model | {"url": "https://evil.example"}}})

    assert answer.status_code == 422
    assert "model.url leads to another server" in problem(answer)["message"]
    same_server = {"config": {"model": model | {"url": "https://llm.ours.example/v2"}}}
    assert api.patch(path, json=same_server).status_code == 200


@pytest.mark.parametrize("field", ["provider_assistant_id", "providerAssistantId"])
def test_it_imports_an_assistant_of_the_account(api, simulator, field) -> None:
    provider_id = httpx.post(
        f"{simulator}/assistant", json={"name": "Theirs"}, headers={"Authorization": "Bearer any"}
    ).json()["id"]

    answer = api.post("/api/assistants/import", json={field: provider_id, "name": "Ours"})

    assert answer.status_code == 201
    assistant = answer.json()["assistant"]
    assert (assistant["name"], assistant["source"]) == ("Ours", "imported")
    assert assistant["provider_assistant_id"] == provider_id
    again = api.post("/api/assistants/import", json={field: provider_id}).json()["assistant"]
    assert (again["id"], again["name"]) == (assistant["id"], "Theirs")


def test_it_refuses_to_delete_an_assistant_that_campaigns_use(api) -> None:
    campaign = new_campaign(api)

    answer = api.delete(f"/api/assistants/{campaign['assistant_id']}")

    assert (answer.status_code, problem(answer)["code"]) == (409, "conflict")
    assert problem(answer)["details"][0]["name"] == "Spring"


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("", {}, "name is missing."),
        ("", {"name": "Ada"}, "config is missing."),
        ("", {"name": 5, "config": {}}, "name is 5; it must be a text."),
        ("", {"name": "x" * 41, "config": CONFIG}, "41 characters"),
        ("", {"name": "Ada", "config": []}, "config is []; it must be a JSON object."),
        ("", {"name": "Ada", "config": {"firstMessage": "\x00"}}, "NUL character"),
        ("", [], "needs a JSON object"),
        ("", None, "needs a JSON object"),
        ("/import", {}, "provider_assistant_id is missing."),
        ("/import", {"providerAssistantId": " "}, "No assistant id was given"),
        ("/import", {"providerAssistantId": str(uuid4())}, "Vapi has no assistant with the id"),
        ("/import", {"providerAssistantId": "../call"}, "Vapi has no assistant with the id"),
    ],
)
def test_it_says_what_is_wrong_with_an_assistant(api, path, body, sentence) -> None:
    answer = api.post(f"/api/assistants{path}", json=body)

    assert (answer.status_code, problem(answer)["code"]) == (422, "invalid_input")
    assert sentence in problem(answer)["message"]


def test_it_refuses_a_change_of_nothing(api) -> None:
    answer = api.patch(f"/api/assistants/{uuid4()}", json={"Name": "x"})

    assert answer.status_code == 422
    assert problem(answer)["message"] == "There is nothing to change: give name, config or active."


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"hello", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"name": "x", "config": {"a": NaN}}', 422),
        (b'{"name": "x", "config": {"a": "\\ud800"}}', 422),
        (b'{"name": "\\ud800", "config": {}}', 422),
        (b'{"name": ' + b"9" * 5000 + b"}", 422),
        (b'{"name": "x", "config": {"a": ' + b"9" * 200_000 + b"}}", 422),
        (b'{"name": "x", "config": {"a": 1e999999}}', 422),
        (b'{"name": "x", "config": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", 422),
        (b'{"name": "x", "config": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}", 422),
    ],
)
def test_it_answers_400_when_the_body_is_no_json_and_422_when_it_cannot_be_stored(api, body, status) -> None:
    answer = api.post("/api/assistants", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == status, answer.text
    assert problem(answer)["code"] == "invalid_input"


def test_it_asks_for_json_when_the_content_type_is_another(api) -> None:
    answer = api.post("/api/assistants", content=json.dumps({"name": "x", "config": {}}).encode())

    assert answer.status_code == 422
    assert "Content-Type: application/json" in problem(answer)["message"]


def test_it_lists_the_accounts_phone_numbers(api) -> None:
    answer = api.get("/api/phone-numbers?limit=2").json()

    assert {line["id"] for line in answer["phone_numbers"]} <= set(LINES)
    assert answer["pagination"] == {"page": 1, "limit": 2, "total": 3, "pages": 2}
