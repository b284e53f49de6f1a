"""The product's nouns as every layer sees them, a file a noun. Field names are those of the tables."""

from __future__ import annotations

from autolynx.models.assistant import Assistant, AssistantSource, plain_config
from autolynx.models.call import IN_DOUBT, ActiveCall, Call, CallContact, CallEvent, CallStatus, LatestCall
from autolynx.models.campaign import CallingHours, Campaign, CampaignMode, CampaignStatus, Explanation, Progress, Reason
from autolynx.models.contact import Contact
from autolynx.models.operations import Alarm, Erasure, ProviderHealth, SchedulerLife
from autolynx.models.overview import DayFigures, Overview
from autolynx.models.page import Page
from autolynx.models.phone_line import PhoneLine
from autolynx.models.row import Row
from autolynx.models.user import Role, Session, User

__all__ = [
    "IN_DOUBT",
    "ActiveCall",
    "Alarm",
    "Assistant",
    "AssistantSource",
    "Call",
    "CallContact",
    "CallEvent",
    "CallStatus",
    "CallingHours",
    "Campaign",
    "CampaignMode",
    "CampaignStatus",
    "Contact",
    "DayFigures",
    "Erasure",
    "Explanation",
    "LatestCall",
    "Overview",
    "Page",
    "PhoneLine",
    "Progress",
    "ProviderHealth",
    "Reason",
    "Role",
    "Row",
    "SchedulerLife",
    "Session",
    "User",
    "plain_config",
]
