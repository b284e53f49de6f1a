"""Looks, checks and hang-ups against canned answers, on a real database: by whose clock, on which lane, how many."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import psycopg
import pytest

from autolynx.calls.events import Receipt
from autolynx.calls.messages import receive
from autolynx.calls.snapshots import record_snapshot
from autolynx.database import Database
from autolynx.dialing import mending
from autolynx.dialing.allowance import MOST_CHECKS_SAVED_UP
from autolynx.dialing.lanes import SIZES, Lane
from autolynx.dialing.switchboard import Switchboard
from autolynx.dialing.tick import tick
from autolynx.errors import Busy
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from autolynx.vapi.connection import CONNECTIONS
from autolynx.vapi.wire import WireCall
from rig import messages
from tests.support.canned import CannedProvider, StillClock, answer
from tests.support.desk import NOON, Desk, later

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOON)


def board_of(desk: Desk, provider: CannedProvider, clock: StillClock) -> Switchboard:
    return Switchboard(desk.database, provider.client(clock), Settings(_env_file=None), worker="w1", clock=clock)


def doubt(call_id: str | None = None, ahead: float | None = None) -> dict[str, Any]:
    return {"call_id": call_id or str(uuid.uuid4()), "age_seconds": 10, "provider_ahead_seconds": ahead}


def asked_since(request: httpx.Request) -> datetime:
    return datetime.fromisoformat(request.url.params["createdAtGe"])


@pytest.mark.parametrize("ahead", [-360, 0, 360, 7200])
def test_it_asks_for_a_list_from_an_hour_before_the_dial_by_the_clock_that_is_behind(
    desk: Desk, clock: StillClock, ahead: float
) -> None:
    provider = CannedProvider(answer(200, []), now=later(ahead))
    board = board_of(desk, provider, clock)
    mending.look(board, "line-1", [doubt()], NOON)  # the first answer tells the time
    clock.sleep(5)
    provider.now = later(ahead + 5)

    mending.look(board, "line-1", [doubt(ahead=ahead), doubt(ahead=ahead)], later(5))

    assert asked_since(provider.requests[-1]) == later(5 - 10 + min(ahead, 0)) - HOUR


def test_it_looks_further_back_when_the_providers_clock_has_moved_since_the_dial(desk: Desk, clock: StillClock) -> None:
    provider = CannedProvider(answer(200, []), now=later(7200))
    board = board_of(desk, provider, clock)
    mending.look(board, "line-1", [doubt()], NOON)

    mending.look(board, "line-1", [doubt(ahead=0)], NOON)

    assert asked_since(provider.requests[-1]) == later(-10 - 7200) - HOUR


def test_it_goes_by_its_own_clock_while_the_provider_has_told_none(desk: Desk, clock: StillClock) -> None:
    provider = CannedProvider(answer(200, []))

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(ahead=0)], NOON)

    assert asked_since(provider.requests[0]) == later(-10) - HOUR


def test_it_finds_a_call_stamped_by_a_clock_that_nobody_had_seen_and_that_is_right_again(
    desk: Desk, connection, clock, doubted
) -> None:
    call = {"id": "p1", "status": "ringing", "createdAt": later(-7200).isoformat(), "name": doubted["call_id"]}

    def listed(request: httpx.Request) -> httpx.Response:
        return answer(200, [call] if asked_since(request) <= later(-7200) else [])

    def answered(request: httpx.Request) -> httpx.Response:
        return listed(request) if request.url.path == "/call" else answer(200, call)

    board = board_of(desk, CannedProvider(answered, now=NOON), clock)
    mending.look(board, "line-2", [doubt()], NOON)  # by now the provider's clock is known, and right

    assert mending.look(board, "line-1", [doubt(doubted["call_id"])], later(1)) == 1


def test_it_looks_back_a_day_when_the_providers_clock_was_not_known_at_the_dial(desk: Desk, clock: StillClock) -> None:
    provider = CannedProvider(answer(200, []), now=NOON)

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(), doubt(ahead=0)], NOON)

    assert asked_since(provider.requests[0]) == later(-10) - DAY - HOUR


def looks(connection) -> int:
    return int(connection.execute("select looks from public.calls").fetchone()[0])


@pytest.fixture
def doubted(desk: Desk) -> dict[str, Any]:
    desk.campaign(1)
    order = desk.claim()[0]
    desk.in_doubt(order)
    return order


def test_it_counts_a_list_that_does_not_show_the_call(desk: Desk, connection, clock, doubted) -> None:
    provider = CannedProvider(answer(200, [{"id": "p9", "name": "another"}]), now=NOON)

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(doubted["call_id"])], later(10))

    assert looks(connection) == 1


def test_it_does_not_count_what_the_databases_clock_has_gained_since_the_dial(desk: Desk, connection, clock) -> None:
    desk.campaign(1)
    (order,) = desk.claim()
    desk.begin(order, provider_now=later(20))
    desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)
    provider = CannedProvider(answer(200, []), now=later(40))  # twenty seconds have passed there

    mending.look(board_of(desk, provider, clock), "line-1", [doubt(order["call_id"], ahead=20)], later(900))

    assert connection.execute("select last_look_at from public.calls").fetchone()[0] == later(20)


@pytest.mark.parametrize("given", [answer(500, {}), answer(200, {}), httpx.ReadTimeout("slow")], ids=repr)
def test_it_counts_no_list_that_it_could_not_read(desk: Desk, connection, clock, doubted, given) -> None:
    board = board_of(desk, CannedProvider(given, now=NOON), clock)

    mending.look(board, "line-1", [doubt(doubted["call_id"])], later(10))

    assert looks(connection) == 0


def test_it_counts_no_list_during_which_the_providers_clock_was_set(desk: Desk, connection, clock, doubted) -> None:
    provider = CannedProvider(answer(200, []), now=NOON)
    board = board_of(desk, provider, clock)
    mending.look(board, "line-2", [doubt()], NOON)
    provider.now = later(-1800)

    mending.look(board, "line-1", [doubt(doubted["call_id"])], NOON)

    assert looks(connection) == 0


@pytest.mark.parametrize(
    "mark",
    [
        lambda call_id: {"name": call_id},
        lambda call_id: {"customer": {"externalId": call_id}},
        lambda call_id: {"assistantOverrides": {"metadata": {"autolynx_call_id": call_id}}},
    ],
    ids=["name", "externalId", "metadata"],
)
def test_it_adopts_what_it_finds_and_asks_what_became_of_it(
    desk: Desk, clock, doubted, mark: Callable[[str], dict[str, Any]]
) -> None:
    call = {"id": "p1", "status": "in-progress", "createdAt": NOON.isoformat()} | mark(doubted["call_id"])
    provider = CannedProvider(answer(200, [call]), answer(200, [call]), answer(200, call), now=NOON)

    assert mending.look(board_of(desk, provider, clock), "line-1", [doubt(doubted["call_id"])], NOON) == 1

    found = desk.call(doubted)
    assert (found["provider_call_id"], found["status"]) == ("p1", "IN_PROGRESS")


def test_it_records_what_the_provider_answered_though_a_message_holds_the_call_for_a_moment(
    desk: Desk, connection: psycopg.Connection, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, provider_call_id = desk.dialed()
    provider = CannedProvider(answer(200, {"id": provider_call_id, "status": "in-progress"}), now=NOON)
    connection.autocommit = False
    connection.execute("select from public.calls for update")
    monkeypatch.setattr(clock, "sleep", lambda _: connection.rollback())

    call = {"call_id": order["call_id"], "provider_call_id": provider_call_id}
    assert mending.check(board_of(desk, provider, clock), call)

    assert desk.call(order)["status"] == "IN_PROGRESS"


def test_it_takes_over_the_others_when_one_call_is_held_for_long(
    desk: Desk, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.campaign(2, cap=2)
    orders = desk.claim()
    for order in orders:
        desk.in_doubt(order)
    listed = [{"id": f"p-{order['call_id']}", "name": order["call_id"], "status": "ringing"} for order in orders]
    provider = CannedProvider(answer(200, listed), now=NOON)
    found = {call["id"]: WireCall.model_validate(call) for call in listed}

    def record(database: Database, settings: Settings, call: WireCall) -> Receipt:
        if call.id == listed[0]["id"]:
            raise Busy
        return record_snapshot(database, settings, call)

    monkeypatch.setattr(mending, "record_snapshot", record)
    monkeypatch.setattr(VapiClient, "get_call", lambda _, call_id: found[call_id])

    doubts = [doubt(order["call_id"]) for order in orders]
    assert mending.look(board_of(desk, provider, clock), "line-1", doubts, NOON) == 2

    assert [desk.call(order)["status"] for order in orders] == ["QUEUED", "RINGING"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(404, {}), (True, 1)),
        (answer(200, {"id": "p1", "status": "not-found"}), (True, 1)),
        (answer(500, {}), (True, 0)),
        (answer(200, {"id": "p1", "status": "ringing"}), (False, 0)),
        (answer(200, {"id": "p1", "status": "in-progress", "createdAt": later(-12.9 * 3600).isoformat()}), (False, 0)),
        (answer(200, {"id": "p1", "status": "in-progress", "createdAt": later(-13.1 * 3600).isoformat()}), (True, 1)),
        (answer(200, {"id": "p1", "status": "ended", "createdAt": later(-13.1 * 3600).isoformat()}), (False, 0)),
    ],
    ids=["404", "not-found", "500", "ringing", "for long", "for longer than a call can last", "over"],
)
def test_it_notes_what_the_provider_does_not_know_or_cannot_tell(
    desk: Desk, connection, clock, given, expected: tuple[bool, int]
) -> None:
    order, provider_call_id = desk.dialed()
    call = {"call_id": order["call_id"], "provider_call_id": provider_call_id}
    if given.status_code == 200:
        given = answer(200, given.json() | {"id": provider_call_id})

    mending.check(board_of(desk, CannedProvider(given, now=NOON), clock), call)

    row = "select unanswered_since is not null, unknown_answers from public.calls"
    assert connection.execute(row).fetchone() == expected


class Ledger:
    """Lanes that only write down what would go on in them; some are full."""

    def __init__(self, *full: Lane) -> None:
        self.started: Counter[Lane] = Counter()
        self._full = full

    def start(self, lane: Lane, _work: Callable[[], None]) -> None:
        self.started[lane] += 1

    def free(self, lane: Lane) -> int:
        return 0 if lane in self._full else SIZES[lane] - self.started[lane]

    def finish(self, timeout_seconds: float | None = None) -> None: ...

    def close(self) -> None: ...


def ledger_board(desk: Desk, lanes: Ledger, clock: StillClock) -> Switchboard:
    settings = Settings(_env_file=None)
    client = CannedProvider(answer(200, [])).client(clock)
    return Switchboard(desk.database, client, settings, worker="w1", clock=clock, lanes=lanes)


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


def test_it_reads_one_list_of_what_was_forgotten_at_a_time(desk: Desk, connection, clock: StillClock) -> None:
    desk.database.call("begin_recovery", actor="Eva")
    lanes = Ledger()
    board = ledger_board(desk, lanes, clock)

    for _ in range(3):
        connection.execute("update public.settings set recovery_after = null")
        tick(board)

    assert lanes.started == {Lane.LOOK: 1}


def test_it_reads_the_next_list_when_the_last_is_read(desk: Desk, connection, clock: StillClock) -> None:
    desk.database.call("begin_recovery", actor="Eva")
    provider = CannedProvider(answer(500, {}), now=NOON)
    board = board_of(desk, provider, clock)

    for _ in range(3):
        connection.execute("update public.settings set recovery_after = null")
        tick(board, wait_for_answers=True)
    board.close()

    assert len(provider.requests) == 3


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


def test_it_asks_about_silent_calls_within_a_budget(desk: Desk, clock: StillClock) -> None:
    desk.database.call("set_organization_cap", cap=100)
    desk.campaign(40, cap=50)
    for order in desk.claim():
        desk.dial(order)  # yesterday: all of them are silent
    lanes = Ledger()
    board = ledger_board(desk, lanes, clock)
    checks = []

    for _ in range(4):
        tick(board)
        checks.append(lanes.started.pop(Lane.CHECK, 0))
        clock.sleep(0.5)

    assert checks[0] <= MOST_CHECKS_SAVED_UP
    assert sum(checks) <= MOST_CHECKS_SAVED_UP + 1.5 * 5
    assert all(checks)


def recovered(desk: Desk, clock: StillClock, *listed: dict[str, Any]) -> bool:
    """Ask once for what was forgotten, when the provider's list shows this; whether to ask again in a minute."""
    desk.database.call("begin_recovery", actor="Eva", since=NOON, now=NOON)
    provider = CannedProvider(
        lambda request: answer(200, list(listed) if request.url.path == "/call" else listed[0]), now=NOON
    )
    mending.recover(board_of(desk, provider, clock), 60, later(30), later(600))
    return bool(desk.database.call("take_recovery", now=later(61))["is_due"])


