"""What every route works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from autolynx.access.actor import Actor
from autolynx.api.wrong_tokens import WrongTokens
from autolynx.database import Database
from autolynx.errors import Unauthorized
from autolynx.operations.health import Health
from autolynx.operations.metrics import Metrics
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient

#: Where the gate leaves, in a request's scope, who acts by the token that was shown.
ACTOR = "autolynx.actor"


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


async def _actor(request: Request) -> Actor:
    """Who acts. A route that the gate did not open by somebody's token has nobody."""
    actor = request.scope.get(ACTOR)
    if actor is None:
        raise Unauthorized
    return cast(Actor, actor)


Use = Annotated[Services, Depends(_services)]
Acting = Annotated[Actor, Depends(_actor)]
