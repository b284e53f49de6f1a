"""Answers about campaigns and who is on their lists."""

from __future__ import annotations

from pydantic import BaseModel

from autolynx.api.answers import Pagination
from autolynx.models import Campaign, Contact, Erasure, Explanation
from autolynx.models.import_report import ImportReport


class CampaignAnswer(BaseModel):
    """A campaign."""

    campaign: Campaign


class CampaignsAnswer(BaseModel):
    """A page of the campaigns."""

    campaigns: list[Campaign]
    pagination: Pagination


class CampaignCreated(BaseModel):
    """A new campaign, and what became of its list."""

    campaign: Campaign
    import_report: ImportReport


class CampaignDeleted(BaseModel):
    """The id as it was given, and what went with the campaign."""

    deleted: str
    erasure: Erasure


class ExplanationAnswer(BaseModel):
    """Why nobody is being called."""

    explanation: Explanation


class ContactsAnswer(BaseModel):
    """A page of a campaign's contacts."""

    contacts: list[Contact]
    pagination: Pagination
