"""What is silent, absent or taken for lost."""

from __future__ import annotations

from tests.database.pairs.floor import call, contact, dialing, in_doubt, looked_for, repairs
from tests.database.pairs.pair import Guard, Pair, guarded
from tests.support.desk import NOON, Desk, later


@guarded(Guard("internal.call_of_event"))
def silence_and_event(desk: Desk) -> Pair:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)

    def silence(at: float) -> bool:
        answer = desk.database.call(
            "note_silence", call_id=order["call_id"], is_unknown=False, reason="x", now=later(at)
        )
        return bool(answer["given_up"])

    assert not any(silence(at) for at in (60, 120, 180))
    return Pair(
        lambda: silence(660),
        lambda: desk.event(provider, "RINGING", now=later(660))["result"],
        lambda one, two: (one, two, call(desk, order, "status"), desk.read(campaign)["status"], alarms(desk)),
        (True, "applied", "RINGING", "COMPLETED", ["call_given_up", "call_turned_up"]),  # and counted again
        (False, "applied", "RINGING", "RUNNING", []),
    )


def alarms(desk: Desk) -> list[str]:
    return sorted(alarm["code"] for alarm in desk.database.call("list_alarms", now=NOON)["alarms"])


@guarded(Guard("internal.call_of_event"))
def absence_and_event(desk: Desk) -> Pair:
    campaign, order = looked_for(desk)
    right = (("RINGING", "confirmed", True), ("calling", None, 1))
    return Pair(
        lambda: desk.absent(order, 700),
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"], now=later(700))["result"],
        lambda one, two: (
            one,
            call(desk, order, "status", "dial_state", "is_attempt"),
            contact(desk, campaign),
            alarms(desk),
        ),
        ("contact", *right, ["call_turned_up"]),
        ("nothing", *right, []),
    )


@guarded(Guard("public.confirm_call"))
def absence_and_confirm(desk: Desk) -> Pair:
    campaign, order = looked_for(desk)
    right = (("QUEUED", "confirmed", True), ("calling", None, 1))
    return Pair(
        lambda: desk.absent(order, 700),
        lambda: desk.confirm(order, now=later(700)),
        lambda one, two: (
            one,
            call(desk, order, "status", "dial_state", "is_attempt"),
            contact(desk, campaign),
            alarms(desk),
        ),
        ("contact", *right, ["call_turned_up"]),
        ("nothing", *right, []),
    )


@guarded(Guard("public.note_absent", "and dial_state = 'unknown'"))
def absence_and_absence(desk: Desk) -> Pair:
    campaign, order = looked_for(desk)
    right = (("FAILED", "lost"), ("waiting", None, 0), [(1,)])
    return Pair(
        lambda: desk.absent(order, 700),
        lambda: desk.absent(order, 701),
        lambda one, two: (
            one,
            two,
            call(desk, order),
            contact(desk, campaign),
            desk.execute("select lost_dials from public.contacts"),
        ),
        ("contact", "nothing", *right),
        ("nothing", "contact", *right),
    )


@guarded(Guard("public.note_absent", "and (last_look_at is null or last_look_at < v_looked_at)"))
def absence_and_absence_in_one_list(desk: Desk) -> Pair:
    _, order = in_doubt(desk)
    return Pair(
        lambda: desk.absent(order, 60),
        lambda: desk.absent(order, 60),
        lambda one, two: (one, two, call(desk, order, "looks")),
        ("nothing", "nothing", 1),
        ("nothing", "nothing", 1),
    )


@guarded(Guard("public.take_repairs", "skip locked"), Guard("public.hold_call", "and dial_state = 'dialing'"))
def hold_and_repairs(desk: Desk) -> Pair:
    _, order = dialing(desk)

    def hold() -> bool:
        answer = desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=later(60))
        return bool(answer["changed"])

    return Pair(
        hold,
        lambda: repairs(desk, 60),
        lambda one, two: (one, two, call(desk, order, "dial_state", "hold_reason", "on_wire_until", "check_after")),
        (True, (0, 0), ("unknown", "No answer.", later(60).isoformat(), later(61).isoformat())),
        # a look is under way: the next one comes when that one's age says
        (True, (1, 0), ("unknown", "No answer.", later(60).isoformat(), later(90).isoformat())),
        waits=(False, True),
    )


@guarded(Guard("public.take_checks", "skip locked"), Guard("public.take_checks", "for no key update skip locked"))
def checks_and_checks(desk: Desk) -> Pair:
    desk.dialed()

    def checks() -> int:
        return len(desk.database.call("take_checks", now=later(61))["calls"])

    return Pair(checks, checks, lambda one, two: (one, two), (1, 0), (0, 1), waits=(False, False))


@guarded(Guard("public.take_hang_ups", "skip locked"), Guard("public.take_hang_ups", "for no key update skip locked"))
def hang_ups_and_hang_ups(desk: Desk) -> Pair:
    order, _ = desk.dialed()
    desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)

    def hang_ups() -> int:
        return len(desk.hang_ups(0))

    return Pair(hang_ups, hang_ups, lambda one, two: (one, two), (1, 0), (0, 1), waits=(False, False))