def is_counted(connection) -> bool:
    """Whether the list counts as one of which everything was taken over."""
    return connection.execute("select recovery_began_at is not null from public.settings").fetchone()[0]


@pytest.mark.parametrize(
    ("status", "made_at", "is_waited_for"),
    [
        pytest.param("in-progress", 0, True, id="under way"),
        pytest.param("in-progress", None, True, id="made who knows when"),
        pytest.param("ended", 0, False, id="over"),
        pytest.param("not-found", 0, False, id="lost by the provider"),
        pytest.param("in-progress", -14 * 3600, False, id="hangs for hours"),
        pytest.param("in-progress", 600 + 3601, False, id="made by another installation since"),
    ],
)
def test_it_dials_nobody_while_a_call_of_a_campaign_that_was_forgotten_is_under_way(
    desk: Desk, connection, clock, status: str, made_at: int | None, is_waited_for: bool
) -> None:
    ours = str(uuid.uuid4())
    metadata = {"autolynx_call_id": ours, "autolynx_campaign_id": str(uuid.uuid4()), "attempt": 1}
    stamp = None if made_at is None else later(made_at).isoformat()
    call = {
        "id": "p1", "status": status, "name": ours, "createdAt": stamp,
        "customer": {"number": "+14155550001", "externalId": ours}, "assistantOverrides": {"metadata": metadata},
    }  # fmt: skip

    assert recovered(desk, clock, call)

    assert is_counted(connection) != is_waited_for
    codes = [alarm["code"] for alarm in desk.database.call("list_alarms")["alarms"]]
    assert ("foreign_call" in codes) == is_waited_for


