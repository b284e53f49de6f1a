"""Vapi's server messages as they come over the wire; shapes from the provider's documentation, 2026-08."""

from __future__ import annotations

import copy
import json
from typing import Any

#: a snapshot from the call's creation: it stays "queued" whatever happens
STALE_CALL = {
    "orgId": "0a000000-0000-4000-8000-000000000001",
    "type": "outboundPhoneCall",
    "status": "queued",
    "createdAt": "2026-11-23T12:00:00.000Z",
    "updatedAt": "2026-11-23T12:00:00.000Z",
    "customer": {"number": "+14155550123", "name": "Ana"},
}


def call(provider_call_id: str, our_call_id: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(STALE_CALL) | {"id": provider_call_id}
    if our_call_id:
        found["assistantOverrides"] = {"metadata": {"autolynx_call_id": our_call_id}}
    return found


def status_update(
    provider_call_id: str, status: str, *, our_call_id: str | None = None, control_url: str | None = None, **others: Any
) -> bytes:
    message = {"type": "status-update", "status": status, "timestamp": 1774539800120}
    monitor = {"monitor": {"controlUrl": control_url}} if control_url else {}
    return body(message | {"call": call(provider_call_id, our_call_id) | monitor} | others)


def report(provider_call_id: str, *, our_call_id: str | None = None, **others: Any) -> bytes:
    message = {
        "type": "end-of-call-report",
        "timestamp": 1774539846900,
        "endedReason": "customer-ended-call",
        "startedAt": "2026-11-23T12:00:27.900Z",
        "endedAt": "2026-11-23T12:01:01.500Z",
        "cost": 0.05124,
        "analysis": {"summary": "Ana confirmed her appointment.", "successEvaluation": "true"},
        "artifact": {
            "messages": [
                {"role": "system", "message": "You call to confirm.", "time": 1774539807100, "secondsFromStart": 0},
                {"role": "bot", "message": "Hi Ana.", "time": 1774539809000, "secondsFromStart": 1.28},
                {"role": "user", "message": "Yes.", "time": 1774539812200, "secondsFromStart": 4.5},
            ],
            "transcript": "AI: Hi Ana.\nUser: Yes.\n",
            "recordingUrl": "https://storage.vapi.ai/1-mono.wav",
        },
    }
    return body(message | {"call": call(provider_call_id, our_call_id)} | others)


def body(message: dict[str, Any]) -> bytes:
    return json.dumps({"message": message}).encode()
