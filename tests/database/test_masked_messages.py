"""Messages that repeat a secret: it is masked wherever it stands."""

from __future__ import annotations

import json

import pytest

from autolynx.calls.messages import receive
from autolynx.database import Database
from rig import messages
from tests.support.desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_it_masks_what_is_secret_far_down(desk: Desk, settings, connection) -> None:
    _order, provider = desk.dialed()
    secrets = {"apiKey": "s3cr3t", "headers": {"X": "s3cr3t"}, "note": f"it is {settings.webhook_secret}"}
    body = messages.status_update(provider, "ringing", near=secrets, deep="here")
    for depth in (150, 300, 3_000):
        receive(
            desk.database,
            settings,
            body.replace(b'"here"', b"[" * depth + json.dumps(secrets).encode() + b"]" * depth),
        )

    stored = "".join(row[0] for row in connection.execute("select payload::text from public.call_events").fetchall())
    assert "ringing" in stored
    assert all(word not in stored for word in (settings.webhook_secret, "s3cr3t"))


def test_it_masks_secrets_wherever_the_provider_repeats_them(desk: Desk, settings, connection) -> None:
    _order, provider = desk.dialed()
    secret = settings.webhook_secret
    server = {"url": "https://x", "headers": {"X-Vapi-Secret": secret, "X-Other": "token-of-others"}, "secret": "s3"}
    tools = [{"server": {"headers": {"Authorization": "Bearer token-of-others"}}}]
    call = messages.call(provider) | {"assistantOverrides": {"server": server, "model": {"tools": tools}}}

    body = messages.body({"type": "status-update", "status": "ringing", "call": call, "note": f"it is {secret}!"})
    receive(desk.database, settings, body)

    stored = connection.execute("select payload::text from public.call_events").fetchone()[0]
    assert "ringing" in stored
    assert all(word not in stored for word in (secret, "token-of-others", "s3"))
