"""Whether a claim costs the same whatever waits: a million contacts of 200 campaigns against 10,000 of two."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from bench.figures import Figure
from bench.postgres import loaded
from rig.servers import Server

CONTACTS_EACH = 5_000
FEW, MANY = 2, 200  # campaigns
AT_ONCE = 10  # contacts a claim
ROUNDS = 60
PLENTY = 1_000_000

_CAMPAIGNS = """
with assistant as (
    insert into public.assistants (name, provider_assistant_id) values ('Ada', 'provider-assistant') returning id
)
insert into public.campaigns (name, mode, cap, assistant_id, phone_number_id, total_contacts, status, started_at)
select 'Campaign ' || n, case when mod(n, 2) = 0 then 'batch' else 'continuous' end::public.campaign_mode, 50,
       assistant.id, 'line-' || mod(n, 3), %(contacts)s, 'RUNNING', now()
from assistant, generate_series(1, %(campaigns)s) n
"""
_CONTACTS = """
insert into public.contacts (campaign_id, name, business_name, phone, position, batch_index)
select c.id, 'Person ' || n, 'Firm ' || n, '+1' || 2000000000 + row_number() over (), n, (n - 1) / 50
from public.campaigns c, generate_series(1, %s) n
"""
_INDEXES = """
select indexname, indexdef from pg_indexes
where schemaname = 'public' and tablename = 'contacts' and indexname like 'idx%'
"""
_CLAIM = "select public.claim_calls('bench', %s)"
_ACTIVE = "status in ('QUEUED', 'RINGING', 'IN_PROGRESS')"
_END = f"""
with over as (
    update public.calls set status = 'ENDED', ended_at = now(), report_at = now(), dial_state = 'refused'
    where {_ACTIVE} returning contact_id
)
update public.contacts set state = 'settled', settled_at = now() from over where id = contact_id
"""
#: every line of every campaign is busy
_FILL_CAMPAIGNS = f"""
update public.campaigns c set cap = greatest(
    (select count(*) from public.calls k where k.campaign_id = c.id and k.{_ACTIVE}), 1)
"""
_CAP = "update public.settings set organization_cap = %s"


@dataclass(frozen=True)
class Case:
    """A state of the desk: how it is brought about, and how many contacts each claim must then find."""

    name: str
    prepare: Callable[[psycopg.Connection], None]
    found: int
    unit: str = "times the cost with 10,000"


def measure(server: Server) -> list[Figure]:
    """Time claims on both databases in turns; the medians' ratio is the figure."""
    with _desk(server, FEW) as few, _desk(server, MANY) as many:
        return [_figure(case, few, many) for case in CASES]


def _figure(case: Case, few: psycopg.Connection, many: psycopg.Connection) -> Figure:
    for connection in (few, many):
        case.prepare(connection)
    times: dict[str, list[float]] = {"few": [], "many": []}
    for _ in range(ROUNDS):
        times["few"].append(_seconds(few, case.found))
        times["many"].append(_seconds(many, case.found))
    medians = {name: statistics.median(found) * 1000 for name, found in times.items()}
    remark = f"{medians['many']:.2f} and {medians['few']:.2f} ms here and now"
    name = f"claim cost, 1,000,000 contacts, {case.name}"
    details = {f"{name}_median_ms": median for name, median in medians.items()}
    return Figure(name, medians["many"] / medians["few"], case.unit, 2, False, remark, details)


def _seconds(connection: psycopg.Connection, found: int) -> float:
    """One claim, from the question to the answer; what it took is over afterwards."""
    began = time.perf_counter()
    answer = connection.execute(_CLAIM, [AT_ONCE]).fetchone()[0]
    seconds = time.perf_counter() - began
    assert len(answer["orders"]) == found, answer
    if found:
        connection.execute(_END)
    return seconds


def _room_everywhere(connection: psycopg.Connection) -> None:
    connection.execute(_CAP, [PLENTY])
    connection.execute("update public.campaigns set cap = 50")


def _organization_full(connection: psycopg.Connection) -> None:
    _room_everywhere(connection)
    connection.execute(_CLAIM, [AT_ONCE])
    connection.execute(_CAP, [AT_ONCE])


def _campaigns_full(connection: psycopg.Connection) -> None:
    _room_everywhere(connection)
    connection.execute(_END)
    for _ in range(MANY // 50):
        connection.execute(_CLAIM, [50])
    connection.execute(_FILL_CAMPAIGNS)


CASES = (
    Case("ten claimed", _room_everywhere, AT_ONCE),
    Case("idle, the organisation's cap is full", _organization_full, 0),
    Case("idle, every campaign's cap is full", _campaigns_full, 0),
)


@contextmanager
def _desk(server: Server, campaigns: int) -> Iterator[psycopg.Connection]:
    """A database full of campaigns that dial, each with as many contacts."""
    with loaded(server) as (_, connection):
        _fill(connection, campaigns)
        yield connection


def _fill(connection: psycopg.Connection, campaigns: int) -> None:
    """Set-based, and with the indexes made afterwards: a million rows take half a minute so."""
    indexes = connection.execute(_INDEXES).fetchall()
    connection.execute("set synchronous_commit = off")
    connection.execute("set session_replication_role = replica")  # no foreign key is looked up
    for name, _ in indexes:
        connection.execute(f"drop index public.{name}")
    connection.execute(_CAMPAIGNS, {"contacts": CONTACTS_EACH, "campaigns": campaigns})
    connection.execute(_CONTACTS, [CONTACTS_EACH])
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute("reset session_replication_role")
    connection.execute("reset synchronous_commit")
    connection.execute("vacuum analyze")
