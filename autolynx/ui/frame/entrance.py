"""What pages and their server both know of the way in: the session's cookie, and whether there is a way in at all."""

from __future__ import annotations

COOKIE = "autolynx_session"
_serving: list[bool] = []


def begin_serving() -> None:
    """The gate stands in this process."""
    _serving.append(True)


def is_serving() -> bool:
    """True in a process where the gate stands, so that there is a sign-in page to send people to."""
    return bool(_serving)
