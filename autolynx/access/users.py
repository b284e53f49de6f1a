"""Users, and what each may do."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.addresses import normalised
from autolynx.access.passwords import hash_password, require_unguessable
from autolynx.database import Database
from autolynx.errors import Forbidden
from autolynx.models import User

LOCAL_OPERATOR = User(id=UUID(int=0), email="", name="local operator", role="administrator")


def add_user(database: Database, *, email: str, name: str, role: str, password: str, actor: str) -> User:
    """Add a user, or change the one with this address and end their sessions.

    Raises InvalidInput for an address, a role or a password that cannot be used.
    """
    address = normalised(email)
    require_unguessable(password, email=address, name=name)
    row = database.call(
        "save_user", email=address, name=name, role=role, password_hash=hash_password(password), actor=actor
    )
    return User.model_validate(row)


def require_change_right(user: User) -> None:
    """Raise Forbidden for somebody who may only look."""
    if not may_change(user):
        raise Forbidden("Your account may look at everything and change nothing; ask an administrator.")


def actor(user: User) -> str:
    """What the audit log and a campaign's reason call somebody."""
    return user.email or user.name


def require_delete_right(user: User) -> None:
    """Raise Forbidden for somebody who may not delete for good."""
    if not may_delete(user):
        raise Forbidden("Only an administrator may delete for good.")


def may_delete(user: User) -> bool:
    """True for administrators."""
    return user.role == "administrator"


def may_change(user: User) -> bool:
    """True for managers and administrators."""
    return user.role in ("manager", "administrator")
