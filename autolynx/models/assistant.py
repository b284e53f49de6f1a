"""Voice assistants."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, field_validator

from autolynx.models.row import Row
from autolynx.secrecy.masking import mask


class AssistantSource(StrEnum):
    """Where an assistant came from. Templates can only be cloned."""

    LOCAL = "local"
    IMPORTED = "imported"
    TEMPLATE = "template"


class Assistant(Row):
    """A voice assistant of the directory."""

    id: UUID
    name: str
    source: AssistantSource
    provider: str
    provider_assistant_id: str
    #: the configuration in the provider's own form, its secrets masked: whoever needs them reads `plain_config`
    config_json: dict[str, Any]
    active: bool
    ephemeral: bool
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    campaigns_total: int = 0
    campaigns_open: int = 0

    @field_validator("config_json")
    @classmethod
    def _without_secrets(cls, value: dict[str, Any]) -> dict[str, Any]:
        shown = plain_config(value)
        mask(shown)
        return shown


def plain_config(value: dict[str, Any]) -> dict[str, Any]:
    """A stored configuration as it goes to the provider: the database reads numbers as Decimal, for money."""
    plain: dict[str, Any] = _without_decimals(value)
    return plain


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _without_decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_decimals(item) for item in value]
    return value
