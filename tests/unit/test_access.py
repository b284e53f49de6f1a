"""Sign-in, sessions and the rule for a fresh laptop."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import argon2
import psycopg
import pytest

from autolynx import access
from autolynx.access import passwords, sessions
from autolynx.database import Database
from autolynx.errors import Forbidden, InvalidInput, Unauthorized
from rig.actors import TESTER
from tests.support.cheap_passwords import cheaply
from tests.support.visitors import who

PASSWORD = "correct horse"
CHEAP = (16, 1, 1)  # for scrypt


@pytest.fixture(autouse=True)
def _cheaply(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a hash costs is a matter of the tests that ask for `as_costly_as_in_the_product`."""
    with contextlib.nullcontext() if "as_costly_as_in_the_product" in request.fixturenames else cheaply():
        yield


@pytest.fixture
def as_costly_as_in_the_product() -> None:
    """Nothing is patched."""


@pytest.fixture
def eva(database: Database) -> access.User:
    return access.add_user(
        database, email=" Eva@Example.com ", name="Eva", role="manager", password=PASSWORD, actor=TESTER
    )


def test_it_opens_a_session_when_the_password_is_right(database: Database, eva: access.User) -> None:
    session = access.sign_in(database, "eva@example.com", PASSWORD)
    assert session.user == eva
    assert len(session.token) >= 43
    assert who(database, session.token) == eva


def test_it_keeps_only_a_hash_when_a_session_is_opened(database: Database, eva, connection) -> None:
    token = access.sign_in(database, eva.email, PASSWORD).token
    ((kept,),) = connection.execute("select token_hash from user_sessions").fetchall()
    assert token not in kept
    assert who(database, kept) is None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("eva@example.com", "wrong horse"),
        ("nobody@example.com", PASSWORD),
        ("", ""),
        ("eva@example.com", "\ud800"),
        ("\x00eva@example.com", PASSWORD),
    ],
)
def test_it_refuses_alike_when_address_or_password_is_wrong(database, eva, email: str, password: str) -> None:
    with pytest.raises(Unauthorized, match=r"^The e-mail address or the password is wrong\.$"):
        access.sign_in(database, email, password)


@pytest.mark.usefixtures("as_costly_as_in_the_product")
@pytest.mark.parametrize("kept", ["no account", "a new hash", "an old hash"])
def test_it_computes_alike_when_it_refuses_whoever_it_is(
    database: Database, eva: access.User, connection, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """Else the time that a refusal takes would tell which addresses have an account, and since when."""
    if kept == "an old hash":
        keep_hash(connection, old_hash(PASSWORD))
    computed: list[str] = []
    matches = passwords._matches
    monkeypatch.setattr(
        passwords,
        "_matches",
        lambda typed, stored: computed.append(re.sub(r"[A-Za-z0-9+/=]{22,}", "", stored)) or matches(typed, stored),
    )
    with pytest.raises(Unauthorized):
        access.sign_in(database, "nobody@example.com" if kept == "no account" else eva.email, "wrong horse")
    assert sorted(computed) == ["$argon2id$v=19$m=47104,t=3,p=1$$", "scrypt$32768$8$3$$"]


# -- hashes from before ------------------------------------------------------------------------------------


def old_hash(password: str, n: int = 2**15, r: int = 8, p: int = 3) -> str:
    """As passwords were hashed before."""
    digest = hashlib.scrypt(password.encode(), salt=b"sixteen bytes of", n=n, r=r, p=p, maxmem=2**26, dklen=32)
    salt = base64.b64encode(b"sixteen bytes of").decode()
    return f"scrypt${n}${r}${p}${salt}${base64.b64encode(digest).decode()}"


def keep_hash(connection: psycopg.Connection, kept: str) -> None:
    connection.execute("update public.users set password_hash = %s", (kept,))


def kept_hash(connection: psycopg.Connection) -> str:
    ((kept,),) = connection.execute("select password_hash from public.users").fetchall()
    return str(kept)


OUTDATED: dict[str, Callable[[], str]] = {
    "scrypt": lambda: old_hash(PASSWORD),
    "argon2id, cheaper": lambda: argon2.PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1).hash(PASSWORD),
}


@pytest.mark.usefixtures("as_costly_as_in_the_product")
@pytest.mark.parametrize("outdated", OUTDATED)
def test_it_renews_a_hash_when_it_is_from_before_and_its_password_is_right(
    database: Database, eva: access.User, connection, outdated: str
) -> None:
    keep_hash(connection, OUTDATED[outdated]())
    session = access.sign_in(database, eva.email, PASSWORD)
    renewed = kept_hash(connection)
    assert renewed.startswith("$argon2id$v=19$m=47104,t=3,p=1$")
    assert who(database, session.token) == eva
    assert access.sign_in(database, eva.email, PASSWORD).user == eva
    assert kept_hash(connection) == renewed
    with pytest.raises(Unauthorized):
        access.sign_in(database, eva.email, "wrong horse")


