"""Signing in, and who it is that comes back with a session's token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from autolynx.access.addresses import normalised, shortened
from autolynx.access.passwords import MAX_PASSWORD_LENGTH, check_password, hash_password, is_outdated
from autolynx.access.users import LOCAL_OPERATOR
from autolynx.database import Database
from autolynx.errors import Forbidden, InvalidInput, Unauthorized
from autolynx.models import Session, User

SESSION_SECONDS = 12 * 3600

NO_USERS = (
    "AutoLynx has no users yet. Without a Vapi key it answers on the machine it runs on; to open it to others, or to "
    "use it with a real key, run `python -m autolynx user add` there."
)
WRONG_CREDENTIALS = "The e-mail address or the password is wrong."


class WrongCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""

    def __init__(self, user_id: str | None = None) -> None:
        super().__init__(WRONG_CREDENTIALS)
        self.user_id = user_id  # of the account that was tried, for logs; never for the one who tries


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who is let in, and the origin their session was opened at, as the browser told it then."""

    user: User
    origin: str | None = None


def sign_in(
    database: Database, email: str, password: str, *, source: str | None = None, origin: str | None = None
) -> Session:
    """Open a session. Raises WrongCredentials; an unknown address takes as long as a wrong password.

    `source`: where it is asked for, for the audit log. `origin`: the page's, where a browser told it.
    """
    row = database.call("find_user", email=claimed_address(email))["user"]
    is_right = check_password(password, row["password_hash"] if row else None)
    if row is None or not is_right:
        raise WrongCredentials(row["id"] if row else None)
    if is_outdated(row["password_hash"]):
        _renew_hash(database, row, password)
    token = secrets.token_urlsafe(32)
    opened = database.call(
        "open_session",
        user_id=row["id"],
        token_hash=token_hash(token),
        valid_seconds=SESSION_SECONDS,
        origin=origin,
        source=source,
    )
    return Session(token=token, user=User.model_validate(row), expires_at=datetime.fromisoformat(opened["expires_at"]))


def _renew_hash(database: Database, row: dict[str, Any], password: str) -> None:
    """Keep a hash of today's kind in place of the one that has just matched; one that has changed since stays."""
    database.call(
        "renew_password_hash",
        user_id=row["id"],
        old_hash=row["password_hash"],
        password_hash=hash_password(password[:MAX_PASSWORD_LENGTH]),
    )


def note_refusal(
    database: Database, *, address: str, source: str, reason: Literal["failed", "locked"], user_id: str | None
) -> None:
    """Write into the audit log that somebody was not let in; the address as a short hash."""
    database.call(
        "note_sign_in_refusal", reason=reason, source=source, address_hash=shortened(address), user_id=user_id
    )


def sign_out(database: Database, token: str) -> None:
    """End a session. Safe to repeat."""
    database.call("close_session", token_hash=token_hash(token))


def enter(database: Database, token: str | None, *, is_local: bool) -> Entry:
    """Who asks, as of now. While nobody has an account, whoever sits at this machine is the local operator.

    Raises Unauthorized: sign in first; Forbidden: nobody can sign in yet and the visitor is not local.
    """
    entry, users_total = _look_up(database, token)
    if entry is not None:
        return entry
    if users_total > 0:
        raise Unauthorized
    if not is_local:
        raise Forbidden(NO_USERS)
    return Entry(LOCAL_OPERATOR)


def admit(database: Database, token: str | None, *, is_local: bool) -> User:
    """The user that `enter` finds; raises as it does."""
    return enter(database, token, is_local=is_local).user


def token_hash(token: str) -> str:
    """What the database keeps: a token has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _look_up(database: Database, token: str | None) -> tuple[Entry | None, int]:
    found = database.call("get_session", token_hash=token_hash(token) if token else None)
    entry = Entry(User.model_validate(found["user"]), found["origin"]) if found["user"] else None
    return entry, found["users_total"]


def claimed_address(email: str) -> str:
    """The address that somebody claims, in its normal form.

    Raises WrongCredentials for what is none, so nobody's; or Unauthorized that says which letters an address has.
    """
    try:
        return normalised(email)
    except InvalidInput as error:
        if email.isascii():
            raise WrongCredentials from error
        raise Unauthorized(error.message) from error
