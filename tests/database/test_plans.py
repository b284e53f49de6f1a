"""Queries of active calls find them by the partial indexes, however many calls there were before.

The plans are those that the functions really run by: auto_explain tells each statement inside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from tests.support.run import VERSIONS, a_server

MANY = """
set session_replication_role = replica;
insert into public.assistants (id, name, provider_assistant_id)
values ('00000000-0000-0000-0000-000000000001', 'A', 'a');
insert into public.campaigns (id, name, assistant_id, phone_number_id, status, mode, quiet_line)
select ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, 'C' || n, '00000000-0000-0000-0000-000000000001',
       'line-' || n % 3, 'RUNNING', 'continuous', true
from generate_series(1, 20) n;
insert into public.contacts (id, campaign_id, name, business_name, phone, position, state, settled_at, attempts)
select ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid,
       ('00000000-0000-0000-0001-' || lpad((n % 20 + 1)::text, 12, '0'))::uuid, 'N', 'B', '+1415' || 2000000 + n, n,
       case when n <= 40000 then 'settled' when n <= 40200 then 'calling' else 'waiting' end::public.contact_state,
       case when n <= 40000 then now() end, 1
from generate_series(1, 50000) n;
insert into public.calls (id, campaign_id, contact_id, provider_call_id, status, phone, phone_number_id, dial_state,
                          claimed_by, lease_expires_at, ended_at, report_at, hang_up_at)
select ('00000000-0000-0000-0003-' || lpad(n::text, 12, '0'))::uuid,
       ('00000000-0000-0000-0001-' || lpad((n % 20 + 1)::text, 12, '0'))::uuid,
       ('00000000-0000-0000-0002-' || lpad(n::text, 12, '0'))::uuid, 'p' || n,
       case when n <= 40000 then 'ENDED' else 'RINGING' end::public.call_status,
       '+1415' || 2000000 + n, 'line-' || n % 3,
       case when n > 40000 and n % 20 = 1 then 'unknown' else 'confirmed' end::public.dial_state, 'w', now(),
       case when n <= 40000 then now() end, case when n <= 40000 then now() end, case when n % 50 = 0 then now() end
from generate_series(1, 40200) n;
update public.contacts c set last_call_id = k.id from public.calls k where k.contact_id = c.id;
reset session_replication_role;
vacuum analyze;
"""
CAMPAIGN = "'00000000-0000-0000-0001-000000000002'::uuid"
CALL = "'00000000-0000-0000-0003-000000040002'::uuid"
ROW = f"(select c from public.campaigns c where id = {CAMPAIGN})"
ACTIVE = {"idx_calls_active", "idx_calls_active_line", "idx_calls_hanging_up", "one_active_call_a_contact",
          "one_active_call_a_number", "idx_calls_busy_number"}  # fmt: skip
#: what is called -> the indexes by which it finds active calls
QUERIES = {
    "internal.count_active_calls()": ACTIVE,
    f"internal.count_active_calls({CALL})": ACTIVE,
    "internal.is_number_busy('+14152040002')": {"idx_calls_busy_number", "one_active_call_a_number"},
    f"internal.is_number_busy('+14152040002', {CALL})": {"idx_calls_busy_number", "one_active_call_a_number"},
    "internal.campaigns_with_room(now())": ACTIVE,
    f"internal.campaign_block({ROW}, now())": {"idx_calls_active", "idx_calls_active_line"},
    f"internal.complete_campaign({CAMPAIGN}, now())": {"idx_calls_active"},
    f"internal.campaign_progress({CAMPAIGN})": {"idx_calls_active"},
    f"public.get_campaign({CAMPAIGN})": {"idx_calls_active"},
    f"public.stop_campaign({CAMPAIGN}, 'Eva')": {"idx_calls_active"},
    "internal.what_is_due(60, now())": {"idx_calls_hanging_up"},
    "public.take_hang_ups()": {"idx_calls_hanging_up"},
    "public.claim_calls('w', 5)": ACTIVE,
    "public.get_overview(now())": ACTIVE,
    "public.get_health()": ACTIVE,
}


@pytest.fixture(scope="module", params=VERSIONS)
def crowded(request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """A database with two hundred active calls among forty thousand that are over, where plans are told."""
    with a_server(request.param).database() as url, psycopg.connect(url, autocommit=True) as connection:
        for statement in MANY.split(";\n"):
            connection.execute(statement)
        connection.execute("load 'auto_explain'")
        connection.execute("set auto_explain.log_min_duration = 0")
        connection.execute("set auto_explain.log_nested_statements = on")
        connection.execute("set auto_explain.log_level = notice")
        yield connection


def plans(connection: psycopg.Connection, call: str) -> list[str]:
    """The plan of every statement that a call of a function runs, as the service; nothing of it stays."""
    told: list[str] = []
    connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
    with connection.transaction(force_rollback=True):
        connection.execute("set local role service_role")
        connection.execute(f"select {call}")
    return [text for text in told if "Query Text:" in text]


@pytest.mark.parametrize("call", QUERIES, ids=lambda call: call.partition("(")[0])
def test_it_finds_active_calls_by_a_partial_index(crowded: psycopg.Connection, call: str) -> None:
    of_the_view = [plan for plan in plans(crowded, call) if "internal.active_calls" in plan]
    used = set(re.findall(r"Scan (?:using|on) (\w+)", "\n".join(of_the_view)))

    assert of_the_view, "no statement asks the view"
    assert used & QUERIES[call], of_the_view
    assert not re.search(r"Seq Scan on calls[^\n]*\n +Filter: [^\n]*QUEUED", "\n".join(of_the_view)), of_the_view


@pytest.mark.parametrize("call", ["public.take_repairs()", "internal.current_batch({ROW})", "public.take_checks()"])
def test_it_looks_at_what_is_unfinished_where_an_or_keeps_the_view_out(crowded: psycopg.Connection, call: str) -> None:
    of_calls = [plan for plan in plans(crowded, call.format(ROW=ROW)) if "from public.calls" in plan]

    assert of_calls
    assert not any("Seq Scan on calls" in plan for plan in of_calls), of_calls


def test_it_does_not_find_them_so_by_a_function(crowded: psycopg.Connection) -> None:
    """Why there is a view: what is asked by the function of one row looks at every call."""
    text = crowded.execute(
        f"explain select count(*) from public.calls where campaign_id = {CAMPAIGN} and internal.is_active(status)"
    ).fetchall()

    assert not any("idx_calls_active" in line for (line,) in text)


def test_it_locks_the_calls_that_the_view_hands_out(crowded: psycopg.Connection) -> None:
    """`for no key update skip locked` through the view is a lock of the row itself."""
    due = "select id from internal.active_calls where hang_up_at <= now() order by hang_up_at, id limit 1"
    with psycopg.connect(crowded.info.dsn) as first, psycopg.connect(crowded.info.dsn) as second:
        one = first.execute(f"{due} for no key update skip locked").fetchall()
        other = second.execute(f"{due} for no key update skip locked").fetchall()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute("select from public.calls where id = %s for no key update nowait", one[0])
        first.rollback()
        second.rollback()

    assert one
    assert other
    assert one != other
