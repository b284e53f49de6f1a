"""Who somebody with a session's token is, as the pages are told."""

from __future__ import annotations

from autolynx import access
from autolynx.database import Database
from autolynx.errors import Forbidden, Unauthorized


def who(database: Database, token: str | None) -> access.User | None:
    """Whose session this is; None for no, a false or an expired token."""
    try:
        return access.admit(database, token, is_local=False)
    except (Forbidden, Unauthorized):
        return None
