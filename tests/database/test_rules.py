"""Rules that the tables keep themselves, whatever asks: plain SQL, past every function."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from autolynx.database import Database
from tests.support.desk import Desk

COPY = """
    insert into public.calls (campaign_id, contact_id, phone, phone_number_id, attempt, is_attempt, claimed_by,
                              lease_expires_at, status, ended_at, turned_up_at)
    select campaign_id, coalesce(%(contact_id)s, contact_id), coalesce(%(phone)s, phone), phone_number_id, %(attempt)s,
           %(is_attempt)s, 'w1', now(), %(status)s::public.call_status, case when %(status)s = 'ENDED' then now() end,
           case when %(has_turned_up)s then now() end
    from public.calls where id = %(id)s
"""


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def order(desk: Desk) -> dict[str, Any]:
    """A call under way, the first of two contacts."""
    desk.campaign(2)
    return desk.claim(1)[0]


def copied(connection: psycopg.Connection, order: dict[str, Any], **others: Any) -> str | None:
    """Write another call like this one; the name of the rule that it breaks."""
    row = {"id": order["call_id"], "contact_id": None, "phone": None, "attempt": 2, "is_attempt": True,
           "status": "QUEUED", "has_turned_up": False} | others  # fmt: skip
    try:
        connection.execute(COPY, row)
    except psycopg.errors.UniqueViolation as error:
        return error.diag.constraint_name
    return None


def test_it_lets_no_contact_have_two_calls_at_once(connection, order: dict[str, Any]) -> None:
    assert copied(connection, order, phone="+14155550000") == "one_active_call_a_contact"
    assert copied(connection, order, phone="+14155550000", status="ENDED") is None


def test_it_lets_no_number_ring_twice_at_once(desk: Desk, connection, order: dict[str, Any]) -> None:
    other = connection.execute("select id from public.contacts where id <> %s", [order["contact_id"]]).fetchone()[0]

    assert copied(connection, order, contact_id=other) == "one_active_call_a_number"
    assert copied(connection, order, contact_id=other, status="ENDED") is None


def test_it_counts_a_call_that_turned_up_late_though_it_is_the_second(connection, order: dict[str, Any]) -> None:
    assert copied(connection, order, has_turned_up=True) is None


def test_it_lets_no_attempt_have_two_calls(connection, order: dict[str, Any]) -> None:
    assert copied(connection, order, attempt=1, status="ENDED") == "one_call_an_attempt"
    assert copied(connection, order, attempt=1, status="ENDED", is_attempt=False) is None


def test_it_knows_a_call_of_the_provider_once(desk: Desk, connection, order: dict[str, Any]) -> None:
    desk.dial(order)
    second = desk.claim()[0]

    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            "update public.calls set provider_call_id = %s where id = %s",
            [f"provider-{order['call_id']}", second["call_id"]],
        )


def test_it_has_an_alarm_open_once(connection) -> None:
    for _ in range(2):
        connection.execute("select internal.raise_alarm('code', 'subject', 'text', now())")
    assert connection.execute("select count(*) from public.alarms").fetchone() == (1,)
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("insert into public.alarms (code, subject, text) values ('code', 'subject', 'text')")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("public.calls set dial_state = 'confirmed', provider_call_id = null", "confirmed_has_provider_call"),
        ("public.calls set ended_at = now()", "ended_iff_over"),
        ("public.calls set status = 'ENDED'", "ended_iff_over"),
        ("public.calls set cost_usd = -0.01", "positive_cost"),
        ("public.contacts set settled_at = now()", "settled_iff_settled"),
        ("public.contacts set state = 'settled'", "settled_iff_settled"),
        ("public.campaigns set completed_at = now()", "completed_iff_over"),
        ("public.campaigns set resume_at = now()", "only_a_pause_resumes"),
        ("public.campaigns set status = 'PAUSED'", "pause_has_reason"),
        ("public.settings set learned_cap = 3", "probing_what_was_learned"),
        ("public.settings set forgot_since = now()", "forgetting_is_told"),
    ],
)
def test_it_stores_no_state_that_contradicts_itself(connection, order: dict[str, Any], change: str, rule: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        connection.execute(f"update {change}")
    assert caught.value.diag.constraint_name == rule


def test_it_never_tries_a_contact_more_often_than_its_campaign_allows(desk: Desk, connection) -> None:
    campaign = desk.campaign(1, max_attempts=2)
    attempts = "update public.contacts set attempts = %s where campaign_id = %s"
    connection.execute(attempts, [2, campaign])

    with pytest.raises(psycopg.Error, match="all the attempts") as caught:
        connection.execute(attempts, [3, campaign])

    assert caught.value.sqlstate == "LX122"
