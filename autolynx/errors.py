"""What can go wrong, in sentences fit for a user.

A class's docstring is its default message. Every database refusal carries its own SQLSTATE; the table that
maps those codes to these classes is `autolynx/database/refusals.py`.
"""

from __future__ import annotations

from typing import Any

#: Who is turned away because something is away or busy for a moment, is told to come again after so long.
RETRY_AFTER_SECONDS = 5


class AutoLynxError(Exception):
    """Something went wrong in AutoLynx."""

    code = "internal"

    def __init__(self, message: str | None = None, *, details: Any = None, hint: str | None = None) -> None:
        super().__init__(message or self.__doc__)
        self.details = details
        self.hint = hint

    @property
    def message(self) -> str:
        """The sentence to show."""
        return str(self)


class NotFound(AutoLynxError):
    """There is nothing with this id."""

    code = "not_found"


class Conflict(AutoLynxError):
    """This cannot be done in the present state."""

    code = "conflict"


class InvalidInput(AutoLynxError):
    """What was given cannot be used."""

    code = "invalid_input"


class Unavailable(AutoLynxError):
    """The database cannot be reached; please try again."""

    code = "unavailable"


class Busy(Unavailable):
    """Somebody else is changing this just now; please try again."""

    # Nothing was changed, and trying again is safe whatever was asked: the database took the whole call back.


class Forbidden(AutoLynxError):
    """This is not permitted."""

    code = "forbidden"


class Unauthorized(AutoLynxError):
    """Sign in, or send a valid token, to do this."""

    code = "unauthorized"


class ProviderError(AutoLynxError):
    """Vapi refused the request."""

    code = "provider_refused"


class ProviderUnavailable(ProviderError):
    """Vapi cannot be reached; please try again."""

    code = "provider_unavailable"


class ProviderKeyRefused(ProviderError):
    """Vapi refused the API key. Check VAPI_API_KEY: it takes a private key from the Vapi dashboard."""

    code = "provider_key_refused"


class ProviderNotFound(ProviderError):
    """Vapi does not know this."""

    code = "provider_not_found"


def at_the_terminal(error: Exception) -> str:
    """The sentence, with the hint and what the database's driver said; these name hosts: never for a page."""
    told, reason, hint = str(error), getattr(error, "details", None), getattr(error, "hint", None)
    if isinstance(error, Unavailable) and isinstance(reason, str):
        told += f" ({' '.join(reason.split())})"
    return f"{told} {hint}" if hint else told
