"""The first page."""

from __future__ import annotations

from autolynx.models.call import LatestCall
from autolynx.models.campaign import Campaign
from autolynx.models.row import Row
from autolynx.models.serialization import Seconds, Usd


class DayFigures(Row):
    """What happened since the day began."""

    calls: int
    #: None where costs are not shown (FEATURE_COST_TRACKING)
    cost_usd: Usd | None
    humans_reached: int
    successes: int
    talk_seconds: Seconds


class Overview(Row):
    """The first page."""

    open_campaigns: list[Campaign]
    campaigns_total: int
    assistants_total: int
    organization_cap: int
    active_calls: int
    held_calls: int
    today: DayFigures
    latest_calls: list[LatestCall]
