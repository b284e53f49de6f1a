"""Calls that are under way, and what the provider will report of each: three status updates and a report."""

from __future__ import annotations

import random
from typing import Any

import psycopg

from autolynx.calls.messages import receive
from autolynx.database.arguments import as_text, encode
from autolynx.settings import Settings
from rig import messages

CAMPAIGNS = 20
KINDS = 4  # messages a call
BETWEEN = 128  # other calls whose messages come between two of one call, so that those never race each other
_DESK = f"""
with assistant as (
    insert into public.assistants (name, provider_assistant_id) values ('Ada', 'provider-assistant') returning id
), campaign as (
    insert into public.campaigns (name, cap, assistant_id, phone_number_id, total_contacts, status, started_at)
    select 'Campaign ' || n, 50, assistant.id, 'line-1', %(calls)s / {CAMPAIGNS}, 'RUNNING', now()
    from assistant, generate_series(1, {CAMPAIGNS}) n
    returning id
), contact as (
    insert into public.contacts (campaign_id, name, business_name, phone, position, state, attempts, last_call_id)
    select campaign.id, 'Person ' || n, 'Firm ' || n, '+1' || 2000000000 + row_number() over (), n, 'calling', 1,
           gen_random_uuid()
    from campaign, generate_series(1, %(calls)s / {CAMPAIGNS}) n
    returning id, campaign_id, phone, last_call_id
)
insert into public.calls (id, campaign_id, contact_id, phone, provider_call_id, phone_number_id, dial_state, claimed_by,
                          lease_expires_at, dialed_at)
select last_call_id, campaign_id, id, phone, 'provider-' || last_call_id, 'line-1', 'confirmed', 'bench', now(), now()
from contact returning id, provider_call_id
"""
_LINES = (
    ("bot", "Hi, this is Ada from Northwind. Do you have half a minute for why I am calling you today?"),
    ("user", "Well, I am about to walk into a meeting, but go ahead, as long as it is really only half a minute."),
    ("bot", "Thank you. We help firms like yours answer every call within two rings, day and night, weekends too."),
    ("user", "We have somebody at the desk until six. After that it goes to voicemail, which nobody likes much."),
    ("bot", "That is what most owners tell me. Would it help if those calls were answered and booked for you?"),
    ("user", "It might. What does it cost? We looked at something like this last year and it was far too much."),
    ("bot", "It depends on your calls a month; most pay less than for one evening shift. Shall I send you figures?"),
    ("user", "Yes, send them to the office address. And call me again on Thursday, not before ten, please."),
)


def calls_under_way(connection: psycopg.Connection, count: int) -> list[tuple[str, str]]:
    """Make so many dialed calls and return our id and the provider's of each, the campaigns well mixed."""
    rows = connection.execute(_DESK, {"calls": count}).fetchall()
    connection.execute("vacuum analyze")
    random.Random(1).shuffle(rows)
    return [(str(ours), provider) for ours, provider in rows]


def bodies(calls: list[tuple[str, str]]) -> list[bytes]:
    """Every message about these calls, as they come in a busy hour: kinds mixed, each call's in their order."""
    slots = [
        (number + kind * BETWEEN, body)
        for number, call in enumerate(calls)
        for kind, body in enumerate(_messages(*call))
    ]
    return [body for _, body in sorted(slots, key=lambda slot: slot[0])]


def as_row(number: int, body: bytes, settings: Settings) -> list[Any]:
    """A message as a line of the table pgbench reads: what our own code would call `record_event` with."""
    recorder = _Recorder()
    receive(recorder, settings, body)
    return [number, as_text(encode(recorder.arguments)["p_event"])]


class _Recorder:
    """In place of the database: keeps what was asked of it."""

    arguments: dict[str, Any]

    def call(self, _function: str, /, **arguments: Any) -> dict[str, Any]:
        self.arguments = arguments
        return {"result": "applied"}


def _messages(ours: str, provider: str) -> list[bytes]:
    overrides = {"assistantOverrides": _overrides(ours)}
    call = messages.call(provider) | overrides | {"customer": {"number": "+14155550123", "externalId": ours}}
    updates = [
        messages.status_update(provider, "ringing", call=call),
        messages.status_update(provider, "in-progress", call=call),
        messages.status_update(provider, "ended", call=call, endedReason="customer-ended-call"),
    ]
    return [*updates, messages.report(provider, call=call, artifact=_artifact())]


def _overrides(ours: str) -> dict[str, Any]:
    return {
        "metadata": {"autolynx_call_id": ours},
        "variableValues": {"name": "Ana Bell", "business_name": "Bell and Sons", "phone": "+14155550123"},
        "serverMessages": ["status-update", "end-of-call-report"],
        "server": {
            "url": "https://desk.example.com/webhooks/vapi",
            "timeoutSeconds": 20,
            "backoffPlan": {"type": "exponential", "maxRetries": 5, "baseDelaySeconds": 1},
        },
    }


def _artifact() -> dict[str, Any]:
    turns = [
        {"role": role, "message": text, "time": 1774539807100 + n, "endTime": 1774539809100 + n,
         "secondsFromStart": 1.28 + n, "duration": 2000}
        for n, (role, text) in enumerate(_LINES)
    ]  # fmt: skip
    roles = {"bot": "assistant", "user": "user"}
    return {
        "messages": turns,
        "messagesOpenAIFormatted": [{"role": roles[role], "content": text} for role, text in _LINES],
        "transcript": "".join(f"{'AI' if role == 'bot' else 'User'}: {text}\n" for role, text in _LINES),
        "recordingUrl": "https://storage.vapi.ai/1-mono.wav",
        "stereoRecordingUrl": "https://storage.vapi.ai/1-stereo.wav",
    }


def lengths(found: list[bytes]) -> dict[str, int]:
    """The shortest and the longest message, in bytes."""
    sizes = [len(body) for body in found]
    return {"shortest_bytes": min(sizes), "longest_bytes": max(sizes), "mean_bytes": sum(sizes) // len(sizes)}
