"""Users and sessions: one form of an address whatever the database's locale, and what the audit log is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from autolynx.database import Database
from autolynx.errors import InvalidInput, NotFound

USER = {"email": "eva@example.com", "name": "Eva", "role": "manager", "password_hash": "x", "actor": "test"}


@pytest.fixture
def eva(database: Database) -> str:
    return str(database.call("save_user", **USER)["id"])


@pytest.mark.parametrize(
    "email",
    ["Eva@b.c", " eva@b.c", "eva", "@", "a@", "@b", "a@b@c", "a b@c", "\u0130@x", "\u0131@x", "ä@x", "a@b\n"],
)
def test_it_refuses_an_address_in_another_form(database: Database, connection: psycopg.Connection, email: str) -> None:
    with pytest.raises(InvalidInput, match="is not an e-mail address"):
        database.call("save_user", **USER | {"email": email})
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("insert into public.users (email, name, password_hash) values (%s, 'Eva', 'x')", (email,))


def test_it_finds_an_address_by_its_very_letters(database: Database, eva: str) -> None:
    assert database.call("find_user", email="eva@example.com")["user"]["id"] == eva
    for other in ("Eva@example.com", " eva@example.com", "evä@example.com", "eva@example.com ", None):
        assert database.call("find_user", email=other)["user"] is None


def test_it_tells_the_origin_of_a_session_and_audits_its_source(database: Database, eva: str, connection) -> None:
    opened = {"user_id": eva, "valid_seconds": 60, "source": "192.0.2.1"}
    database.call("open_session", token_hash="a", origin="https://desk.example", **opened)
    database.call("open_session", token_hash="b", **opened)
    found = [database.call("get_session", token_hash=token) for token in ("a", "b", "c", None)]
    assert [(one["user"] and one["user"]["id"], one["origin"]) for one in found] == [
        (eva, "https://desk.example"), (eva, None), (None, None), (None, None),
    ]  # fmt: skip
    audited = connection.execute(
        "select actor, subject_id, details from public.audit_log where action = 'user.signed_in'"
    ).fetchall()
    assert audited == [("eva@example.com", eva, {"source": "192.0.2.1"})] * 2


def test_it_opens_no_session_of_an_account_that_is_switched_off(database: Database, eva: str, connection) -> None:
    database.call("open_session", user_id=eva, token_hash="a", valid_seconds=60)
    connection.execute("update public.users set is_active = false")
    with pytest.raises(NotFound):
        database.call("open_session", user_id=eva, token_hash="b", valid_seconds=60)
    assert database.call("get_session", token_hash="a") == {"users_total": 1, "user": None, "origin": None}


def test_it_audits_who_was_not_let_in(database: Database, eva: str, connection) -> None:
    tried = {"source": "192.0.2.1", "address_hash": "abc"}
    database.call("note_sign_in_refusal", reason="failed", user_id=eva, **tried)
    database.call("note_sign_in_refusal", reason="locked", **tried)
    audited = connection.execute(
        "select actor, action, subject_id, details from public.audit_log where action like 'sign_in.%' order by id"
    ).fetchall()
    assert audited == [
        ("a visitor", "sign_in.failed", eva, tried),
        ("a visitor", "sign_in.locked", None, tried),
    ]


@pytest.mark.parametrize("reason", ["liked", "", None])
def test_it_audits_no_other_reason(database: Database, reason: str | None) -> None:
    with pytest.raises(InvalidInput, match="accepted are failed and locked"):
        database.call("note_sign_in_refusal", reason=reason, source="192.0.2.1", address_hash="abc")


def test_it_renews_a_hash_and_keeps_the_sessions(database: Database, eva: str, connection) -> None:
    database.call("open_session", user_id=eva, token_hash="a", valid_seconds=60)
    assert database.call("renew_password_hash", user_id=eva, old_hash="x", password_hash="y") == {"renewed": True}
    assert database.call("find_user", email=USER["email"])["user"]["password_hash"] == "y"
    assert database.call("get_session", token_hash="a")["user"]["id"] == eva


def test_it_renews_no_hash_when_another_one_is_kept_by_now(database: Database, eva: str) -> None:
    database.call("save_user", **USER | {"password_hash": "changed"})
    assert database.call("renew_password_hash", user_id=eva, old_hash="x", password_hash="y") == {"renewed": False}
    assert database.call("find_user", email=USER["email"])["user"]["password_hash"] == "changed"


def test_it_renews_a_hash_once_when_eight_renew_it_at_once(database: Database, eva: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(
            lambda nth: database.call("renew_password_hash", user_id=eva, old_hash="x", password_hash=f"y{nth}"),
            range(8),
        )
        renewed = [nth for nth, answer in enumerate(answers) if answer["renewed"]]
    assert len(renewed) == 1
    assert database.call("find_user", email=USER["email"])["user"]["password_hash"] == f"y{renewed[0]}"
