"""Who may use the desk: passwords, sessions, and the rule for a laptop on which nobody has an account yet."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
import threading
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from autolynx.database import Database
from autolynx.errors import Forbidden, InvalidInput, Unauthorized
from autolynx.models import Session, User

SESSION_SECONDS = 12 * 3600
MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 8, 1024  # characters

#: OWASP's password storage cheat sheet (read 2026-11) asks of scrypt: N=2^15, r=8, p=3, or costlier. 32 MiB.
_N, _R, _P = 2**15, 8, 3
_MEMORY = 64 * 1024**2
#: Each hash takes 32 MiB and a core: a flood of sign-ins waits in line instead of taking the machine.
_turns = threading.BoundedSemaphore(2)

LOCAL_OPERATOR = User(id=UUID(int=0), email="", name="local operator", role="administrator")
#: A proxy puts one of these in; what comes through a proxy is not from this machine.
_FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})

NO_USERS = (
    "AutoLynx has no users yet. Without a Vapi key it answers on the machine it runs on; to open it to others, or to "
    "use it with a real key, run `python -m autolynx user add` there."
)
WRONG_CREDENTIALS = "The e-mail address or the password is wrong."


def add_user(database: Database, *, email: str, name: str, role: str, password: str, actor: str) -> User:
    """Add a user, or change the one with this address and end their sessions.

    Raises InvalidInput for an address, a role or a password that cannot be used.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise InvalidInput(f"The password has {len(password)} characters; accepted are 8 to 1024.")
    row = database.call(
        "save_user", email=email, name=name, role=role, password_hash=hash_password(password), actor=actor
    )
    return User.model_validate(row)


def sign_in(database: Database, email: str, password: str) -> Session:
    """Open a session. Raises Unauthorized; an unknown address takes as long as a wrong password."""
    is_text = email.isprintable()  # what the database could not store, nobody is called
    row = database.call("find_user", email=email)["user"] if is_text else None
    is_right = check_password(password, row["password_hash"] if row else _NOBODY)
    if row is None or not is_right:
        raise Unauthorized(WRONG_CREDENTIALS)
    token = secrets.token_urlsafe(32)
    opened = database.call(
        "open_session", user_id=row["id"], token_hash=_token_hash(token), valid_seconds=SESSION_SECONDS
    )
    return Session(
        token=token, user=User.model_validate(row), expires_at=datetime.fromisoformat(opened["expires_at"])
    )


def who(database: Database, token: str | None) -> User | None:
    """Whose session this is; None for no, a false or an expired token."""
    return _look_up(database, token)[0]


def sign_out(database: Database, token: str) -> None:
    """End a session. Safe to repeat."""
    database.call("close_session", token_hash=_token_hash(token))


def admit(database: Database, token: str | None, *, is_local: bool) -> User:
    """Who asks. While nobody has an account, whoever sits at this machine is the local operator.

    Raises Unauthorized: sign in first; Forbidden: nobody can sign in yet and the visitor is not local.
    """
    user, users_total = _look_up(database, token)
    if user is not None:
        return user
    if users_total > 0:
        raise Unauthorized
    if not is_local:
        raise Forbidden(NO_USERS)
    return LOCAL_OPERATOR


def require_change_right(user: User) -> None:
    """Raise Forbidden for somebody who may only look."""
    if not may_change(user):
        raise Forbidden("Your account may look at everything and change nothing; ask an administrator.")


def actor(user: User) -> str:
    """What the audit log and a campaign's reason call somebody."""
    return user.email or user.name


def may_change(user: User) -> bool:
    """True for managers and administrators."""
    return user.role in ("manager", "administrator")


def is_local(
    client: str | None, host: str | None, header_names: Iterable[str], *, is_simulated: bool
) -> bool:
    """True when a request comes from this machine and was meant for it, not through a proxy, and nothing is at stake.

    A proxy that adds no header cannot be told from a browser here, so with a real Vapi key nobody is local: the
    first user is added on the command line.
    The Host header counts too: a web page elsewhere can make a browser here send requests here, under its own
    name (DNS rebinding). `host` may have a port.
    """
    is_forwarded = not _FORWARDED.isdisjoint(name.lower() for name in header_names)
    return is_simulated and not is_forwarded and _is_loopback(client) and _is_loopback(_host_name(host))


def hash_password(password: str) -> str:
    """`scrypt$N$r$p$salt$hash`, with a salt of its own."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def check_password(password: str, stored: str) -> bool:
    """Compare in constant time, with the parameters the hash was made with."""
    _, n, r, p, salt, digest = stored.split("$")
    found = _scrypt(password[:MAX_PASSWORD_LENGTH], base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    with _turns:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32
        )


def _look_up(database: Database, token: str | None) -> tuple[User | None, int]:
    found = database.call("get_session", token_hash=_token_hash(token) if token else None)
    user = User.model_validate(found["user"]) if found["user"] else None
    return user, found["users_total"]


def _token_hash(token: str) -> str:
    """What the database keeps: a token has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _host_name(host: str | None) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname if host else None
    except ValueError:
        return None


def _is_loopback(name: str | None) -> bool:
    if name is None:
        return False
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


#: What an unknown address's password is compared with, at the same cost; nothing matches it.
_NOBODY = f"scrypt${_N}${_R}${_P}${'A' * 22}==${'A' * 43}="
