"""Who may use the desk: users and their rights, passwords, sessions, and the rule for a laptop without accounts."""

from autolynx.access.actor import Actor, Right, Way, actor_of, may_change, may_delete, reader_of
from autolynx.access.addresses import normalised, shortened
from autolynx.access.failures import Attempt, Failures, TooManyAttempts
from autolynx.access.machine import hides_others, is_local, source_of
from autolynx.access.passwords import check_password, hash_password, require_unguessable
from autolynx.access.sessions import (
    NO_USERS,
    SESSION_SECONDS,
    WRONG_CREDENTIALS,
    Entry,
    WrongCredentials,
    admit,
    claimed_address,
    enter,
    note_refusal,
    sign_in,
    sign_out,
    token_hash,
)
from autolynx.access.users import LOCAL_OPERATOR, add_user
from autolynx.models import Role, Session, User

__all__ = [
    "LOCAL_OPERATOR",
    "NO_USERS",
    "SESSION_SECONDS",
    "WRONG_CREDENTIALS",
    "Actor",
    "Attempt",
    "Entry",
    "Failures",
    "Right",
    "Role",
    "Session",
    "TooManyAttempts",
    "User",
    "Way",
    "WrongCredentials",
    "actor_of",
    "add_user",
    "admit",
    "check_password",
    "claimed_address",
    "enter",
    "hash_password",
    "hides_others",
    "is_local",
    "may_change",
    "may_delete",
    "normalised",
    "note_refusal",
    "reader_of",
    "require_unguessable",
    "shortened",
    "sign_in",
    "sign_out",
    "source_of",
    "token_hash",
]
