"""Which secret opens which path. Everything under `/api` is closed unless it is named here; `/metrics` may be."""

from __future__ import annotations

import hmac

from fastapi import Security
from fastapi.security import HTTPBearer
from pydantic import SecretStr

from autolynx.access.actor import Actor, Way
from autolynx.errors import Unauthorized
from autolynx.models import Role
from autolynx.settings import Settings
from autolynx.vapi.signature import Headers, bearer_token

OPEN_PATHS = frozenset({"/api/health"})
TICK_PATH = "/api/scheduler/tick"
METRICS_PATH = "/metrics"

#: As whom API_TOKEN acts: it has a name, as every token has, and the administrator's rights.
API_TOKEN = Actor("API token", Role.ADMINISTRATOR, Way.API_TOKEN)

#: For the OpenAPI page only: the gate has checked the token before a route is reached.
ShowsToken = Security(HTTPBearer(auto_error=False, description="API_TOKEN"))
ShowsMetricsToken = Security(HTTPBearer(auto_error=False, scheme_name="Metrics", description="METRICS_TOKEN"))
ShowsCronSecret = Security(HTTPBearer(auto_error=False, scheme_name="Cron", description="CRON_SHARED_SECRET"))


def door(path: str) -> str:
    """Which token a path asks for, as logs and metrics call it."""
    return {TICK_PATH: "cron", METRICS_PATH: "metrics"}.get(path, "api")


def check_token(path: str, headers: Headers, settings: Settings) -> Actor | None:
    """Who acts by the token shown; None where the path is open, or its secret is nobody's name.

    Raises Unauthorized unless the headers open the path. Without a secret configured nothing does.
    """
    if path in OPEN_PATHS:
        return None
    if path == METRICS_PATH:
        if settings.metrics_token is not None:
            _check(settings.metrics_token, "METRICS_TOKEN", bearer_token(headers))
    elif path == TICK_PATH:
        cron_header = dict(headers).get(b"x-cron-secret", b"")
        _check(settings.cron_shared_secret, "CRON_SHARED_SECRET", bearer_token(headers), cron_header)
    else:
        _check(settings.api_token, "API_TOKEN", bearer_token(headers))
        return API_TOKEN
    return None


def _check(secret: SecretStr | None, name: str, *given: bytes) -> None:
    if secret is None:
        raise Unauthorized(f"This is closed: {name} is not set on the server.")
    wanted = secret.get_secret_value().encode()
    if not any(hmac.compare_digest(candidate, wanted) for candidate in given):
        raise Unauthorized(f"Send the header Authorization: Bearer followed by the value of {name}.")
