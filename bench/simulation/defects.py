"""Known defects, each of which can be put back for a while: a simulation that does not find them proves nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from autolynx.dialing import mending
from autolynx.dialing.lanes import Lane
from autolynx.vapi import client, connection
from bench.simulation.database import Ground
from bench.simulation.processes import TaskLanes
from bench.simulation.story import Ending, Told, tell


@dataclass(frozen=True)
class Defect:
    """`sql`: function -> what is replaced in it by what; `python`: what is patched.

    `rates`, `scene`: the weather or the story that it needs.
    """

    name: str
    breaks: str  # the promise, as `invariants.py` calls it
    what: str
    sql: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    statements: tuple[str, str] = ("", "")  # to put it back, to mend it again
    python: Callable[[], Any] | None = None
    rates: tuple[tuple[str, float], ...] = ()
    scene: str = ""

    @contextlib.contextmanager
    def put_back(self, ground: Ground) -> Iterator[None]:
        """For the length of a block."""
        kept = [(function, _definition(ground, function)) for function in self.sql]
        with contextlib.ExitStack() as stack:
            for function, text in kept:
                for old, new in self.sql[function]:
                    text = _replaced(function, text, old, new)
                ground.admin.execute(text)  # type: ignore[arg-type]
            stack.callback(lambda: [ground.admin.execute(text) for _, text in kept])  # type: ignore[arg-type]
            if self.statements[0]:
                ground.admin.execute(self.statements[0])  # type: ignore[arg-type]
                stack.callback(ground.admin.execute, self.statements[1])  # type: ignore[arg-type]
            if self.python:
                stack.enter_context(self.python())
            yield


def _definition(ground: Ground, function: str) -> str:
    schema, _, name = function.partition(".")
    query = (
        "select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
        "where n.nspname = %s and p.proname = %s"
    )
    return str(ground.rows(query, [schema, name])[0][0])


def _replaced(function: str, text: str, old: str, new: str) -> str:
    """White space does not count; a defect that no longer fits the function is an error."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in old.split()))
    found, count = pattern.subn(lambda _: new, text)
    if count == 0:
        raise LookupError(f"{function} no longer says: {old}")
    return found


def _our_clock() -> Any:
    """The list is asked for with our own clock, and five minutes of margin."""
    stack = contextlib.ExitStack()
    ours = mock.patch.object(mending, "_provider_ahead", return_value=timedelta())
    stack.enter_context(ours)
    stack.enter_context(mock.patch.object(mending, "_stepped", return_value=timedelta()))  # no clock was measured then
    stack.enter_context(mock.patch.object(mending, "MARGIN", timedelta(minutes=5)))
    return stack


def _first_page(read: Callable[[dict[str, str]], Any], page_size: int, *, since: datetime) -> Any:
    """A page that is not full is the end of its list."""
    return read({"limit": str(page_size), "createdAtGe": since.isoformat()})


def _one_leave() -> Any:
    """Leave is asked for the first request alone."""
    real = client.VapiClient.create_call

    def create_call(self: Any, request: Any, *, leave: Callable[[int], bool], **others: Any) -> Any:
        return real(self, request, leave=lambda send: send > 1 or leave(send), **others)

    return mock.patch.object(client.VapiClient, "create_call", create_call)


