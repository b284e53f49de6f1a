"""Answers about the directory."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from autolynx.api.answers import Pagination
from autolynx.models import Assistant


class AssistantAnswer(BaseModel):
    """An assistant."""

    assistant: Assistant


class AssistantsAnswer(BaseModel):
    """A page of the directory."""

    assistants: list[Assistant]
    pagination: Pagination


class AssistantDeleted(BaseModel):
    """The id of the assistant that is no longer in the directory."""

    deleted: UUID
