"""Who signs in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from autolynx.models.row import Row


class Role(StrEnum):
    """What somebody is here; `access/actor.py` says who may what."""

    VIEWER = "viewer"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class User(Row):
    """Somebody who may sign in."""

    id: UUID
    email: str
    name: str
    role: Role


class Session(BaseModel):
    """A signed-in user's session; `token` is what the browser keeps."""

    token: str
    user: User
    expires_at: datetime
