"""Hang-ups against canned answers on a real database: on which lane, how often, and as soon as it is known where to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from autolynx.calls.messages import receive
from autolynx.database import Database
from autolynx.dialing import mending
from autolynx.dialing.lanes import SIZES, Lane
from autolynx.dialing.switchboard import Switchboard
from autolynx.dialing.tick import tick
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.connection import CONNECTIONS
from rig import messages
from tests.support.canned import CannedProvider, StillClock, answer
from tests.support.desk import NOON, Desk
from tests.support.mending import Ledger, board_of, ledger_board


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOON)


def test_it_hangs_up_though_every_look_and_check_is_slow(desk: Desk, clock: StillClock) -> None:
    campaign = desk.campaign(3, now=datetime.now(UTC))
    for order in desk.claim(now=datetime.now(UTC)):
        desk.dial(order, now=datetime.now(UTC))
    desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True)
    lanes = Ledger(Lane.LOOK, Lane.CHECK, Lane.DIAL)

    tick(ledger_board(desk, lanes, clock))

    assert lanes.started == {Lane.HANG_UP: 3}


def test_it_hangs_a_call_up_once_at_a_time(desk: Desk, connection, clock: StillClock) -> None:
    campaign = desk.campaign(1, now=datetime.now(UTC))
    desk.dial(desk.claim(now=datetime.now(UTC))[0], now=datetime.now(UTC))
    desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True)
    lanes = Ledger()
    board = ledger_board(desk, lanes, clock)

    for _ in range(3):
        connection.execute("update public.calls set hang_up_at = now()")
        tick(board)

    assert lanes.started[Lane.HANG_UP] == 1


def test_it_asks_what_became_of_a_call_that_the_provider_cannot_end(desk: Desk, clock: StillClock) -> None:
    order, provider_call_id = desk.dialed(now=datetime.now(UTC))
    call = {"call_id": order["call_id"], "provider_call_id": provider_call_id, "control_url": "https://c.example/1"}

    assert not mending.hang_up(board_of(desk, CannedProvider(answer(404, {}), now=NOON), clock), call)

    assert len(desk.database.call("take_checks")["calls"]) == 1


@pytest.mark.parametrize("given", [answer(500, {}), answer(200, {})], ids=repr)
def test_it_asks_nothing_when_the_provider_takes_the_wish_or_is_in_trouble(
    desk: Desk, clock: StillClock, given: httpx.Response
) -> None:
    order, provider_call_id = desk.dialed(now=datetime.now(UTC))
    call = {"call_id": order["call_id"], "provider_call_id": provider_call_id, "control_url": "https://c.example/1"}

    mending.hang_up(board_of(desk, CannedProvider(given, now=NOON), clock), call)

    assert desk.database.call("take_checks")["calls"] == []


def told_by_the_answer(desk: Desk, _order: dict[str, Any], url: str) -> None:
    desk.database.call("confirm_call", call_id=_order["call_id"], provider_call_id="p1", control_url=url)


def told_by_a_message(desk: Desk, _order: dict[str, Any], url: str) -> None:
    body = messages.status_update("p1", "in-progress", control_url=url)
    assert receive(desk.database, Settings(_env_file=None), body).result == "applied"


@pytest.mark.parametrize("learns", [told_by_the_answer, told_by_a_message])
def test_it_hangs_up_as_soon_as_the_address_is_known_while_it_still_asks_for_it(
    desk: Desk, clock: StillClock, learns: Callable[..., None]
) -> None:
    asked, answered, ended = threading.Event(), threading.Event(), threading.Event()

    def reply(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            ended.set()
            return answer(200, {})
        asked.set()
        answered.wait(20)
        return answer(200, {"id": "p1"})

    now = datetime.now(UTC)
    desk.campaign(1, now=now)
    (order,) = desk.claim(now=now)
    desk.begin(order, now=now)
    desk.event("p1", "RINGING", call_id=order["call_id"], now=now)
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva")
    client = CannedProvider(reply).client(clock)
    board = Switchboard(desk.database, client, Settings(_env_file=None), worker="w1", clock=clock)
    try:
        tick(board)
        assert asked.wait(10)
        learns(desk, order, "https://c.example/1")
        tick(board)
        assert ended.wait(5)
    finally:
        answered.set()
        board.close()


def test_it_hangs_up_as_many_at_once_as_it_has_lanes_for() -> None:
    everybody = threading.Barrier(SIZES[Lane.HANG_UP])

    class Control(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            everybody.wait(15)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        request_queue_size = 2 * everybody.parties

    with Server(("127.0.0.1", 0), Control) as server, ThreadPoolExecutor(everybody.parties + 1) as threads:
        threads.submit(server.serve_forever)
        url = f"http://127.0.0.1:{server.server_port}"
        client = VapiClient(url, "key", timeout_seconds=20)
        try:
            list(threads.map(client.end_call, [f"{url}/control"] * everybody.parties))
        finally:
            client.close()
            server.shutdown()


def test_it_has_a_connection_for_whatever_goes_on_beside_the_hang_ups() -> None:
    assert sum(size for lane, size in SIZES.items() if lane is not Lane.HANG_UP) <= CONNECTIONS
