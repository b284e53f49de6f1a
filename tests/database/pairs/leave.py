"""Leave for a request, and what forbids it."""

from __future__ import annotations

from tests.database.pairs.floor import call, claimed, code, contact, repairs
from tests.database.pairs.pair import Guard, Pair, guarded
from tests.support.desk import NOON, Desk, later

LOCK_CAMPAIGN = "v_campaign := internal.lock_campaign(v_call.campaign_id);"
READ_CAMPAIGN = "select * into v_campaign from public.campaigns where id = v_call.campaign_id;"


@guarded(
    Guard("public.begin_dial"),
    Guard("public.take_repairs", "for no key update skip locked"),
    Guard("public.take_repairs", "skip locked"),
)
def begin_and_repairs(desk: Desk) -> Pair:
    campaign, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order, now=later(59)),
        lambda: repairs(desk, 60),
        lambda one, two: (one, two, call(desk, order, "dial_state"), contact(desk, campaign)[0]),
        (True, (0, 0), "dialing", "calling"),
        (False, (0, 1), None, "waiting"),
        waits=(False, True),
    )


@guarded(Guard("public.begin_dial"))
def begin_and_begin(desk: Desk) -> Pair:
    _, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order),
        lambda: desk.begin(order),
        lambda one, two: (one, two, call(desk, order, "sends")),
        (True, False, 1),
        (False, True, 1),
    )


@guarded(Guard("public.begin_dial", LOCK_CAMPAIGN, READ_CAMPAIGN))
def begin_and_stop(desk: Desk) -> Pair:
    campaign, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order),
        lambda: desk.database.call("stop_campaign", id=campaign, actor="Eva", now=NOON)["live_calls"],
        lambda one, two: (one, two, call(desk, order, "dial_state"), contact(desk, campaign)[:2]),
        (True, 1, "dialing", ("calling", None)),
        (False, 1, None, ("settled", "not_called_stopped")),
    )


@guarded(Guard("public.begin_dial", LOCK_CAMPAIGN, READ_CAMPAIGN))
def begin_and_pause(desk: Desk) -> Pair:
    campaign, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order),
        lambda: desk.database.call("pause_campaign", id=campaign, actor="Eva", now=NOON)["status"],
        lambda one, two: (one, two, call(desk, order, "dial_state"), contact(desk, campaign)[0]),
        (True, "PAUSED", "dialing", "calling"),
        (False, "PAUSED", None, "waiting"),
    )


@guarded(
    Guard("public.begin_dial", "perform internal.lock_do_not_call();"),
    Guard("internal.keep_dials_out", "perform pg_catalog.pg_advisory_xact_lock(internal.do_not_call_lock());"),
)
def begin_and_do_not_call(desk: Desk) -> Pair:
    campaign, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order),
        lambda: desk.forbid(order["phone"]),
        lambda one, two: (one, two, call(desk, order, "dial_state"), contact(desk, campaign)[:2]),
        (True, None, "dialing", ("calling", None)),
        (False, None, None, ("settled", "not_called_do_not_call")),
    )


@guarded(Guard("public.begin_dial"))
def begin_and_hang_up(desk: Desk) -> Pair:
    campaign, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order),
        lambda: code(desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)["id"]),
        lambda one, two: (one, call(desk, order, "dial_state", "hang_up_by"), contact(desk, campaign)[:2]),
        (True, ("dialing", "Eva"), ("calling", None)),
        (False, None, ("settled", "canceled")),
    )


@guarded()
def begin_and_begin_recovery(desk: Desk) -> Pair:
    """Neither waits: leave given while a recovery is only beginning is leave given before it."""
    _, order = claimed(desk)
    right = (True, "dialing", 0)
    return Pair(
        lambda: desk.begin(order),
        lambda: desk.database.call("begin_recovery", actor="Eva", now=NOON),
        lambda one, two: (one, call(desk, order, "dial_state"), len(desk.claim(now=later(1)))),
        right,
        right,
        waits=(False, False),
    )
