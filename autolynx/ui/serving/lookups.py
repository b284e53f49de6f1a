"""Looking up sessions for the gate: those that were just seen never wait behind tokens that somebody made up."""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import partial

from anyio import CapacityLimiter, to_thread

from autolynx import access
from autolynx.errors import Forbidden, Unauthorized
from autolynx.ui.frame import resources

_AT_ONCE_KNOWN, _AT_ONCE_UNKNOWN = 12, 2
_MOST_KNOWN = 10_000
#: For so long "somebody has an account" is believed of those who bring no token.
_FRESH_SECONDS = 1.0


class LookUps:
    """Asks the database of every request who sends it, on threads of its own. For the server's event loop alone."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()  # hashes of tokens that were a session's when last asked
        self._for_known = CapacityLimiter(_AT_ONCE_KNOWN)
        self._for_unknown = CapacityLimiter(_AT_ONCE_UNKNOWN)
        self._asked_to_sign_in_at = -_FRESH_SECONDS
        self._local_operator_at = -_FRESH_SECONDS

    def knows(self, token: str | None, *, is_local: bool) -> bool:
        """True for a session that was one when last asked, and for who sits here while nobody has an account."""
        if is_local and time.monotonic() - self._local_operator_at < _FRESH_SECONDS:
            return True
        return token is not None and access.token_hash(token) in self._known

    async def enter(self, token: str | None, *, is_local: bool) -> access.Entry:
        """As `access.enter`, which is asked each time that somebody shows a token or sits at this machine."""
        if token is None and not is_local and time.monotonic() - self._asked_to_sign_in_at < _FRESH_SECONDS:
            raise Unauthorized
        shown = access.token_hash(token) if token else None
        lane = self._for_known if shown in self._known else self._for_unknown
        ask = partial(access.enter, is_local=is_local)
        try:
            entry = await to_thread.run_sync(ask, resources.database(), token, limiter=lane)
        except (Unauthorized, Forbidden) as error:
            self._forget(shown)
            if isinstance(error, Unauthorized):
                self._asked_to_sign_in_at = time.monotonic()
            raise
        if entry.user == access.LOCAL_OPERATOR:
            self._local_operator_at = time.monotonic()
        elif token:
            self.remember(token)
        return entry

    def remember(self, token: str) -> None:
        """A session has just been opened, or found."""
        shown = access.token_hash(token)
        self._known[shown] = None
        self._known.move_to_end(shown)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def _forget(self, shown: str | None) -> None:
        if shown:
            self._known.pop(shown, None)
