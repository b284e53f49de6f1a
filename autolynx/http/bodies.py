"""Reading a request's body within bounds of size and time; the stricter ones are for who has proven nothing yet."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import Receive

#: for a whole body of somebody who has proven who he is, and of somebody who has not
PROVEN_SECONDS, UNPROVEN_SECONDS = 60.0, 10.0
MOST_UNPROVEN_BYTES = 32 * 1024**2
MOST_UNPROVEN = 256
_NUMBER = re.compile(rb"[0-9]+")
_MOST_DIGITS = 18


class BadLength(Exception):
    """Content-Length is no number."""

    MESSAGE = "Content-Length is no number."


class BodyTooLarge(Exception):
    """More than was allowed."""


class BodyTooSlow(Exception):
    """The body was not there in time."""


class PutAside(Exception):
    """Too much that nobody has vouched for comes in at once, and this was the most of it."""


class SenderGone(Exception):
    """The connection was lost before the whole body had come."""


def announced_bytes(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """What Content-Length says, at most a number of 18 digits; 0 without one. Raises BadLength."""
    given = dict(headers).get(b"content-length", b"0")
    if not _NUMBER.fullmatch(given):
        raise BadLength
    digits = given.lstrip(b"0")
    return int(digits or b"0") if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


async def read(receive: Receive, most_bytes: int) -> bytes:
    """The body of a sender who is known. Raises BodyTooLarge, BodyTooSlow or SenderGone."""
    try:
        async with asyncio.timeout(PROVEN_SECONDS):
            return await _read(receive, most_bytes, lambda _: None)
    except TimeoutError as error:
        raise BodyTooSlow from error


@dataclass(eq=False, slots=True)
class _Reading:
    """One body that comes in."""

    patience: asyncio.Timeout
    received: int = 0
    is_put_aside: bool = False

    def put_aside(self) -> None:
        """Give its memory back: at its next wait the reading ends."""
        self.is_put_aside = True
        self.received = 0
        self.patience.reschedule(asyncio.get_running_loop().time())


class Unproven:
    """The bodies that come in before their senders have proven anything, as a signature needs. Used on one event loop.

    Where they become too many, the oldest goes, and where too large together, the largest: an honest message is short
    and there at once.
    """

    def __init__(self) -> None:
        self._readings: dict[_Reading, None] = {}  # the oldest first

    async def read(self, receive: Receive, most_bytes: int) -> bytes:
        """A body. Raises BodyTooLarge, BodyTooSlow, PutAside or SenderGone."""
        if len(self._readings) >= MOST_UNPROVEN:
            self._put_aside(next(iter(self._readings)))
        reading = _Reading(asyncio.timeout(UNPROVEN_SECONDS))
        self._readings[reading] = None
        try:
            async with reading.patience:
                return await _read(receive, most_bytes, lambda size: self._note(reading, size))
        except TimeoutError as error:
            raise (PutAside if reading.is_put_aside else BodyTooSlow) from error
        finally:
            self._readings.pop(reading, None)

    def _note(self, reading: _Reading, size: int) -> None:
        if reading.is_put_aside:
            raise PutAside
        reading.received += size
        if sum(each.received for each in self._readings) > MOST_UNPROVEN_BYTES:
            self._put_aside(max(self._readings, key=lambda each: each.received))

    def _put_aside(self, reading: _Reading) -> None:
        del self._readings[reading]
        reading.put_aside()


async def _read(receive: Receive, most_bytes: int, note: Callable[[int], None]) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone
        piece = message.get("body", b"")
        note(len(piece))
        body += piece
        if len(body) > most_bytes:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return bytes(body)