def test_it_tells_a_recovery_how_far_ahead_the_providers_clock_was(desk: Desk, connection, clock) -> None:
    assert recovered(desk, clock, {"id": "p1", "status": "ended", "createdAt": NOON.isoformat()})

    assert connection.execute("select recovery_ahead_seconds from public.settings").fetchone()[0] == -30


def test_it_waits_for_no_call_that_another_program_made(desk: Desk, connection, clock) -> None:
    call = {"id": "p1", "status": "in-progress", "name": str(uuid.uuid4()), "createdAt": NOON.isoformat()}

    assert recovered(desk, clock, call)

    assert is_counted(connection)


def test_it_takes_over_what_it_can_beside_a_call_that_no_database_could_store(desk: Desk, connection, clock) -> None:
    call = {
        "id": "p\x001", "status": "ended", "createdAt": NOON.isoformat(),
        "customer": {"number": "+1415\x00\ud800", "externalId": str(uuid.uuid4())}, "monitor": {"controlUrl": "\x00"},
    }  # fmt: skip

    assert recovered(desk, clock, call)

    assert is_counted(connection)


def test_it_takes_over_a_forgotten_call_of_which_the_provider_repeats_only_the_customer(desk: Desk, clock) -> None:
    campaign = desk.campaign(1)
    (contact,) = desk.all_contacts(campaign)
    call = {
        "id": "p1", "status": "in-progress", "createdAt": NOON.isoformat(),
        "customer": {"number": contact["phone"], "externalId": str(uuid.uuid4())},
    }  # fmt: skip

    assert recovered(desk, clock, call)

    assert desk.all_contacts(campaign)[0]["state"] == "calling"
