"""`check`: is everything there that AutoLynx needs, and does it answer?"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import httpx

from autolynx.commands.terminal import actor, add_json, client_of, database_of, print_json, print_table
from autolynx.contacts import time_zone_rules
from autolynx.database import embedded, migrate
from autolynx.database.embedded.cluster import Cluster
from autolynx.errors import AutoLynxError, Conflict, Unavailable, at_the_terminal
from autolynx.models import Alarm
from autolynx.operations import health
from autolynx.operations.alarms import list_alarms
from autolynx.operations.recovery import begin_recovery
from autolynx.secrecy import guessing
from autolynx.settings import Settings

_FIRST_YEAR = 2020  # nobody placed a call through Vapi before


@dataclass(frozen=True)
class Finding:
    """One line of the answer."""

    part: str
    is_ok: bool
    sentence: str


class _Failed(Exception):
    """A check did not pass; each argument is a sentence that says what to do."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("check", help="look whether everything is there and answers")
    parser.add_argument(
        "--after-restore",
        action="store_true",
        help="the database was restored or replaced: dial nobody until Vapi has been asked for every call since",
    )
    parser.add_argument(
        "--since",
        type=_moment,
        metavar="ISO-TIME",
        help="with --after-restore: what was written later may be lost (else: the last sign of who dialed before those "
        "that run now)",
    )
    parser.set_defaults(run=run, refuse=parser.error)
    add_json(parser)


def _moment(text: str) -> datetime:
    """A moment in the past. A local time is refused: read in the wrong zone, it would leave calls out."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write it as 2026-11-23T12:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone; append Z for UTC, or an offset such as +01:00")
    if moment.year < _FIRST_YEAR:
        raise argparse.ArgumentTypeError(f"{text!r} is before there was anything to forget")
    if moment > datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text!r} is in the future")
    return moment


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print what was found; 1 when anything is wrong."""
    if options.since and not options.after_restore:
        options.refuse("argument --since: belongs to --after-restore")
    return _after_restore(options, settings) if options.after_restore else _check(options, settings)


def _after_restore(options: argparse.Namespace, settings: Settings) -> int:
    with database_of(settings) as database:
        since = begin_recovery(database, actor=actor(), since=options.since)
    if options.json:
        print_json({"forgot_since": since})
    else:
        print(
            f"Vapi is asked for every call since {_utc(since)}, and nobody is dialed until all of them are known; "
            f"that takes a running scheduler, and {settings.dial_visibility_seconds} seconds at least."
        )
        if not options.since:
            print("Is the backup older than that? Then run this again with --since and the time at which it was made.")
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    if settings.transport == "embedded" and Cluster(settings.autolynx_home).is_made:
        embedded.start(settings.autolynx_home)  # once for all checks; it stops with this process
    findings = [finding for part, check in _CHECKS.items() for finding in _find(part, check, settings)]
    is_ok = all(finding.is_ok for finding in findings)
    if options.json:
        print_json({"ok": is_ok, "checks": [asdict(finding) for finding in findings]})
    else:
        rows = [("OK" if each.is_ok else "FAIL", each.part, each.sentence) for each in findings]
        print_table(("", "part", "finding"), rows)
    return 0 if is_ok else 1


def _find(part: str, check: Callable[[Settings], str], settings: Settings) -> Iterator[Finding]:
    try:
        yield Finding(part, True, check(settings))
    except _Failed as failed:
        yield from (Finding(part, False, sentence) for sentence in failed.args)
    except AutoLynxError as error:
        yield Finding(part, False, at_the_terminal(error))


def _settings(settings: Settings) -> str:
    provider = "the simulator" if settings.is_simulated else "Vapi"
    return f"Every variable is usable; database: {settings.transport}, calls: {provider}."


def _secrets(settings: Settings) -> str:
    if settings.is_simulated:
        return "None is needed while the simulator stands in for Vapi."
    needed = {
        "WEBHOOK_SHARED_SECRET": settings.webhook_shared_secret,
        "WEBHOOK_PUBLIC_URL": settings.webhook_public_url,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise _Failed(f"{' and '.join(missing)} must be set for real calls; .env.example explains each.")
    key = settings.vapi_api_key.get_secret_value() if settings.vapi_api_key else ""
    if len(key.strip()) < guessing.SHORTEST and not settings.is_provider_local:
        raise _Failed("VAPI_API_KEY is too short for a key of Vapi's; copy the private key from its dashboard.")
    if not str(settings.webhook_public_url).startswith("https://"):
        raise _Failed("WEBHOOK_PUBLIC_URL must begin with https://: contacts' conversations travel there.")
    return "What real calls need is set."


def _database(settings: Settings) -> str:
    with database_of(settings) as database:
        database.call("get_health")
    return "It answers."


def _schema(settings: Settings) -> str:
    if settings.transport == "supabase" and not settings.database_url:
        return "Not looked at: DATABASE_URL is not set, and Supabase's API does not show the version."
    with database_of(settings):  # refuses where there is none yet
        pending = migrate.pending(migrate.address(settings))
    if pending:
        raise Conflict(f"{len(pending)} migrations are missing; run `python -m autolynx migrate`.")
    return f"Version {migrate.expected_version()}, as this program expects."


def _scheduler(settings: Settings) -> str:
    with database_of(settings) as database:
        life = health.get_scheduler_life(database, actor=actor())
    if not life.is_alive:
        raise _Failed(life.told)
    return life.told


def _time_zones(settings: Settings) -> str:
    with database_of(settings) as database:
        there = database.call("time_zones_version")
    today = datetime.now(UTC).date()
    concern = time_zone_rules.concerns(there, today)
    if not time_zone_rules.is_usable(there, today):
        raise _Failed(concern)
    return concern or f"The rules are those of {there['version']}, and last until {there['until'][:10]}."


def _alarms(settings: Settings) -> str:
    with database_of(settings) as database:
        alarms = list_alarms(database, actor=actor())
    if alarms:
        raise _Failed(*(_alarm(alarm) for alarm in alarms))
    return "None is open."


def _alarm(alarm: Alarm) -> str:
    seen = " Press Seen on any page when somebody has looked." if alarm.id else ""
    return f"{_utc(alarm.created_at)}: {alarm.told}{seen}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _provider(settings: Settings) -> str:
    with client_of(settings) as client:
        lines = client.list_phone_numbers()
    name = "The simulator" if settings.is_simulated else "Vapi"
    if not lines:
        raise _Failed(f"{name} accepts the key but has no phone line; campaigns need one.")
    return f"{name} answers at {settings.provider_url}; phone lines: {len(lines)}."


def _webhook_server(settings: Settings) -> str:
    base = settings.webhook_public_url or f"http://127.0.0.1:{settings.webhook_port}"
    try:
        answer = httpx.get(f"{base}/api/health", timeout=10)
    except httpx.HTTPError as error:
        raise Unavailable(f"Nothing answers at {base}: {error}. Is `python -m autolynx up` running?") from error
    if answer.status_code >= 500:
        raise Unavailable(f"{base} answers with status {answer.status_code}.")
    return f"It answers at {base}."


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "settings": _settings,
    "secrets": _secrets,
    "database": _database,
    "schema": _schema,
    "scheduler": _scheduler,
    "time zones": _time_zones,
    "alarms": _alarms,
    "provider": _provider,
    "webhook server": _webhook_server,
}
