"""Where a call is ended: the address is learnt from whatever tells it, and followed only where that is safe."""

from __future__ import annotations

from typing import Any

import pytest

from autolynx.calls.snapshots import record_snapshot
from autolynx.database import Database
from autolynx.settings import Settings
from autolynx.vapi.wire import WireCall
from rig import messages
from tests.support.desk import NOON, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def to_hang_up(desk: Desk, order: dict[str, Any]) -> str | None:
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)
    (call,) = desk.hang_ups(0)
    return call["control_url"]


def begun(desk: Desk) -> dict[str, Any]:
    """A dial whose answer has not come yet."""
    desk.campaign(1)
    order = desk.claim()[0]
    desk.begin(order)
    return order


def test_it_learns_from_the_first_message_where_a_call_is_ended(desk: Desk, take) -> None:
    order = begun(desk)

    take(messages.status_update("p1", "ringing", our_call_id=order["call_id"], control_url="https://c.example/1"))
    take(messages.status_update("p1", "in-progress", control_url="https://c.example/2"))

    assert to_hang_up(desk, order) == "https://c.example/1"


@pytest.mark.parametrize("url", ["http://c.example/1", "https://a:b@c.example/1", "file:///etc/passwd", "c"])
def test_it_keeps_no_address_that_may_not_be_followed(desk: Desk, take, url: str) -> None:
    order = begun(desk)

    take(messages.status_update("p1", "ringing", our_call_id=order["call_id"], control_url=url))

    assert to_hang_up(desk, order) is None


def test_it_learns_where_a_call_is_ended_when_it_asks_for_the_call(desk: Desk, settings: Settings, take) -> None:
    order = begun(desk)
    take(messages.status_update("p1", "ringing", our_call_id=order["call_id"]))

    answer = messages.call("p1") | {"status": "ringing", "monitor": {"controlUrl": "https://c.example/1"}}
    record_snapshot(desk.database, settings, WireCall.model_validate(answer))

    assert to_hang_up(desk, order) == "https://c.example/1"