def test_it_renews_a_hash_when_only_the_judged_part_of_a_long_password_counts(database: Database, eva, connection):
    keep_hash(connection, old_hash("x" * 1024, *CHEAP))
    access.sign_in(database, eva.email, "x" * 2000)
    assert access.sign_in(database, eva.email, "x" * 1024).user == eva


@pytest.mark.parametrize("kept", [*OUTDATED, "today's"])
def test_it_keeps_a_hash_as_it_is_when_the_password_is_wrong(database: Database, eva, connection, kept: str) -> None:
    if kept in OUTDATED:
        keep_hash(connection, OUTDATED[kept]())
    before = kept_hash(connection)
    with pytest.raises(Unauthorized):
        access.sign_in(database, eva.email, "wrong horse")
    assert kept_hash(connection) == before


def test_it_lets_both_in_when_two_sign_in_at_once_with_a_hash_from_before(
    database: Database, eva: access.User, connection
) -> None:
    keep_hash(connection, old_hash(PASSWORD, *CHEAP))
    both = threading.Barrier(2)

    def sign_in(_nth: int) -> access.Session:
        both.wait()
        return access.sign_in(database, eva.email, PASSWORD)

    with ThreadPoolExecutor(2) as threads:
        opened = list(threads.map(sign_in, range(2)))
    assert [who(database, session.token) for session in opened] == [eva, eva]
    assert access.check_password(PASSWORD, kept_hash(connection))


