"""Is the product working? The database, the provider and the scheduler, each asked in bounded time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from autolynx.access.actor import Actor, Right
from autolynx.contacts.time_zone_rules import concerns, is_usable
from autolynx.database import Database
from autolynx.errors import AutoLynxError
from autolynx.models import ProviderHealth, SchedulerLife
from autolynx.operations.probe import PATIENCE_SECONDS, Check, Probe
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient

log = structlog.get_logger(__name__)

HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"

_DATABASE_FRESH_SECONDS = 0.5
_PROVIDER_FRESH_SECONDS = 30.0  # anybody may ask for our health; Vapi counts what we ask it
_ALARMS_SHOWN = 20  # the newest; a restored database may raise one for every call that it had forgotten
_ONLY_DATABASE_KNOWS = "Only the database knows."
_SILENT = f"{{}} did not answer within {PATIENCE_SECONDS:g} seconds."


class Health:
    """The state of the product, for monitors and people. Threads may share one."""

    def __init__(self, database: Database, client: VapiClient, settings: Settings) -> None:
        self._database = Probe(lambda: _ask_database(database), fresh_seconds=_DATABASE_FRESH_SECONDS)
        self._provider = Probe(lambda: _ask_provider(client, settings), fresh_seconds=_PROVIDER_FRESH_SECONDS)

    async def report(self) -> dict[str, Any]:
        """`{"status", "timestamp", "checks"}` without secrets; unhealthy when the database cannot be used."""
        database, provider = await asyncio.gather(self._database.answer(), self._provider.answer())
        database = database or {"status": UNHEALTHY, "message": _SILENT.format("The database")}
        provider = provider or {"status": DEGRADED, "message": _SILENT.format("The provider")}
        figures = database.get("figures")
        return {
            "status": database["status"],
            "timestamp": datetime.now(UTC).isoformat(),
            "checks": {
                "database": {name: value for name, value in database.items() if name != "figures"},
                "provider": provider,
                "scheduler": _scheduler_check(figures),
                "alarms": _alarms_check(figures),
                "time_zones": _time_zones_check(figures),
            },
        }

    async def figures(self) -> dict[str, Any] | None:
        """What `get_health` counts, at most half a second old; None while the database is away."""
        found = await self._database.answer()
        return found.get("figures") if found else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What every page says above itself."""

    scheduler: SchedulerLife
    provider: ProviderHealth


def get_standing(database: Database, *, actor: Actor) -> Standing:
    """Whether a scheduler is alive, and whether the provider takes dials."""
    actor.require(Right.LOOK)
    figures = database.call("get_health")
    return Standing(
        SchedulerLife.model_validate(figures["scheduler"]), ProviderHealth.model_validate(figures["provider"])
    )


def get_scheduler_life(database: Database, *, actor: Actor) -> SchedulerLife:
    """Whether a scheduler is alive, and when one last said so."""
    actor.require(Right.LOOK)
    return SchedulerLife.model_validate(database.call("get_health")["scheduler"])


def _ask_database(database: Database) -> Check:
    began = time.monotonic()
    try:
        figures = database.call("get_health")
    except AutoLynxError as error:
        log.warning("database_check_failed", error=str(error), details=error.details)
        return {"status": UNHEALTHY, "message": "The database cannot be used; the server's log says why."}
    except Exception:
        log.exception("database_check_failed")
        return {"status": UNHEALTHY, "message": "The database cannot be used; the server's log says why."}
    seconds = round(time.monotonic() - began, 4)
    return {"status": HEALTHY, "transport": database.kind, "answer_seconds": seconds, "figures": figures}


def _ask_provider(client: VapiClient, settings: Settings) -> Check:
    kind = "simulator" if settings.is_simulated else "vapi"
    try:
        client.list_phone_numbers()
    except AutoLynxError as error:
        return {"status": DEGRADED, "kind": kind, "code": error.code, "message": error.__doc__}
    except Exception:
        log.exception("provider_check_failed")
        return {
            "status": DEGRADED,
            "kind": kind,
            "message": "The provider cannot be asked; the log says why.",
        }
    return {"status": HEALTHY, "kind": kind}


def _alarms_check(figures: dict[str, Any] | None) -> Check:
    """Codes and texts alone: a subject may name a call, and anybody may ask for our health."""
    if figures is None:
        return {"status": DEGRADED, "message": _ONLY_DATABASE_KNOWS}
    alarms = figures["alarms"]
    if not alarms:
        return {"status": HEALTHY, "total": 0, "open": []}
    shown = [{name: alarm[name] for name in ("code", "text", "created_at")} for alarm in alarms[:_ALARMS_SHOWN]]
    return {"status": DEGRADED, "total": len(alarms), "open": shown}


def _time_zones_check(figures: dict[str, Any] | None) -> Check:
    if figures is None:
        return {"status": DEGRADED, "message": _ONLY_DATABASE_KNOWS}
    there = figures["time_zones"]
    today = datetime.now(UTC).date()
    check: Check = {"status": HEALTHY if is_usable(there, today) else DEGRADED, "version": there["version"]}
    message = concerns(there, today)
    return check | {"message": message} if message else check


def _scheduler_check(figures: dict[str, Any] | None) -> Check:
    if figures is None:
        return {"status": DEGRADED, "message": _ONLY_DATABASE_KNOWS}
    life = SchedulerLife.model_validate(figures["scheduler"])
    told: Check = {"status": HEALTHY if life.is_alive else DEGRADED}
    if life.seconds_ago is not None:
        told["seconds_since_heartbeat"] = float(life.seconds_ago)
    return told if life.is_alive else told | {"message": life.told}
