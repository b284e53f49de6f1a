"""The answer to a dial, and what the provider's messages say meanwhile."""

from __future__ import annotations

from tests.database.pairs.floor import block, call, code, contact, dialing, origin, provider_calls, release
from tests.database.pairs.pair import Guard, Pair, guarded
from tests.support.desk import NOON, Desk, later


@guarded(Guard("internal.call_of_event"))
def confirm_and_event(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    right = (("RINGING", "confirmed", "p1", "https://c"), "RUNNING", "applied")
    return Pair(
        lambda: desk.confirm(order, "p1"),
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"])["result"],
        lambda _, two: (
            call(desk, order, "status", "dial_state", "provider_call_id", "control_url"),
            desk.read(campaign)["status"],
            two,
        ),
        right,
        right,
    )


@guarded(Guard("internal.call_of_event"), Guard("public.confirm_call"))
def confirm_and_event_of_another_call(desk: Desk) -> Pair:
    _, order = dialing(desk)
    return Pair(
        lambda: desk.confirm(order, "p1"),
        lambda: desk.event("p2", "RINGING", call_id=order["call_id"])["result"],
        lambda _, two: (two, call(desk, order, "provider_call_id", "status"), provider_calls(desk)),
        ("unmatched", ("p1", "QUEUED"), ["p1"]),
        ("applied", ("p2", "RINGING"), ["p1", "p2"]),
    )


@guarded(Guard("public.confirm_call"))
def confirm_and_confirm_with_another_id(desk: Desk) -> Pair:
    _, order = dialing(desk)
    return Pair(
        lambda: desk.confirm(order, "p1"),
        lambda: desk.confirm(order, "p2"),
        lambda *_: (call(desk, order, "provider_call_id"), provider_calls(desk)),
        ("p1", ["p1", "p2"]),
        ("p2", ["p1", "p2"]),
    )


@guarded(Guard("internal.call_of_event"))
def confirm_and_report(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    right = (("ENDED", "confirmed", "https://c"), ("settled", "conversation", 1), "COMPLETED")
    return Pair(
        lambda: desk.confirm(order, "p1"),
        lambda: desk.report("p1", call_id=order["call_id"]),
        lambda one, two: (
            call(desk, order, "status", "dial_state", "control_url"),
            contact(desk, campaign),
            desk.read(campaign)["status"],
        ),
        right,
        right,
    )


@guarded(Guard("internal.lock_dial"), Guard("public.confirm_call"))
def no_line_and_confirm(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    return Pair(
        lambda: block(desk, order),
        lambda: desk.confirm(order, "p1"),
        lambda one, two: (one, code(two), call(desk, order), contact(desk, campaign)),
        (True, "LX003", None, ("waiting", None, 0)),
        (False, "p1", ("QUEUED", "confirmed"), ("calling", None, 1)),
    )


@guarded(Guard("internal.lock_dial"), Guard("internal.call_of_event"))
def refusal_and_event(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    return Pair(
        lambda: release(desk, order),
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"])["result"],
        lambda one, two: (one, code(two), call(desk, order), contact(desk, campaign)),
        (True, "unmatched", None, ("waiting", None, 0)),
        (False, "applied", ("RINGING", "confirmed"), ("calling", None, 1)),
    )


@guarded(Guard("internal.lock_dial"), Guard("internal.call_of_event"))
def refusal_and_event_that_tells_its_origin(desk: Desk) -> Pair:
    """The provider refused the call and made it all the same: it is taken over, and nobody is dialed twice."""
    campaign, order = dialing(desk)
    told = origin(desk, campaign)
    right = ("applied", ("RINGING", "confirmed", True), ("calling", None, 1), 0)
    return Pair(
        lambda: release(desk, order),
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"], origin=told)["result"],
        lambda one, two: (
            one,
            code(two),
            call(desk, order, "status", "dial_state", "is_attempt"),
            contact(desk, campaign),
            len(desk.claim(now=later(60))),
        ),
        (True, *right),
        (False, *right),
    )


@guarded(Guard("internal.lock_dial"), Guard("public.confirm_call"))
def step_aside_and_confirm(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    return Pair(
        lambda: desk.database.call(
            "step_aside", call_id=order["call_id"], reason="x", sentence="Look at it.", now=NOON
        )["changed"],
        lambda: desk.confirm(order, "p1"),
        lambda one, two: (one, code(two), call(desk, order), contact(desk, campaign)),
        (True, "LX003", None, ("waiting", None, 0)),
        (False, "p1", ("QUEUED", "confirmed"), ("calling", None, 1)),
    )


@guarded(Guard("public.fail_call"))
def fail_and_event(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    return Pair(
        lambda: desk.database.call(
            "fail_call", call_id=order["call_id"], reason="bad-number", outcome="wrong_number", now=NOON
        )["changed"],
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"])["result"],
        lambda one, two: (one, two, call(desk, order, "status"), contact(desk, campaign)),
        (True, "applied", "RINGING", ("settled", "wrong_number", 1)),  # it rings all the same
        (False, "applied", "RINGING", ("calling", None, 1)),
    )


@guarded(Guard("public.hold_call", "and dial_state = 'dialing'"))
def hold_and_event(desk: Desk) -> Pair:
    _, order = dialing(desk)
    right = ("applied", ("RINGING", "confirmed", None))
    return Pair(
        lambda: desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=NOON)["changed"],
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"])["result"],
        lambda one, two: (one, two, call(desk, order, "status", "dial_state", "hold_reason")),
        (True, *right),
        (False, *right),
    )
