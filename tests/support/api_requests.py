"""What tests of the API send again and again."""

from __future__ import annotations

from typing import Any

import httpx

CSV = b"""Name,Business Name,Phone
Ana Bell,Bell & Co,+1 415 555 0123
Bo,,+14155550124
Cy,Cy Ltd,+14155550125
"""
LINES = (
    "0c000000-0000-4000-8000-000000000001",
    "0c000000-0000-4000-8000-000000000002",
    "0c000000-0000-4000-8000-000000000003",
)
CONFIG = {
    "systemPrompt": "Sell.",
    "firstMessage": "Hi {{name}}",
    "voice": {"provider": "11labs", "voiceId": "x"},
}


def new_assistant(api: httpx.Client, name: str = "Ada", **config: Any) -> dict[str, Any]:
    answer = api.post("/api/assistants", json={"name": name, "config": CONFIG | config})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()["assistant"]
    return created


def upload(api: httpx.Client, content: bytes = CSV, **fields: Any) -> httpx.Response:
    return api.post("/api/campaigns", data=fields, files={"contacts": ("contacts.csv", content, "text/csv")})


def new_campaign(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    given = {"name": "Spring", "assistant_id": new_assistant(api)["id"], "phone_number_id": LINES[0]} | fields
    answer = upload(api, **given)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()["campaign"]
    return created
