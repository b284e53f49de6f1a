"""Users: who may sign in."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.access.addresses import normalised
from autolynx.access.passwords import hash_password, require_unguessable
from autolynx.database import Database
from autolynx.models import Role, User

LOCAL_OPERATOR = User(id=UUID(int=0), email="", name="local operator", role=Role.ADMINISTRATOR)


def add_user(database: Database, *, actor: Actor, email: str, name: str, role: str, password: str) -> User:
    """Add a user, or change the one with this address and end their sessions.

    Raises InvalidInput for an address, a role or a password that cannot be used.
    """
    actor.require(Right.ADMINISTER)
    address = normalised(email)
    require_unguessable(password, email=address, name=name)
    row = database.call(
        "save_user", email=address, name=name, role=role, password_hash=hash_password(password), actor=actor.name
    )
    return User.model_validate(row)
