"""No two functions ever wait for each other in a circle: each with each, at once, on the same few rows.

`locks.sql` states the order in which locks are taken.
"""

from __future__ import annotations

import itertools
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from autolynx.database import Database
from rig.servers import Server
from rig.sessions import Session, address_of, let_wait, opened
from tests.support.desk import NOON, Desk, later
from tests.support.run import VERSIONS, a_server

ROUNDS = 2
BURST = 2  # sessions of each of the two functions


class Floor:
    """Two campaigns of one line with a call in every state, and steps that take them by chance, as a day does."""

    def __init__(self, desk: Desk) -> None:
        desk.database.call("set_organization_cap", cap=100)
        report = {"skipped": [{"row": 1, "reason": "Twice.", "data": {"phone": "(415) 200-0001"}}]}
        self.campaigns = [desk.campaign(10, cap=50, import_report=report) for _ in range(2)]
        self.phones = [contact["phone"] for id_ in self.campaigns for contact in desk.all_contacts(id_)]
        # by turns of the two campaigns; the leases of the last six end so that repairs that take two each would cross
        leases = [60] * 8 + [50, 51, 53, 52, 54, 55]
        self.orders = [order for seconds in leases for order in desk.claim(1, lease_seconds=seconds)]
        begun = [order for order in self.orders[:8] if desk.begin(order)]
        for order in begun[:4]:
            desk.confirm(order)
        for order in begun[4:6]:
            desk.database.call("hold_call", call_id=order["call_id"], reason="No answer.", now=later(65))
        desk.database.call("beat", process="s0", kind="scheduler", now=NOON)


Step = Callable[[Session, Floor, int], Any]


def of_call(function: str, **others: Any) -> Step:
    """A function of one call; each session takes another call first, so that they cross."""

    def step(session: Session, floor: Floor, turn: int) -> None:
        session.call(function, call_id=floor.orders[turn % 8]["call_id"], **others)

    return step


def of_campaign(function: str, **others: Any) -> Step:
    return lambda session, floor, turn: session.call(function, id=floor.campaigns[turn % 2], **others)


def plain(function: str, **others: Any) -> Step:
    return lambda session, _floor, _turn: session.call(function, **others)


def confirm(session: Session, floor: Floor, turn: int) -> None:
    call_id = floor.orders[turn % 8]["call_id"]
    provider_call_id = f"provider-{call_id}"
    session.call("confirm_call", call_id=call_id, provider_call_id=provider_call_id, concurrency_limit=90, now=NOON)


def event(status: str, **others: Any) -> Step:
    def step(session: Session, floor: Floor, turn: int) -> None:
        call_id = floor.orders[turn % 8]["call_id"]
        session.call(
            "record_event",
            event={
                "payload": {},
                "type": "status-update",
                "dedup_key": str(uuid.uuid4()),
                "provider_call_id": f"provider-{call_id}",
                "call_id": call_id,
                "status": status,
            }
            | others,
            now=later(70),
        )

    return step


def adopt(session: Session, floor: Floor, turn: int) -> None:
    origin = {"campaign_id": floor.campaigns[turn % 2], "phone": floor.phones[turn % 20], "attempt": 1}
    call_id = str(uuid.uuid4())
    session.call("adopt_call", call_id=call_id, provider_call_id=f"provider-{call_id}", origin=origin, now=later(70))


def forbid(session: Session, floor: Floor, turn: int) -> None:
    statement = "insert into public.do_not_call (phone, created_by) values (%s, 'Eva') on conflict do nothing"
    session.execute(statement, floor.phones[turn % 20])


def erase(session: Session, floor: Floor, turn: int) -> None:
    session.call("erase_person", phone=floor.phones[turn % 20], actor="Eva", now=later(800))


def hang_up(session: Session, floor: Floor, turn: int) -> None:
    session.call("hang_up_call", id=floor.orders[turn % 8]["call_id"], actor="Eva", now=NOON)


def begin(session: Session, floor: Floor, turn: int) -> None:
    call_id = floor.orders[8 + turn % 6]["call_id"]
    session.call("begin_dial", call_id=call_id, worker="w1", now=NOON)


def beat(session: Session, _floor: Floor, turn: int) -> None:
    limits = {"organization_cap": 50 + turn, "dials_per_minute": None, "dial_visibility_seconds": 600}
    session.call("beat", process=f"s{turn % 3}", kind="scheduler", details={"limits": limits}, now=NOON)


