"""Two functions meet, in either order: the first has not committed when the second comes.

Each pair names what keeps it right, and a test takes that away to see that it goes wrong.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from autolynx.database import Database
from tests.conftest import a_server
from tests.desk import NOON, Desk, later
from tests.sessions import opened

Step = Callable[[], Any]


@dataclass(frozen=True)
class Pair:
    """Two steps, what is looked at in the end (given both answers), and what it must be in each order."""

    one: Step
    two: Step
    end: Callable[[Any, Any], Any]
    one_first: Any
    two_first: Any
    waits: tuple[bool, bool] = (True, True)  # whether the second waits: two for one, one for two


@dataclass(frozen=True)
class Guard:
    """What keeps a pair right: a piece of a function's body, and what stands there when it is taken away."""

    function: str
    text: str = "for no key update"
    without: str = ""

    def take_away(self, connection: psycopg.Connection) -> None:
        (definition,) = connection.execute(
            "select pg_get_functiondef(%s::regproc)", [self.function]
        ).fetchone() or ("",)
        assert self.text in definition, f"{self.function} no longer has: {self.text}"
        connection.execute(definition.replace(self.text, self.without))  # type: ignore[arg-type]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


Arrangement = Callable[[Desk], Pair]
ARRANGEMENTS: list[Arrangement] = []
GUARDS: list[Any] = []
CLAIM_LOCK = "perform internal.lock_claims();"
LOCK_CAMPAIGN = "v_campaign := internal.lock_campaign(v_call.campaign_id);"
READ_CAMPAIGN = "select * into v_campaign from public.campaigns where id = v_call.campaign_id;"


def guarded(*guards: Guard) -> Callable[[Arrangement], Arrangement]:
    """Keep an arrangement, with what guards it, for the tests at the end."""

    def keep(arrangement: Arrangement) -> Arrangement:
        ARRANGEMENTS.append(arrangement)
        GUARDS.extend(
            pytest.param(arrangement, guard, id=f"{arrangement.__name__}-{guard.function}") for guard in guards
        )
        return arrangement

    return keep


def code(answer: Any) -> Any:
    """The SQLSTATE of a refusal; another answer as it is."""
    return getattr(answer, "sqlstate", answer)


def claimed(desk: Desk, **others: Any) -> tuple[str, dict[str, Any]]:
    campaign = desk.campaign(1, **others)
    return campaign, desk.claim(1)[0]


def dialing(desk: Desk) -> tuple[str, dict[str, Any]]:
    campaign, order = claimed(desk)
    assert desk.begin(order)
    return campaign, order


def in_doubt(desk: Desk) -> tuple[str, dict[str, Any]]:
    campaign, order = claimed(desk)
    desk.in_doubt(order)
    return campaign, order


def looked_for(desk: Desk) -> tuple[str, dict[str, Any]]:
    """A dial in doubt that needs one absent look more to be given up."""
    campaign, order = in_doubt(desk)
    assert {desk.absent(order, at) for at in (60, 120, 240)} == {"nothing"}
    return campaign, order


def contact(desk: Desk, campaign: str) -> tuple[Any, ...]:
    (found,) = desk.all_contacts(campaign)
    return found["state"], found["outcome"], found["attempts"]


def call(desk: Desk, order: dict[str, Any], *fields: str) -> Any:
    """Some columns of a call's row; None when it has none."""
    rows = desk.execute("select to_jsonb(c) from public.calls c where id = %s", order["call_id"])
    if not rows:
        return None
    values = tuple(rows[0][0][field] for field in fields or ("status", "dial_state"))
    return values if len(values) > 1 else values[0]


def repairs(desk: Desk, at: float) -> tuple[int, int]:
    taken = desk.database.call("take_repairs", now=later(at))
    return len(taken["calls"]), taken["given_back"]


def origin(desk: Desk, campaign: str) -> dict[str, Any]:
    return {
        "campaign_id": campaign,
        "phone": desk.all_contacts(campaign)[0]["phone"],
        "attempt": 1,
        "phone_number_id": "line-1",
        "created_at": NOON.isoformat(),
    }


