"""How busy the lines are while somebody waits to be called, counted in the provider's books."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autolynx.database import connect
from autolynx.dialing.scheduler import dialing_client
from autolynx.dialing.switchboard import Switchboard
from autolynx.dialing.tick import tick
from bench.figures import Figure
from bench.postgres import home
from rig.postgrest_server import SERVICE_KEY, PostgrestServer
from rig.product import Product, running
from rig.servers import Server
from rig.waiting import eventually

SPEED = 10
CALL_SECONDS = (4.0, 8.0)  # on the wall, from creation to end
MEASURED_SECONDS = 32
#: bad weather: calls of a minute, and three answers in a hundred a 5xx, half of them with a call all the same
LONG_CALL_SECONDS = (55.0, 65.0)
LONG_MEASURED_SECONDS = 300
FAULTS = {"rate_5xx_before": 0.015, "rate_5xx_after": 0.015}
OLD_TICK_SECONDS = 60
LINES_OF_THE_ACCOUNT = 60
ENVIRONMENT = {
    "ORGANIZATION_CONCURRENCY_CAP": str(LINES_OF_THE_ACCOUNT),
    "CLAIM_LEASE_SECONDS": "60",
    "RECONCILE_AFTER_SECONDS": "60",
    "DIAL_VISIBILITY_SECONDS": "600",
}


@dataclass(frozen=True)
class Use:
    """What the lines did: their mean use from 0 to 1, and how far the cap was reached."""

    share: float
    peak: int
    calls: int


def measure(server: Server) -> list[Figure]:
    """Eight lines through both transports, and under the old tick, side by side; then fifty, one after the other."""
    with ThreadPoolExecutor(3) as pool:
        old = pool.submit(_old_tick, server, cap=8)
        eight = pool.submit(_lines, server, cap=8, through="postgres")
        eight_supabase = pool.submit(_lines, server, cap=8, through="supabase")
    fifty = _lines(server, cap=50, through="postgres")
    fifty_supabase = _lines(server, cap=50, through="supabase")
    bad_weather = _bad_weather(server, cap=50)
    tick = f"a {OLD_TICK_SECONDS}-second tick: {old.result().share:.2f}"
    return [
        _figure(8, "postgres", eight.result(), 0.98, tick),
        _figure(8, "supabase", eight_supabase.result(), 0.88),
        _figure(50, "postgres", fifty, 0.98),
        _figure(50, "supabase", fifty_supabase, 0.88),
        _figure(50, "postgres, 3 % of answers 5xx, calls of a minute", bad_weather, 0.85),
    ]


def share_of_lines(calls: list[dict[str, Any]], cap: int, since: datetime, until: datetime) -> float:
    """Busy time of all lines in a span over the span times the cap; a call holds its line from creation to end."""
    busy = 0.0
    for call in calls:
        began = max(_time(call["created_at"]), since)
        ended = min(_time(call["ended_at"]) if call["ended_at"] else until, until)
        busy += max((ended - began).total_seconds(), 0)
    return busy / (cap * (until - since).total_seconds())


def _figure(cap: int, through: str, use: Use, target: float, remark: str = "") -> Figure:
    details = {"peak": use.peak, "calls": use.calls}
    name = f"line use, cap {cap}, {through}"
    return Figure(name, use.share, "of the lines", target, is_floor=True, remark=remark, details=details)


def _lines(server: Server, *, cap: int, through: str) -> Use:
    """The product at work. Measured from one longest call after the first dial, so that it has found its pace."""
    with _product(server, through) as product:
        product.start_scheduler()
        return _measured(product, cap, wait_seconds=CALL_SECONDS[1], measured_seconds=MEASURED_SECONDS)


def _bad_weather(server: Server, *, cap: int) -> Use:
    """A dial that was answered with a 5xx holds its line for a minute and a half, unless a look finds its call."""
    knobs: dict[str, Any] = {"speed": 1, "call_seconds": list(LONG_CALL_SECONDS), **FAULTS}
    with _product(server, "postgres", **knobs) as product:
        product.start_scheduler()
        wait = LONG_CALL_SECONDS[1]
        return _measured(product, cap, wait_seconds=wait, measured_seconds=LONG_MEASURED_SECONDS)


def _old_tick(server: Server, *, cap: int) -> Use:
    """The product's own pieces, but lines are refilled once a minute: measured from a first dial to the next."""
    with _product(server, "postgres") as product:
        stopping = threading.Event()
        thread = threading.Thread(target=_tick_now_and_then, args=(product, stopping))
        thread.start()
        try:
            return _measured(product, cap, wait_seconds=0, measured_seconds=OLD_TICK_SECONDS)
        finally:
            stopping.set()
            thread.join()


def _tick_now_and_then(product: Product, stopping: threading.Event) -> None:
    with connect(product.settings) as database:
        client = dialing_client(product.settings)
        board = Switchboard(database, client, product.settings, worker="a tick a minute")
        while not tick(board).claimed and not stopping.wait(0.1):
            pass  # the campaign is being made
        while not stopping.wait(OLD_TICK_SECONDS):
            tick(board)
        board.close()
        client.close()


@contextlib.contextmanager
def _product(server: Server, through: str, **knobs: Any) -> Iterator[Product]:
    """Simulator and webhook server, on a database of their own through one transport; nobody dials yet."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(server.database())
        environment = dict(ENVIRONMENT)
        if through == "supabase":
            postgrest = stack.enter_context(PostgrestServer(url))
            environment |= {"SUPABASE_URL": postgrest.url, "SUPABASE_SERVICE_ROLE_KEY": SERVICE_KEY}
        product = stack.enter_context(running(url, stack.enter_context(home()), **environment))
        calm = {"speed": SPEED, "call_seconds": [seconds * SPEED for seconds in CALL_SECONDS]}
        product.start_simulator(concurrency_limit=LINES_OF_THE_ACCOUNT, **(calm | knobs))
        product.start_webhook_server()
        product.database.call("set_organization_cap", cap=LINES_OF_THE_ACCOUNT)
        yield product


def _measured(product: Product, cap: int, *, wait_seconds: float, measured_seconds: float) -> Use:
    """Give it more contacts than it can call in the time, and read the books when the time is over."""
    contacts = int(2 * cap * (wait_seconds + measured_seconds) / CALL_SECONDS[0])
    product.campaign(contacts, cap=cap)
    first = eventually(lambda: _first_dial(product), "the first call")
    since = first + wait_seconds
    time.sleep(max(since + measured_seconds - time.time(), 0))
    span = (datetime.fromtimestamp(moment, UTC) for moment in (since, since + measured_seconds))
    books = product.books()
    return Use(share_of_lines(books["calls"], cap, *span), books["peak_concurrency"], len(books["calls"]))


def _first_dial(product: Product) -> float | None:
    calls = product.books()["calls"]
    return min(_time(call["created_at"]).timestamp() for call in calls) if calls else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