def test_it_keeps_a_changed_password_when_it_is_changed_during_a_sign_in(
    database: Database, eva: access.User, connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_hash(connection, old_hash(PASSWORD, *CHEAP))
    changed = access.hash_password("river stone paper moon")

    def change_meanwhile(password: str) -> str:
        keep_hash(connection, changed)
        return passwords.hash_password(password)

    monkeypatch.setattr(sessions, "hash_password", change_meanwhile)
    access.sign_in(database, eva.email, PASSWORD)
    assert kept_hash(connection) == changed


def test_it_knows_nobody_when_the_session_is_closed(database: Database, eva: access.User) -> None:
    token = access.sign_in(database, eva.email, PASSWORD).token
    access.sign_out(database, token)
    access.sign_out(database, token)
    assert who(database, token) is None


def test_it_ends_the_sessions_when_the_password_is_changed(database: Database, eva: access.User) -> None:
    token = access.sign_in(database, eva.email, PASSWORD).token
    access.add_user(
        database, email=eva.email, name="Eva", role="viewer", password="river stone paper moon", actor=TESTER
    )
    assert who(database, token) is None
    assert access.sign_in(database, eva.email, "river stone paper moon").user.role == "viewer"


def test_it_adds_nobody_when_the_password_is_easily_guessed(database: Database) -> None:
    with pytest.raises(InvalidInput, match="accepted are 12 to 1024"):
        access.add_user(database, email="a@b.c", name="A", role="manager", password="password1234", actor=TESTER)
    assert database.call("find_user")["users_total"] == 0


def test_it_still_lets_somebody_in_whose_password_is_from_before(database: Database) -> None:
    database.call(
        "save_user", email="a@b.c", name="A", role="viewer", password_hash=access.hash_password("password"), actor="t"
    )
    assert access.sign_in(database, "a@b.c", "password").user.name == "A"


@pytest.mark.parametrize("address", ["v\u0130ewer@example.com", "v\u0131ewer@example.com", "\uff36iewer@example.com"])
def test_it_takes_an_address_with_other_letters_for_nobody(database: Database, address: str) -> None:
    access.add_user(database, email="Viewer@Example.com", name="V", role="viewer", password=PASSWORD, actor=TESTER)
    with pytest.raises(Unauthorized, match="letters from a to z"):
        access.sign_in(database, address, PASSWORD)
    with pytest.raises(InvalidInput, match="letters from a to z"):
        access.add_user(database, email=address, name="V", role="viewer", password=PASSWORD, actor=TESTER)
    assert access.sign_in(database, " VIEWER@EXAMPLE.COM\n", PASSWORD).user.email == "viewer@example.com"


def test_it_audits_who_signed_in_and_from_where(database: Database, eva: access.User, connection) -> None:
    access.sign_in(database, eva.email, PASSWORD, source="192.0.2.7")
    found = connection.execute(
        "select actor, subject_id, details from audit_log where action = 'user.signed_in'"
    ).fetchall()
    assert found == [(eva.email, str(eva.id), {"source": "192.0.2.7"})]


def test_it_remembers_the_origin_at_which_a_session_was_opened(database: Database, eva: access.User) -> None:
    token = access.sign_in(database, eva.email, PASSWORD, origin="https://desk.example").token
    assert access.enter(database, token, is_local=False) == access.Entry(eva, "https://desk.example")


def test_it_stays_closed_when_the_last_account_is_switched_off(database: Database, eva: access.User, connection):
    token = access.sign_in(database, eva.email, PASSWORD).token
    connection.execute("update users set is_active = false")
    for shown in (token, None):
        with pytest.raises(Unauthorized):
            access.admit(database, shown, is_local=True)


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_it_lets_a_changed_account_in_as_it_is_now(database: Database, eva: access.User, connection, role: str) -> None:
    token = access.sign_in(database, eva.email, PASSWORD).token
    connection.execute("update users set role = %s", (role,))
    assert access.admit(database, token, is_local=False).role == role
    connection.execute("update users set is_active = false")
    assert who(database, token) is None


def test_it_refuses_a_user_when_the_role_is_unknown(database: Database) -> None:
    with pytest.raises(InvalidInput, match="accepted are viewer, manager and administrator"):
        access.add_user(database, email="a@b.c", name="A", role="king", password=PASSWORD, actor=TESTER)


def test_it_salts_when_two_users_have_the_same_password() -> None:
    assert access.hash_password(PASSWORD) != access.hash_password(PASSWORD)


def test_it_checks_a_hash_when_it_was_made_with_other_parameters() -> None:
    for stored in (old_hash(PASSWORD, *CHEAP), argon2.PasswordHasher(1, 8, 1).hash(PASSWORD)):
        assert access.check_password(PASSWORD, stored)
        assert not access.check_password("wrong horse", stored)


def test_it_admits_the_local_operator_when_nobody_has_an_account(database: Database) -> None:
    assert access.admit(database, None, is_local=True) == access.LOCAL_OPERATOR


def test_it_refuses_a_stranger_when_nobody_has_an_account(database: Database) -> None:
    with pytest.raises(Forbidden, match="python -m autolynx user add"):
        access.admit(database, None, is_local=False)


def test_it_asks_everybody_to_sign_in_when_a_user_exists(database: Database, eva: access.User) -> None:
    with pytest.raises(Unauthorized):
        access.admit(database, None, is_local=True)
    with pytest.raises(Unauthorized):
        access.admit(database, "made up", is_local=True)
    token = access.sign_in(database, eva.email, PASSWORD).token
    assert access.admit(database, token, is_local=False) == eva


@pytest.mark.parametrize(
    ("client", "host", "headers", "expected"),
    [
        ("127.0.0.1", "localhost:8501", [], True),
        ("127.0.0.1", "127.0.0.1:8501", ["accept"], True),
        ("::1", "[::1]:8501", [], True),
        ("::ffff:127.0.0.1", "LOCALHOST", [], True),
        ("127.0.0.1", "evil.example:8501", [], False),
        ("127.0.0.1", "localhost.evil.example", [], False),
        ("127.0.0.1", None, [], False),
        ("127.0.0.1", "[::1", [], False),
        ("192.168.1.5", "localhost:8501", [], False),
        (None, "localhost:8501", [], False),
        ("127.0.0.1", "localhost:8501", ["X-Forwarded-For"], False),
    ],
)
def test_it_knows_a_local_visitor_when_address_host_and_headers_agree(client, host, headers, expected) -> None:
    assert access.is_local(client, host, headers, is_simulated=True) is expected
    assert not access.is_local(client, host, headers, is_simulated=False)


def test_it_lets_nobody_change_anything_when_they_are_viewers() -> None:
    viewer = access.LOCAL_OPERATOR.model_copy(update={"role": access.Role.VIEWER})
    with pytest.raises(Forbidden):
        access.actor_of(viewer).require(access.Right.CHANGE)
    access.actor_of(access.LOCAL_OPERATOR).require(access.Right.CHANGE)


def test_it_lets_whom_a_page_was_drawn_for_only_look() -> None:
    reader = access.reader_of(access.LOCAL_OPERATOR)

    assert [right for right in access.Right if reader.may(right)] == [access.Right.LOOK]
    assert reader.name == access.actor_of(access.LOCAL_OPERATOR).name == "local operator"


@pytest.mark.parametrize("client", [None, "", "127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_it_knows_a_source_that_may_hide_others(client: str | None) -> None:
    assert access.hides_others(access.source_of(client))


@pytest.mark.parametrize("client", ["192.0.2.1", "10.0.0.1", "2001:db8::7"])
def test_it_knows_a_source_that_hides_nobody(client: str) -> None:
    assert not access.hides_others(access.source_of(client))