def release(desk: Desk, order: dict[str, Any], **others: Any) -> bool:
    answer = desk.database.call("release_call", call_id=order["call_id"], reason="x", now=NOON, **others)
    return bool(answer["changed"])


# -- the answer to a dial, and what the provider's messages say meanwhile --------------------------------------


@guarded(Guard("public.record_event"))
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


@guarded(Guard("public.record_event"), Guard("public.confirm_call"))
def confirm_and_event_of_another_call(desk: Desk) -> Pair:
    _, order = dialing(desk)
    return Pair(
        lambda: desk.confirm(order, "p1"),
        lambda: desk.event("p2", "RINGING", call_id=order["call_id"])["result"],
        lambda one, two: (code(one), two, call(desk, order, "provider_call_id", "status")),
        ("p1", "unmatched", ("p1", "QUEUED")),
        ("LX120", "applied", ("p2", "RINGING")),
    )


@guarded(Guard("public.confirm_call"))
def confirm_and_confirm_with_another_id(desk: Desk) -> Pair:
    _, order = dialing(desk)
    return Pair(
        lambda: desk.confirm(order, "p1"),
        lambda: desk.confirm(order, "p2"),
        lambda one, two: (code(one), code(two), call(desk, order, "provider_call_id")),
        ("p1", "LX120", "p1"),
        ("LX120", "p2", "p2"),
    )


@guarded(Guard("public.record_event"))
def confirm_and_report(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    right = (("ENDED", "confirmed", "https://c"), ("settled", "Conversation", 1), "COMPLETED")
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


@guarded(Guard("public.release_call"), Guard("public.confirm_call"))
def no_line_and_confirm(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    return Pair(
        lambda: release(desk, order, is_over_limit=True),
        lambda: desk.confirm(order, "p1"),
        lambda one, two: (one, code(two), call(desk, order), contact(desk, campaign)),
        (True, "LX003", None, ("waiting", None, 0)),
        (False, "p1", ("QUEUED", "confirmed"), ("calling", None, 1)),
    )


@guarded(Guard("public.release_call"), Guard("public.record_event"))
def refusal_and_event(desk: Desk) -> Pair:
    campaign, order = dialing(desk)
    return Pair(
        lambda: release(desk, order),
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"])["result"],
        lambda one, two: (one, code(two), call(desk, order), contact(desk, campaign)),
        (True, "unmatched", None, ("waiting", None, 0)),
        (False, "applied", ("RINGING", "confirmed"), ("calling", None, 1)),
    )


@guarded(Guard("public.release_call"), Guard("public.record_event"))
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


@guarded(Guard("public.step_aside"), Guard("public.confirm_call"))
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
            "fail_call", call_id=order["call_id"], reason="bad-number", outcome="Wrong number", now=NOON
        )["changed"],
        lambda: desk.event("p1", "RINGING", call_id=order["call_id"])["result"],
        lambda one, two: (one, two, call(desk, order, "status"), contact(desk, campaign)),
        (True, "applied", "FAILED", ("settled", "Wrong number", 1)),
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


# -- leave for a request, and what forbids it ------------------------------------------------------------------


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
        (False, 1, None, ("settled", "Not called: campaign stopped")),
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
    Guard("internal.keep_dials_out", "perform pg_catalog.pg_advisory_xact_lock(5062170418);"),
)
def begin_and_do_not_call(desk: Desk) -> Pair:
    campaign, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order),
        lambda: desk.forbid(order["phone"]),
        lambda one, two: (one, two, call(desk, order, "dial_state"), contact(desk, campaign)[:2]),
        (True, None, "dialing", ("calling", None)),
        (False, None, None, ("settled", "Not called: on the do-not-call list")),
    )