def time_zones(session: Session, _floor: Floor, turn: int) -> None:
    session.call("load_time_zones", version=f"{3000 + turn}a", until=later(1e9), rules={"UTC": [[0, 0]]}, now=NOON)


#: every function that locks something, with arguments that let it
STEPS: dict[str, Step] = {
    "claim": plain("claim_calls", worker="w1", limit=2, now=later(70)),
    "repairs": plain("take_repairs", limit=2, now=later(70)),
    "checks": plain("take_checks", now=later(70)),
    "hang_ups": plain("take_hang_ups", now=later(70)),
    "nothing_to_end": of_call("note_nothing_to_end", now=later(70)),
    "begin": begin,
    "confirm": confirm,
    "hold": of_call("hold_call", reason="No answer.", now=later(60)),
    "fail": of_call("fail_call", reason="x", outcome="wrong_number", now=NOON),
    "release": of_call("release_call", pause_reason="Until later.", now=NOON),
    "lose": of_call("lose_call", now=NOON),
    "block": of_call("block_call", reason="x", told_cap=80, now=NOON),
    "step_aside": of_call("step_aside", reason="x", sentence="Look.", now=NOON),
    "ringing": event("RINGING"),
    "report": event("ENDED", is_final=True, fields={"outcome": "conversation"}),
    "no_line": event("FAILED", is_final=True, is_over_limit=True, fields={"is_attempt": False}),
    "account": event("FAILED", is_final=True, pause_reason="Top up.", resume_at=later(75)),
    "absent": of_call("note_absent", asked_at=later(700), now=later(700)),
    "silence": of_call("note_silence", is_unknown=True, reason="x", now=later(700)),
    "adopt": adopt,
    "hang_up": hang_up,
    "time_zones": time_zones,
    "start": of_campaign("start_campaign", actor="Eva", now=NOON),
    "pause": of_campaign("pause_campaign", actor="Eva", now=NOON),
    "resume": of_campaign("resume_campaign", actor="Eva", now=NOON),
    "stop": of_campaign("stop_campaign", actor="Eva", hang_up=True, now=NOON),
    "delete": of_campaign("delete_campaign", actor="Eva", now=later(800)),
    "erase": erase,
    "traces": plain("erase_traces", phone="+14152000001", digits="4152000001"),
    "forbid": forbid,
    "beat": beat,
    "goodbye": plain("say_goodbye", process="s0", now=NOON),
    "cap": plain("set_organization_cap", cap=90, now=NOON),
    "line_cap": plain("set_phone_line_cap", phone_number_id="line-1", cap=20, actor="Eva", now=NOON),
    "trouble": plain("note_provider_trouble", reason="503", is_slow_down=True, now=NOON),
    "forget": plain("begin_recovery", actor="Eva", now=NOON),
    "recover": plain("take_recovery", now=NOON),
    "recovered": plain("note_recovery", asked_at=later(700), now=later(700)),
}
#: the helpers that wait for a lock, by its place in `locks.sql`
PLACES = {
    "internal.lock_claims": 1,
    "internal.lock_do_not_call": 2,
    "internal.lock_campaign": 4,
    "internal.note_campaign_progress": 4,
    "internal.pause_for_account": 4,
    "internal.learn_no_line": 6,
    "internal.note_told_cap": 6,
    "internal.note_probe": 6,
    "internal.note_provider_try": 7,
    "internal.note_provider_answer": 7,
}
#: makes every moment between two locks long enough to be met in
SLOWLY = """
create function internal.slowly() returns trigger language plpgsql as
    $$ begin perform pg_catalog.pg_sleep(0.001); return coalesce(new, old); end $$;
grant execute on function internal.slowly() to service_role;
create trigger slowly before update or delete on public.calls for each row execute function internal.slowly();
create trigger slowly before update on public.campaigns for each row execute function internal.slowly();
create trigger slowly before update on public.contacts for each row execute function internal.slowly();
create trigger slowly before update on public.settings for each row execute function internal.slowly();
create trigger slowly before update on public.provider_health for each row execute function internal.slowly();
create trigger slowly before insert or update on public.heartbeats for each row execute function internal.slowly();
"""


WAITS_FOR_NO_CALL = {"delete", "erase"}  # they refuse at once where somebody holds one
AT_ONCE = {"55P03"}


