"""The ends of calls and campaigns, and calls that nobody knew."""

from __future__ import annotations

import uuid

from tests.database.pairs.floor import call, code, contact, origin
from tests.database.pairs.pair import Guard, Pair, guarded
from tests.support.desk import NOON, Desk, later


@guarded(Guard("public.hang_up_call"), Guard("internal.call_of_event"))
def hang_up_and_report(desk: Desk) -> Pair:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)
    return Pair(
        lambda: desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)["id"],
        lambda: desk.report(provider)["result"],
        lambda one, _: (code(one) == "LX121", call(desk, order, "status", "hang_up_by"), desk.read(campaign)["status"]),
        (False, ("CANCELED", "Eva"), "COMPLETED"),
        (True, ("ENDED", None), "COMPLETED"),
    )


@guarded(Guard("internal.call_of_event"))
def stop_with_hang_up_and_report(desk: Desk) -> Pair:
    campaign = desk.campaign(2)
    order, provider = desk.dialed(campaign)
    return Pair(
        lambda: desk.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True, now=NOON)["live_calls"],
        lambda: desk.report(provider)["result"],
        lambda one, two: (one, two, call(desk, order, "status", "hang_up_by"), desk.read(campaign)["status"]),
        (1, "applied", ("CANCELED", "Eva"), "CANCELED"),
        (0, "applied", ("ENDED", None), "CANCELED"),
    )


@guarded(Guard("internal.settle_contact", "perform internal.lock_campaign(p_call.campaign_id);"))
def report_and_report_of_the_last_two(desk: Desk) -> Pair:
    campaign = desk.campaign(2)
    first, second = (desk.confirm(order) for order in desk.claim() if desk.begin(order))
    for provider in (first, second):
        desk.event(provider, "RINGING")
    return Pair(
        lambda: desk.report(first, now=later(1))["result"],
        lambda: desk.report(second, now=later(2))["result"],
        lambda one, two: (one, two, desk.read(campaign)["status"], desk.read(campaign)["completed_at"]),
        ("applied", "applied", "COMPLETED", later(2).isoformat()),
        ("applied", "applied", "COMPLETED", later(1).isoformat()),
    )


@guarded(Guard("internal.adopt_call"))
def adoption_and_claim(desk: Desk) -> Pair:
    """An unknown call of ours rings; its contact is not dialed, or, where that is too late, the unknown call ends."""
    campaign = desk.campaign(1)
    told = origin(desk, campaign)
    unknown = {"call_id": str(uuid.uuid4())}
    return Pair(
        lambda: desk.event("p1", "RINGING", call_id=unknown["call_id"], origin=told)["result"],
        lambda: len(desk.claim()),
        lambda one, two: (one, two, call(desk, unknown, "status", "is_attempt", "hang_up_by"), contact(desk, campaign)),
        ("applied", 0, ("RINGING", True, None), ("calling", None, 1)),
        ("applied", 1, ("RINGING", False, "AutoLynx"), ("calling", None, 1)),
    )


@guarded(Guard("internal.adopt_call", "perform internal.lock_adoption(p_call_id);"))
def adoption_and_adoption(desk: Desk) -> Pair:
    campaign = desk.campaign(1)
    told = origin(desk, campaign)
    unknown = {"call_id": str(uuid.uuid4())}

    def adopt() -> bool:
        answer = desk.database.call(
            "adopt_call", call_id=unknown["call_id"], provider_call_id="p1", origin=told, now=NOON
        )
        return bool(answer["is_new"])

    return Pair(
        adopt,
        adopt,
        lambda one, two: (one, two, call(desk, unknown), contact(desk, campaign)),
        (True, False, ("QUEUED", "confirmed"), ("calling", None, 1)),
        (False, True, ("QUEUED", "confirmed"), ("calling", None, 1)),
    )
