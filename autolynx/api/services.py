"""What every route works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from autolynx.api.wrong_tokens import WrongTokens
from autolynx.database import Database
from autolynx.operations.health import Health
from autolynx.operations.metrics import Metrics
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient

#: Who did it, in the audit log.
ACTOR = "API"


@dataclass(frozen=True, slots=True)
class Services:
    """The process's own settings, database, provider client, health, metrics, and book of wrong tokens."""

    settings: Settings
    database: Database
    client: VapiClient
    health: Health
    metrics: Metrics
    wrong_tokens: WrongTokens


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


Use = Annotated[Services, Depends(_services)]
