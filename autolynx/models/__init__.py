"""The product's nouns as every layer sees them, a file a noun. Field names are those of the tables."""

from __future__ import annotations

from autolynx.models.assistant import Assistant, AssistantSource, plain_config
from autolynx.models.call import IN_DOUBT, ActiveCall, Call, CallContact, CallEvent, CallOutcome, CallStatus, LatestCall
from autolynx.models.campaign import (
    WEEKDAYS,
    CallingHours,
    Campaign,
    CampaignMode,
    CampaignStatus,
    Explanation,
    Progress,
    Reason,
)
from autolynx.models.contact import Contact, ContactState
from autolynx.models.new_campaign import LONGEST_NAME, NewCampaign, is_required, told_fields
from autolynx.models.operations import Alarm, Erasure, ProviderHealth, SchedulerLife
from autolynx.models.overview import DayFigures, Overview
from autolynx.models.page import Page
from autolynx.models.phone_line import PhoneLine
from autolynx.models.row import Row
from autolynx.models.user import Role, Session, User

__all__ = [
    "IN_DOUBT",
    "LONGEST_NAME",
    "WEEKDAYS",
    "ActiveCall",
    "Alarm",
    "Assistant",
    "AssistantSource",
    "Call",
    "CallContact",
    "CallEvent",
    "CallOutcome",
    "CallStatus",
    "CallingHours",
    "Campaign",
    "CampaignMode",
    "CampaignStatus",
    "Contact",
    "ContactState",
    "DayFigures",
    "Erasure",
    "Explanation",
    "LatestCall",
    "NewCampaign",
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
    "is_required",
    "plain_config",
    "told_fields",
]
