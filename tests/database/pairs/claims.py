"""Claims, and what changes what may be claimed."""

from __future__ import annotations

from tests.database.pairs.floor import call, contact, release, repairs
from tests.database.pairs.pair import CLAIM_LOCK, Guard, Pair, guarded
from tests.support.desk import NOON, Desk, later


@guarded(Guard("internal.claim_for_campaign"))
def pause_and_claim(desk: Desk) -> Pair:
    campaign = desk.campaign(1)
    return Pair(
        lambda: desk.database.call("pause_campaign", id=campaign, actor="Eva", now=NOON)["status"],
        lambda: len(desk.claim()),
        lambda one, two: (one, two, contact(desk, campaign)[0]),
        ("PAUSED", 0, "waiting"),
        ("PAUSED", 1, "calling"),
    )


@guarded(Guard("internal.claim_for_campaign"))
def stop_and_claim(desk: Desk) -> Pair:
    campaign = desk.campaign(2)
    return Pair(
        lambda: desk.database.call("stop_campaign", id=campaign, actor="Eva", now=NOON)["live_calls"],
        lambda: len(desk.claim(1)),
        lambda one, two: (one, two, sorted(found["state"] for found in desk.all_contacts(campaign))),
        (0, 0, ["settled", "settled"]),
        (1, 1, ["calling", "settled"]),
    )


@guarded(Guard("internal.claim_next_contact", "and not internal.is_number_busy(phone)"))
def claim_and_claim_of_one_number(desk: Desk) -> Pair:
    contacts = desk.contacts(1)
    for _ in range(2):
        desk.campaign(contacts=contacts)
    return Pair(
        lambda: len(desk.claim(worker="w1")),
        lambda: len(desk.claim(worker="w2")),
        lambda one, two: (one, two),
        (1, 0),
        (0, 1),
    )


@guarded(Guard("public.claim_calls", CLAIM_LOCK, "null;"))
def claim_and_claim_with_one_cap(desk: Desk) -> Pair:
    desk.database.call("set_organization_cap", cap=1)
    for _ in range(2):
        desk.campaign(1)
    return Pair(
        lambda: len(desk.claim(worker="w1")),
        lambda: len(desk.claim(worker="w2")),
        lambda one, two: (one, two),
        (1, 0),
        (0, 1),
    )


@guarded(Guard("public.set_phone_line_cap", CLAIM_LOCK), Guard("public.claim_calls", CLAIM_LOCK, "null;"))
def line_cap_and_claim(desk: Desk) -> Pair:
    desk.campaign(3)
    return Pair(
        lambda: desk.database.call("set_phone_line_cap", phone_number_id="line-1", cap=1, actor="Eva")["cap"],
        lambda: len(desk.claim()),
        lambda one, two: (one, two),
        (1, 1),
        (1, 3),
    )


@guarded(Guard("public.set_organization_cap", CLAIM_LOCK), Guard("public.claim_calls", CLAIM_LOCK, "null;"))
def organization_cap_and_claim(desk: Desk) -> Pair:
    desk.campaign(3)
    return Pair(
        lambda: desk.database.call("set_organization_cap", cap=1)["organization_cap"],
        lambda: len(desk.claim()),
        lambda one, two: (one, two),
        (1, 1),
        (1, 3),
    )


@guarded(Guard("public.claim_calls", CLAIM_LOCK, "null;"))
def organization_cap_and_claim_that_ends_a_pause(desk: Desk) -> Pair:
    desk.campaign(3)
    (order,) = desk.claim(1)
    desk.begin(order)
    release(desk, order, pause_reason="Until one.", resume_at=later(3600))
    return Pair(
        lambda: desk.database.call("set_organization_cap", cap=1)["organization_cap"],
        lambda: len(desk.claim(now=later(3600))),
        lambda one, two: (one, two),
        (1, 1),
        (1, 3),
    )


@guarded(Guard("public.begin_recovery", CLAIM_LOCK), Guard("public.claim_calls", CLAIM_LOCK, "null;"))
def begin_recovery_and_claim(desk: Desk) -> Pair:
    desk.campaign(1)
    return Pair(
        lambda: desk.database.call("begin_recovery", actor="Eva", now=NOON),
        lambda: len(desk.claim()),
        lambda _, two: two,
        0,
        1,
    )


@guarded()
def start_and_claim(desk: Desk) -> Pair:
    campaign = desk.campaign(1, started=False)
    right = (0, "QUEUED", 1)
    return Pair(
        lambda: desk.database.call("start_campaign", id=campaign, actor="Eva", now=NOON),
        lambda: len(desk.claim()),
        lambda _, two: (two, desk.read(campaign)["status"], len(desk.claim())),
        right,
        right,
        waits=(False, False),
    )


@guarded()
def create_and_claim(desk: Desk) -> Pair:
    assistant = desk.assistant()
    return Pair(
        lambda: desk.campaign(1, assistant_id=assistant),
        lambda: len(desk.claim()),
        lambda _, two: (two, len(desk.claim())),
        (0, 1),
        (0, 1),
        waits=(False, False),
    )


@guarded()
def resuming_and_repairs(desk: Desk) -> Pair:
    """Both lock several campaigns, each in an order of its own; for what guards them see test_locks.py."""
    campaign = desk.campaign(2)
    over, left = desk.claim()
    desk.begin(over)
    release(desk, over, pause_reason="Until one.", resume_at=later(3600))
    return Pair(
        lambda: len(desk.claim(now=later(3600))),
        lambda: repairs(desk, 3600),
        lambda one, two: (one, two, desk.read(campaign)["status"], call(desk, left)),
        (1, (0, 1), "QUEUED", None),
        (2, (0, 1), "QUEUED", None),
    )


def beat(desk: Desk, name: str, cap: int, at: float = 0) -> None:
    limits = {"organization_cap": cap, "dials_per_minute": None, "dial_visibility_seconds": 600}
    desk.database.call("beat", process=name, kind="scheduler", details={"limits": limits}, now=later(at))


@guarded(Guard("internal.keep_strictest_limits", CLAIM_LOCK))
def beat_and_stricter_beat(desk: Desk) -> Pair:
    return Pair(
        lambda: beat(desk, "s1", 8),
        lambda: beat(desk, "s2", 5),
        lambda *_: desk.execute("select organization_cap from public.settings"),
        [(5,)],
        [(5,)],
    )


@guarded(Guard("public.beat", " and internal.is_alive(h, p_now)"))
def two_beats_after_a_silence(desk: Desk) -> Pair:
    beat(desk, "s1", 5, at=-120)
    beat(desk, "s2", 8, at=-119)
    return Pair(
        lambda: beat(desk, "s1", 5),
        lambda: beat(desk, "s2", 8),
        lambda *_: desk.execute("select organization_cap from public.settings"),
        [(5,)],
        [(5,)],
    )


@guarded(Guard("internal.keep_strictest_limits", "p_is_news or"))
def goodbye_of_the_strictest_and_beat_of_one_as_strict(desk: Desk) -> Pair:
    beat(desk, "s1", 5)
    beat(desk, "s2", 8)
    return Pair(
        lambda: desk.database.call("say_goodbye", process="s1", now=NOON)["name"],
        lambda: beat(desk, "s3", 5),
        lambda *_: desk.execute("select organization_cap from public.settings"),
        [(5,)],
        [(5,)],
    )