@guarded(Guard("public.begin_dial"))
def begin_and_hang_up(desk: Desk) -> Pair:
    campaign, order = claimed(desk)
    return Pair(
        lambda: desk.begin(order),
        lambda: code(desk.database.call("hang_up_call", id=order["call_id"], actor="Eva", now=NOON)["id"]),
        lambda one, two: (one, call(desk, order, "dial_state", "hang_up_by"), contact(desk, campaign)[:2]),
        (True, ("dialing", "Eva"), ("calling", None)),
        (False, None, ("settled", "Canceled")),
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


# -- claims, and what changes what may be claimed ----------------------------------------------------------------


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


@guarded(Guard("internal.keep_strictest_limits", CLAIM_LOCK))
def beat_and_stricter_beat(desk: Desk) -> Pair:
    def beat(name: str, cap: int) -> None:
        limits = {"organization_cap": cap, "dials_per_minute": None, "dial_visibility_seconds": 600}
        desk.database.call("beat", name=name, kind="scheduler", details={"limits": limits}, now=NOON)

    return Pair(
        lambda: beat("s1", 8),
        lambda: beat("s2", 5),
        lambda *_: desk.execute("select organization_cap from public.settings"),
        [(5,)],
        [(5,)],
    )


# -- what is silent, absent, taken for lost ----------------------------------------------------------------------


@guarded(Guard("public.record_event"))
def silence_and_event(desk: Desk) -> Pair:
    campaign = desk.campaign(1)
    order, provider = desk.dialed(campaign)

    def silence(at: float) -> bool:
        answer = desk.database.call(
            "note_silence", call_id=order["call_id"], is_unknown=False, reason="x", now=later(at)
        )
        return bool(answer["given_up"])

    silence(60)
    return Pair(
        lambda: silence(660),
        lambda: desk.event(provider, "RINGING", now=later(660))["result"],
        lambda one, two: (one, two, call(desk, order, "status"), desk.read(campaign)["status"]),
        (True, "applied", "TIMEOUT", "COMPLETED"),
        (False, "applied", "RINGING", "RUNNING"),
    )


def alarms(desk: Desk) -> list[str]:
    return [alarm["code"] for alarm in desk.database.call("list_alarms", now=NOON)["alarms"]]


@guarded(Guard("public.record_event"))
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


@guarded(Guard("public.note_absent", "and (last_look_at is null or last_look_at < p_asked_at)"))
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


# -- the ends of calls and campaigns -------------------------------------------------------------------------------


@guarded(Guard("public.hang_up_call"), Guard("public.record_event"))
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


@guarded(Guard("public.record_event"))
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


@guarded(Guard("internal.adopt_call"))
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


# -- the tests -----------------------------------------------------------------------------------------------------


def outcome(desk: Desk, pair: Pair, *, is_one_first: bool) -> tuple[Any, Any]:
    """What was found in the end and what should be: the end, and whether the second had to wait."""
    if is_one_first:
        met = desk.interleave(pair.one, pair.two)
        return (pair.end(met.first, met.second), met.had_to_wait), (pair.one_first, pair.waits[0])
    met = desk.interleave(pair.two, pair.one)
    return (pair.end(met.second, met.first), met.had_to_wait), (pair.two_first, pair.waits[1])


@pytest.mark.parametrize("is_one_first", [True, False], ids=["one-first", "two-first"])
@pytest.mark.parametrize("arrange", ARRANGEMENTS, ids=lambda arrange: arrange.__name__)
def test_it_ends_right_when_two_meet(desk: Desk, arrange: Arrangement, is_one_first: bool) -> None:
    found, expected = outcome(desk, arrange(desk), is_one_first=is_one_first)

    assert found == expected


@pytest.mark.parametrize(("arrange", "guard"), GUARDS)
def test_it_ends_wrong_when_what_guards_it_is_taken_away(arrange: Arrangement, guard: Guard) -> None:
    def goes_wrong(is_one_first: bool) -> bool:
        with a_server("pg18").database() as url:
            with psycopg.connect(url, autocommit=True) as connection:
                guard.take_away(connection)
            with opened(url) as database:
                desk = Desk(database)
                found, expected = outcome(desk, arrange(desk), is_one_first=is_one_first)
        return bool(found != expected)

    assert goes_wrong(True) or goes_wrong(False)
