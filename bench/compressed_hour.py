"""An hour of calling in a minute, with a provider that loses, doubles and reorders messages: are our books right?"""

from __future__ import annotations

from collections import Counter
from typing import Any

from bench.figures import Figure
from bench.postgres import home, loaded
from rig.books import differences, our_calls
from rig.product import running
from rig.servers import Server
from rig.waiting import eventually

SPEED = 60
CONTACTS = 360  # they keep eight lines busy for about an hour
MISCHIEF = {"webhook_drop_rate": 0.15, "webhook_double_rate": 0.15, "webhook_reorder_rate": 0.15}
LONGEST_SECONDS = 200  # for hangs only


def measure(server: Server) -> list[Figure]:
    """Compare our table of calls with the provider's books, at the campaign's end."""
    with loaded(server) as (url, connection), home() as folder, running(url, folder) as product:
        product.start_simulator(speed=SPEED, seed=3, **MISCHIEF)
        product.start_webhook_server()
        product.start_scheduler()
        campaign = product.campaign(CONTACTS)
        product.wait_for(campaign, "COMPLETED", LONGEST_SECONDS)
        eventually(lambda: product.books()["active"] == 0, "the provider's last call to end")
        books = product.books()
        found = differences(our_calls(connection), books["calls"])
    return [_figure(books, found)]


def _figure(books: dict[str, Any], found: list[str]) -> Figure:
    times = Counter(Counter(books["dials_by_number"]).values())
    mischief = {name: books["webhooks"][name] for name in ("sent", "dropped", "doubled", "reordered")}
    remark = f"{len(books['calls'])} calls, {times[1]} of {CONTACTS} numbers phoned once; " + ", ".join(
        f"{count} messages {name}" for name, count in mischief.items()
    )
    details = {"webhooks": books["webhooks"], "differences": found[:50]}
    return Figure("compressed hour", len(found), "differences", 0, is_floor=False, remark=remark, details=details)