@pytest.fixture(scope="module", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Server:
    """The PostgreSQL server of this test."""
    return a_server(request.param)


@pytest.fixture(scope="module")
def raced(server: Server) -> Iterator[Database]:
    """One database for all races of a server, as none of them keeps anything."""
    with server.database() as url, opened(url) as database:
        yield database


@pytest.fixture(scope="module")
def floor(raced: Database) -> Floor:
    found = Floor(Desk(raced))
    let_wait(address_of(raced))
    with psycopg.connect(address_of(raced), autocommit=True) as connection:
        connection.execute(SLOWLY)
        (lock,) = connection.execute("select pg_get_functiondef('internal.lock_campaign'::regproc)").fetchone() or ("",)
        connection.execute(lock.replace("\nbegin\n", "\nbegin\n perform pg_catalog.pg_sleep(0.001);\n"))
    return found


@pytest.fixture(scope="module")
def crowd(raced: Database) -> Iterator[list[Session]]:
    """Sessions that stay: in a new one every function is planned anew."""
    with ExitStack() as stack:
        yield [stack.enter_context(Session(address_of(raced))) for _ in range(2 * BURST)]


@pytest.mark.parametrize("name", STEPS)
def test_it_never_waits_in_a_circle(floor: Floor, crowd: list[Session], name: str) -> None:
    """One function against each that comes after it in the table. Nothing is kept, so that each burst is the first."""
    gate = threading.Barrier(len(crowd))

    def run(session: Session, step: Step, turn: int) -> str | None:
        session.rollback()
        session.begin()
        gate.wait()
        try:
            step(session, floor, turn)
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            session.rollback()
        return None

    found: dict[str, set[str]] = {}
    with ThreadPoolExecutor(len(crowd)) as pool:
        for other in list(STEPS)[list(STEPS).index(name) :]:
            steps = [STEPS[name], STEPS[other]] * BURST
            for round_ in range(ROUNDS):
                turns = [round_, round_ + 1, round_ + 1, round_]
                codes = {code for code in pool.map(run, crowd, steps, turns) if code and not code.startswith("LX")}
                found.setdefault(other, set()).update(codes - (AT_ONCE if {name, other} & WAITS_FOR_NO_CALL else set()))

    assert {other: codes for other, codes in found.items() if codes} == {}


def bodies_of(connection: psycopg.Connection) -> dict[str, str]:
    """What is written in each function, without its comments."""
    query = """
        select pronamespace::regnamespace::text || '.' || proname, regexp_replace(prosrc, '--[^\n]*', '', 'g')
        from pg_proc where pronamespace::regnamespace::text in ('public', 'internal')
    """
    return dict(connection.execute(query).fetchall())


def called(bodies: dict[str, str], name: str) -> list[str]:
    found = re.findall(r"\b((?:internal|public)\.\w+)\(", bodies[name])
    return [other for other in found if other in bodies and other != name]


def places(bodies: dict[str, str], name: str) -> list[int]:
    """The places of the locks that a function waits for, in the order of its text, with those of what it calls.

    Each once: a function locks one campaign, and what it holds already it does not wait for again.
    """
    if name in PLACES:
        return [PLACES[name]]
    below = (places(bodies, other) for other in called(bodies, name))
    return list(dict.fromkeys(itertools.chain.from_iterable(below)))


def test_it_takes_locks_in_the_written_order(connection: psycopg.Connection) -> None:
    bodies = bodies_of(connection)
    taken = {name: places(bodies, name) for name in bodies}

    assert {name: order for name, order in taken.items() if order != sorted(order)} == {}
    assert taken["public.claim_calls"] == [1, 6, 7]
    assert taken["public.record_event"] == [4, 6]


FOUGHT_OVER = re.compile(
    r"(?:update|delete from|insert into) public\.(?:calls|contacts|campaigns|settings|provider_health|heartbeats)\b"
)


def test_it_races_every_function_that_locks(connection: psycopg.Connection) -> None:
    """The table above is whole. A campaign that is only being created is in nobody's way."""
    bodies = bodies_of(connection)

    def fights(name: str) -> bool:
        return bool(FOUGHT_OVER.search(bodies[name])) or any(fights(other) for other in called(bodies, name))

    raced = {f"public.{name}" for name in re.findall(r"\"(\w+)\"", Path(__file__).read_text())}
    missing = {name for name in bodies if name.startswith("public.") and fights(name)} - raced

    assert missing == {"public.create_campaign"}
