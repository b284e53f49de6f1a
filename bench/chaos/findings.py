"""What can be found wrong with a run, and what its campaigns and its provider look like to those who judge it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from bench.chaos.plan import CampaignPlan

NO_LINE = "call.start.error-subscription-concurrency-limit-reached"
LOST_ANSWERS = (500, 502, 503, 504, "lost", "late")


class Wrong(StrEnum):
    """The kinds of faults, as totals count them."""

    TWICE = "phoned twice"
    AT_ONCE = "two calls at once to one number"
    CAP = "cap passed"
    AFTER_STOP = "after stop"
    DIFFERENCE = "difference"
    NOT_CALLED = "not called without a reason"
    STATUS = "campaign status"
    COUNTERS = "counters"
    ALARM = "alarm"
    PACE = "pace over the limit"
    NO_END = "no end"
    BROKE = "broke"


@dataclass(frozen=True)
class Fault:
    """One promise that was broken, with the evidence."""

    wrong: Wrong
    text: str

    def __str__(self) -> str:
        return f"{self.wrong}: {self.text}"


@dataclass(frozen=True)
class Post:
    """One request for a call, as it arrived."""

    at: datetime
    number: str
    answer: int | str


@dataclass(frozen=True)
class Phoned:
    """One call of the provider's books, in real times."""

    entry: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.entry["id"])

    @property
    def number(self) -> str:
        return str(self.entry["number"])

    @property
    def campaign_id(self) -> str:
        return str(self.entry["metadata"]["autolynx_campaign_id"])

    @property
    def has_rung(self) -> bool:
        return self.entry["dialed_at_real"] is not None

    @property
    def had_no_line(self) -> bool:
        return not self.has_rung and self.entry["ended_reason"] == NO_LINE

    @cached_property
    def requested_at(self) -> datetime:
        return datetime.fromisoformat(self.entry["requested_at"])

    @cached_property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(self.entry["created_at_real"])

    @cached_property
    def ended_at(self) -> datetime:
        return datetime.fromisoformat(self.entry["ended_at_real"])

    @property
    def is_late(self) -> bool:
        """Whether it came to be well after it was asked for."""
        return self.created_at - self.requested_at > timedelta(seconds=0.15)


class Truth:
    """The provider's books."""

    def __init__(self, books: dict[str, Any], campaigns: dict[str, CampaignPlan]) -> None:
        self.books = books
        self.campaigns = campaigns
        self.calls = [Phoned(entry) for entry in books["calls"]]
        self.posts = [Post(datetime.fromisoformat(at), number, answer) for at, number, answer in books["posts"]]

    def holders(self, number: str) -> list[str]:
        """The campaigns that have a number among their contacts."""
        return [campaign_id for campaign_id, plan in self.campaigns.items() if number in plan.numbers]

    @cached_property
    def lost_answers(self) -> int:
        return sum(post.answer in LOST_ANSWERS for post in self.posts)