DEFECTS = (
    Defect(
        "1 absent once",
        "phoned-twice",
        "one absent list gives the contact back, whatever the time",
        {
            "public.note_absent": (
                ("v_call.last_look_at < v_call.first_look_at + internal.between_looks()", "false"),
                ("v_call.looks < 4 or v_looked_at < v_call.on_wire_until + internal.dial_visibility()", "false"),
            )
        },
    ),
    Defect(
        "1b turned up, not counted",
        "no-alarm",
        "a call whose line was given back is found, and holds no line again",
        {"internal.take_back_call": (("if not (p_call.dial_state", "if true or not (p_call.dial_state"),)},
        rates=(("dial-fault-hidden", 0.1),),
    ),
    Defect(
        "1c two looks free a line",
        "cap",
        "two absent looks half a minute apart give a line back after a 5xx, whatever the time",
        {
            "internal.fault_visibility": (("interval '90 seconds'", "interval '0 seconds'"),),
        },
    ),
    Defect(
        "2 our own clock",
        "phoned-twice",
        "lists are asked for by our own clock, with a margin of five minutes",
        python=_our_clock,
    ),
    Defect(
        "2c first page",
        "phoned-twice",
        "a page that is not full is taken for the end of its list",
        python=lambda: mock.patch.object(client, "to_the_end", _first_page),
        scene="short",
    ),
    Defect(
        "2b leave lasts",
        "no-leave",
        "leave is not asked for again when the machine slept in between",
        python=lambda: mock.patch.object(connection, "LEAVE_LASTS_SECONDS", float("inf")),
    ),
    Defect(
        "3 one 404",
        "cap",
        "one 404 is a TIMEOUT, and frees the line",
        {
            "public.note_silence": (
                ("v_call.unknown_answers >= 4", "v_call.unknown_answers >= 1"),
                ("and v_call.unknown_since <= p_now - interval '5 minutes'", ""),
            )
        },
        rates=(("get-404", 0.5), ("message-none", 0.5)),
    ),
    Defect("4 one leave", "no-leave", "begin_dial is not asked before a repeated request", python=_one_leave),
    Defect(
        "4b any campaign",
        "not-dialing",
        "begin_dial does not look at the campaign",
        {"public.begin_dial": (("v_campaign.status not in ('QUEUED', 'DIALING', 'RUNNING')", "false"),)},
    ),
    Defect(
        "4c anybody",
        "do-not-call",
        "begin_dial does not look at the do-not-call list",
        {"public.begin_dial": (("if v_block is not null or", "if v_block = 'calling_hours' or"),)},
    ),
    Defect(
        "4d any time",
        "hours",
        "begin_dial does not look at the calling hours",
        {"public.begin_dial": (("if v_block is not null or", "if v_block = 'do_not_call' or"),)},
    ),
    Defect(
        "5 nothing learned",
        "too-fast",
        "a call that found no line teaches no cap",
        {"internal.learn_no_line": (("where only_row", "where false"),)},
    ),
    Defect(
        "5b no back-off",
        "too-fast",
        "a contact that found no line is dialed again at once, and teaches nothing",
        {
            "internal.return_without_line": (("least(3 * 2 ^ least(v_missed - 1, 10), 300)", "0"),),
            "internal.learn_no_line": (("where only_row", "where false"),),
        },
    ),
    Defect(
        "5c told raises",
        "too-fast",
        "the number of lines that the provider tells replaces what a refusal has taught",
        {
            "internal.note_told_cap": (
                ("set told_cap = p_told,", "set learned_cap = null, probe_at = null, told_cap = p_told,"),
                ("and (told_cap is distinct from p_told or told_cap_until < p_now + interval '30 minutes')", ""),
            )
        },
        scene="busy",
    ),
    Defect(
        "6 one lane",
        "hang-up",
        "hang-ups wait where looks and checks do",
        python=lambda: mock.patch.object(TaskLanes, "SHARED", {Lane.HANG_UP: Lane.LOOK, Lane.CHECK: Lane.LOOK}),
        scene="slow",
    ),
    Defect(
        "6b address unused",
        "hang-up",
        "a hang-up that lacked the address waits for its next turn when that gets known",
        {"internal.hang_up_due_at": (("> p_now then p_now", "> p_now then p_call.hang_up_at"),)},
        rates=(("dial-slow", 1.0), ("message-no-control-url", 0.5), ("people-soon-hang-up", 1.0), ("get-slow", 1.0)),
    ),
    Defect(
        "9 next batch",
        "batch",
        "the next batch starts while a call of the last one may still be given back",
        {"internal.current_batch": (("or k.dial_state = 'unknown' or k.status_is_guess or not k.is_attempt", ""),)},
    ),
    Defect(
        "9c paused at once",
        "paused-early",
        "one unlisted 400 pauses the campaign",
        {"public.step_aside": (("v_in_a_row >= 3", "v_in_a_row >= 1"),)},
    ),
    Defect(
        "10 oldest first",
        "overlooked",
        "the oldest fifty dials in doubt are looked for at every look",
        {
            "public.take_repairs": (
                ("coalesce(check_after, p_now) <= p_now", "true"),
                ("order by coalesce(check_after, lease_expires_at), id", "order by created_at, id"),
            )
        },
        scene="crowd",
    ),
    Defect(
        "11 restored, and on",
        "phoned-twice",
        "a database that was restored dials on at once",
        {
            "internal.organization_room": (("(select 0 from public.settings where forgot_since is not null)", "null"),),
            "public.begin_dial": (("or exists (select from public.settings where forgot_since is not null)", ""),),
        },
        rates=(("people-restore", 1.0),),
    ),
    Defect(
        "11b one look",
        "phoned-twice",
        "a recovery is over after one look",
        {
            "public.note_recovery": (
                (
                    "internal.clock_gain(\nv_settings.recovery_began_at, v_settings.recovery_ahead_seconds, "
                    "p_asked_at, p_provider_ahead_seconds)\n"
                    ">= v_settings.recovery_began_at + internal.dial_visibility()",
                    "interval '0' is not null",
                ),
            )
        },
        rates=(("people-restore", 1.0),),
    ),
    Defect(
        "12 one number, two phones",
        "two-at-once",
        "a number may have two calls at once",
        {
            "internal.is_number_busy": (("select exists (select", "select false and exists (select"),),
        },
        statements=(
            "drop index public.one_active_call_a_number",
            "create unique index one_active_call_a_number on public.calls (phone) "
            "where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and turned_up_at is null",
        ),
    ),
    Defect(
        "13 hold overwrites",
        "unconfirmed",
        "hold_call overwrites what a message has confirmed",
        {"public.hold_call": (("and dial_state = 'dialing'", ""),)},
    ),
    Defect(
        "14 repair believes in claims",
        "phoned-twice",
        "a dial whose lease ended is given back without a look",
        {
            "public.take_repairs": (
                ("if v_call.dial_state = 'claimed' then", "if v_call.dial_state in ('claimed', 'dialing') then"),
            )
        },
    ),
    Defect(
        "15 no checks",
        "never-ends",
        "silent calls are never asked about",
        {"public.take_checks": (("where (report_at is null and dial_state = 'confirmed'", "where (false"),)},
    ),
    Defect(
        "16 line cap",
        "our-cap",
        "the phone line's own cap is not looked at",
        {"internal.campaign_block": (("return 'line_cap';", "null;"),)},
    ),
    Defect(
        "18 doubts hold lines",
        "figures",
        "a dial in doubt that has given its line back is not shown as in doubt",
        {
            "internal.campaign_progress": (
                ("'unknown') as held_calls", "'unknown' and status <> 'FAILED') as held_calls"),
            )
        },
    ),
    Defect(
        "17 real time",
        "real-time",
        "begin_dial goes by the database's own clock",
        {"public.begin_dial": (("dialed_at = coalesce(dialed_at, p_now)", "dialed_at = coalesce(dialed_at, now())"),)},
    ),
)


def first_found(ground: Ground, defect: Defect, seeds: Iterable[int]) -> Ending | None:
    """The first story that breaks the promise which a defect breaks while it is back; None where it is kept."""
    with defect.put_back(ground):
        for seed in seeds:
            ending = tell(ground, Told(seed, rates=defect.rates, scene=defect.scene))
            if any(text.startswith(f"{defect.breaks}: ") for text in ending.broken):
                return ending
    return None
