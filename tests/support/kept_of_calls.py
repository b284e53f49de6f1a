"""What is kept of calls that are over, and how much of it is left: by this a deletion is judged."""

from __future__ import annotations

from typing import Any

from tests.support.desk import Desk, later

KEPT_OF_CALLS = ("contacts", "calls", "call_events", "stray_events", "stray_senders")


def count(desk: Desk, table: str) -> int:
    return desk.execute(f"select count(*)::int from public.{table}")[0][0]


def over(desk: Desk, campaign: str) -> list[tuple[dict[str, Any], str]]:
    """Every contact's call dialed and reported: the orders and the provider's ids."""
    calls = []
    while orders := desk.claim():
        for order in orders:
            provider = desk.dial(order)
            desk.event(provider, "RINGING")
            desk.report(provider, now=later(9))
            calls.append((order, provider))
    assert desk.read(campaign)["status"] == "COMPLETED"
    return calls
