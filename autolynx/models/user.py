"""Who signs in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from autolynx.models.row import Row


class User(Row):
    """Somebody who may sign in."""

    id: UUID
    email: str
    name: str
    role: str


class Session(BaseModel):
    """A signed-in user's session; `token` is what the browser keeps."""

    token: str
    user: User
    expires_at: datetime
