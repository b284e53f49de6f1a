"""A list of the provider's, read to its end in pages.

There is no cursor, only the time of creation; neither the order of a list nor how full a page is are documented
(VapiAI/docs OpenAPI, 2026-08-18). So a page that is not full proves nothing, only one that brings nothing new does; and
where pages come in no order, the time they cover is halved, and each half read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from autolynx.errors import ProviderUnavailable

_MILLISECOND = timedelta(milliseconds=1)  # the finest that a list can be asked for


class Listed(Protocol):
    """Something in a list."""

    @property
    def id(self) -> str:
        """Which one it is."""
        ...

    @property
    def created_at(self) -> datetime | None:
        """By the provider's clock, where it says."""
        ...


Item = TypeVar("Item", bound=Listed)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, both included, in whole milliseconds; None is without end."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def params(self) -> dict[str, str]:
        """As a list is asked for it."""
        bounds = {"createdAtGe": self.since, "createdAtLe": self.until}
        return {name: _stamp(at) for name, at in bounds.items() if at is not None}

    def within(self, times: list[datetime]) -> list[datetime]:
        """Those that lie in it."""
        return [at for at in times if (self.since or at) <= at <= (self.until or at)]

    def halves(self, times: list[datetime]) -> list[Span]:
        """Two spans that share a moment, with as many of the times in the one as in the other; none where too short."""
        inside = sorted(self.within(times))
        if not inside:
            return []
        middle = inside[len(inside) // 2]
        if self.until is not None:
            middle = min(middle, self.until - _MILLISECOND)
        if self.since is not None:
            middle = max(middle, self.since + _MILLISECOND)
        if self.until is not None and middle >= self.until:
            return []
        return [replace(self, since=middle), replace(self, until=middle)]


def to_the_end(
    read: Callable[[dict[str, str]], list[Item]], page_size: int, *, since: datetime | None = None
) -> list[Item]:
    """Everything in a list, created since then; `read` answers one page.

    Raises ProviderUnavailable where it cannot be read to its end: more than a page of one millisecond, or no times.
    """
    found: dict[str, Item] = {}
    left = [Span(None if since is None else _whole(since))]
    while left:
        span = left.pop()
        page = read({"limit": str(page_size)} | span.params)
        fresh = {item.id: item for item in page if item.id not in found}
        found |= fresh
        is_full = len(page) >= page_size
        if fresh or is_full:
            left += _rest(span, [_whole(item.created_at) for item in page if item.created_at], bool(fresh), is_full)
    return list(found.values())


def _rest(span: Span, times: list[datetime], is_new: bool, is_full: bool) -> list[Span]:
    """What is still to be asked for after a page with these times. The edges are asked for again."""
    if is_new and times and times == sorted(times, reverse=True):
        edge = times[-1] + _MILLISECOND  # times are cut to milliseconds on the wire: it may really be a little later
        return [replace(span, until=edge if span.until is None else min(edge, span.until))]
    if is_new and times and times == sorted(times):
        return [replace(span, since=times[-1] if span.since is None else max(times[-1], span.since))]
    halves = span.halves(times)
    if is_full and not halves:
        raise ProviderUnavailable("Vapi's list cannot be read to its end.")
    return halves


def _whole(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
