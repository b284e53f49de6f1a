"""The judgement by the provider's books: who was phoned how often, how many at once, and after whose Stop."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bench.chaos.diary import Deed
from bench.chaos.findings import Fault, Phoned, Post, Truth, Wrong
from bench.chaos.plan import Plan

UNDER_WAY = timedelta(seconds=0.3)  # a request that had its leave before the commit arrives so much later at most
WINDOW = timedelta(seconds=10)
REFUSED_A_SECOND = 2.0
FOREVER = datetime.max.replace(tzinfo=UTC)
_CLOSES = ("pause", "stop")


def judged(plan: Plan, truth: Truth, deeds: list[Deed], excused: int) -> Iterator[Fault]:
    """Every promise broken by these books. `excused`: calls that rightly turned up after their line was given back."""
    yield from _twice(truth)
    yield from _at_once(truth)
    yield from _caps(plan, truth, excused)
    yield from _after_stop(truth, deeds)
    yield from _pace(plan, truth)


def _twice(truth: Truth) -> Iterator[Fault]:
    rung = Counter((call.number, call.campaign_id) for call in truth.calls if call.has_rung)
    for (number, campaign_id), times in rung.items():
        if times > 1 or number not in truth.campaigns[campaign_id].numbers:
            yield Fault(Wrong.TWICE, f"{number} {times} times by campaign {campaign_id}")


def _at_once(truth: Truth) -> Iterator[Fault]:
    by_number: defaultdict[str, list[Phoned]] = defaultdict(list)
    for call in sorted(truth.calls, key=lambda call: call.created_at):
        if call.has_rung:
            by_number[call.number].append(call)
    for number, calls in by_number.items():
        for before, after in pairwise(calls):
            if after.created_at < before.ended_at:
                live = f"{before.id} until {before.ended_at}, {after.id} from {after.created_at}"
                yield Fault(Wrong.AT_ONCE, f"{number}: {live}")


def _caps(plan: Plan, truth: Truth, excused: int) -> Iterator[Fault]:
    books = truth.books
    found = [("the organisation", books["peak_concurrency"], plan.organization_cap)]
    found += [
        (f"campaign {campaign_id}", books["peak_by_campaign"].get(campaign_id, 0), campaign.cap)
        for campaign_id, campaign in truth.campaigns.items()
    ]
    if plan.line_cap:
        found += [(f"line {line}", peak, plan.line_cap) for line, peak in books["peak_by_line"].items()]
    for whose, peak, cap in found:
        if peak > cap + excused:
            yield Fault(Wrong.CAP, f"{whose}: {peak} calls at once on a cap of {cap}, {excused} excused")


def _after_stop(truth: Truth, deeds: list[Deed]) -> Iterator[Fault]:
    closed = {campaign_id: _closed(campaign_id, deeds) for campaign_id in truth.campaigns}
    forbidden = {deed.subject: deed.committed_at for deed in reversed(deeds) if deed.what == "do-not-call"}
    asked = {(call.number, call.requested_at): call.campaign_id for call in truth.calls}
    for post in truth.posts:
        if post.at > forbidden.get(post.number, FOREVER - UNDER_WAY) + UNDER_WAY:
            yield Fault(Wrong.AFTER_STOP, f"{_late(post, forbidden[post.number])} it was put on the do-not-call list")
        whose = asked.get((post.number, post.at))
        since = [_closed_since(post, closed[c]) for c in ([whose] if whose else truth.holders(post.number))]
        if since and all(since):
            yield Fault(Wrong.AFTER_STOP, f"{_late(post, max(filter(None, since)))} its campaign was closed")


def _late(post: Post, since: datetime) -> str:
    return f"{post.number} was asked for at {post.at} ({post.answer}), {(post.at - since).total_seconds():.2f} s after"


def _closed(campaign_id: str, deeds: list[Deed]) -> list[tuple[datetime, datetime]]:
    """When a campaign may not dial: from each commit that closes it to the beginning of what opens it."""
    found, since = [], datetime.min.replace(tzinfo=UTC)
    for deed in sorted((d for d in deeds if d.subject == campaign_id), key=lambda deed: deed.committed_at):
        if deed.what in ("start", "resume") and since is not None:
            found.append((since, deed.began_at))
            since = None
        elif deed.what in _CLOSES and since is None:
            since = deed.committed_at
    return [*found, (since, FOREVER)] if since is not None else found


def _closed_since(post: Post, closed: list[tuple[datetime, datetime]]) -> datetime | None:
    return next((since for since, until in closed if since + UNDER_WAY < post.at < until), None) if closed else None


def _pace(plan: Plan, truth: Truth) -> Iterator[Fault]:
    """Requests beyond what lines allow: at most two a second over any ten, and one burst of the cap."""
    most = REFUSED_A_SECOND * WINDOW.total_seconds() + plan.organization_cap
    at = sorted(_refused_for_want_of_a_line(plan, truth))
    for n, first in enumerate(at):
        within = sum(1 for other in at[n:] if other - first <= WINDOW)
        if within > most:
            yield Fault(Wrong.PACE, f"{within} requests found no line in the ten seconds from {first}")
            return


def _refused_for_want_of_a_line(plan: Plan, truth: Truth) -> Iterator[datetime]:
    yield from (call.requested_at for call in truth.calls if call.had_no_line)
    answer = 400 if plan.over_limit in (None, "refuse_400") else 429
    known = plan.bad_numbers | plan.strange_numbers
    if plan.has("inbound") or plan.over_limit:
        yield from (post.at for post in truth.posts if post.answer == answer and post.number not in known)
