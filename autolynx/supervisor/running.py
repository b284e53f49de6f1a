"""Everything in the foreground, until somebody ends it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from autolynx.contacts import time_zone_rules
from autolynx.database import embedded, migrate
from autolynx.database.embedded.home import Held, locked, prepare
from autolynx.database.postgres import PostgresDatabase
from autolynx.errors import AutoLynxError, Conflict
from autolynx.settings import Settings, WrongSetting
from autolynx.supervisor.keeping import Keeper
from autolynx.supervisor.opening import Opening

ROOT = Path(__file__).parents[2]
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotStart(AutoLynxError):
    """AutoLynx cannot start."""


def run(settings: Settings) -> int:
    """Start everything, say where it is, keep it running; 0 when asked to stop, 1 when something failed."""
    _interrupt_on(*_SIGNALS)
    try:
        with _home(settings):
            _check_ports(settings)
            with _database(settings):
                return _keep(settings)
    except KeyboardInterrupt:
        return 0


def processes(settings: Settings) -> dict[str, list[str]]:
    """The command lines to keep running, by name."""
    python = sys.executable
    simulator = {"simulator": [python, "-m", "autolynx", "simulator", "--quiet"]}
    return (simulator if _simulates_here(settings) else {}) | {
        "webhooks": [python, str(ROOT / "webhook_server.py")],
        "scheduler": [python, str(ROOT / "scheduler.py")],
        "app": [python, "-m", "autolynx.ui.serving.server"],
    }


def _keep(settings: Settings) -> int:
    _say("Starting the processes ...")
    keeper = Keeper()
    for name, command in processes(settings).items():
        keeper.add_process(name, command, env=_environment(settings))
    opening = Opening(keeper, settings)
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        opening.start()
        keeper.loop()
    finally:
        _ignore(*_SIGNALS)
        keeper.close()
        opening.join(5)
    if keeper.failure:
        raise CannotStart(f"{keeper.failure} Everything has been stopped.")
    return 0


@contextmanager
def _home(settings: Settings) -> Iterator[None]:
    """One `up` a home folder; the kernel gives the lock back however we end."""
    home = settings.autolynx_home
    prepare(home)
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(home / "up.lock", patience_seconds=0))
        except Held as error:
            if error.is_ours:
                raise Conflict(f"AutoLynx runs already in {home}; stop it, or set another AUTOLYNX_HOME.") from error
            raise
        yield


@contextmanager
def _database(settings: Settings) -> Iterator[None]:
    """Up to date; whatever happens, it is stopped last, and no second Ctrl-C keeps it from that."""
    try:
        _prepare_database(settings)
        yield
    finally:
        _ignore(*_SIGNALS)
        if settings.transport == "embedded":
            embedded.stop(settings.autolynx_home)


def _check_ports(settings: Settings) -> None:
    wanted = {
        "APP_PORT": (settings.app_host, settings.app_port),
        "WEBHOOK_PORT": (settings.webhook_host, settings.webhook_port),
    }
    if _simulates_here(settings):
        wanted["SIMULATOR_PORT"] = ("127.0.0.1", settings.simulator_port)
    seen: dict[int, str] = {}
    for name, (host, port) in wanted.items():
        if other := seen.setdefault(port, name) != name and seen[port]:
            raise WrongSetting(f"{name} is {port}, and {other} is too; accepted is a port of its own.")
        if reason := _why_not(host, port):
            raise WrongSetting(f"{name} is {port}, {reason}; accepted is a free port.")


def _why_not(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "which another program uses"
            return f"where nothing can be served on {host} ({error.strerror or error})"
    return None


def _prepare_database(settings: Settings) -> None:
    if settings.transport == "embedded":
        _say("Starting the database ...")
    elif settings.transport == "supabase" and not settings.database_url:
        _say("Leaving the database's version to `supabase db push`: DATABASE_URL is not set.")
        return
    address = migrate.address(settings)
    applied = migrate.migrate(address)
    if applied:
        _say(f"Brought the database up to date ({len(applied)} migrations).")
    with PostgresDatabase(address) as database:
        time_zone_rules.load(database)


def _environment(settings: Settings) -> dict[str, str]:
    """What the processes inherit: ours, with paths that hold wherever they look from."""
    search = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    own = {
        "AUTOLYNX_HOME": str(settings.autolynx_home.absolute()),
        "PYTHONPATH": search,
        "PYTHONUNBUFFERED": "1",
    }
    if settings.log_format == "auto" and sys.stdout.isatty():
        own["LOG_FORMAT"] = "console"
    return {**os.environ, **own}


def _simulates_here(settings: Settings) -> bool:
    return settings.is_simulated and settings.vapi_base_url is None


def _interrupt_on(*numbers: signal.Signals) -> None:
    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)


def _ignore(*numbers: signal.Signals) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def _say(line: str) -> None:
    print(line, flush=True)
