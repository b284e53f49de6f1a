"""The opening of `up`: wait until every process answers, add the templates, say where to go."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing

import httpx

from autolynx.access.actor import Actor, Way
from autolynx.assistants.directory import seed_templates
from autolynx.database import Database, connect
from autolynx.errors import AutoLynxError, ProviderError, Unavailable
from autolynx.models import Role
from autolynx.settings import Settings
from autolynx.supervisor.keeping import Keeper
from autolynx.vapi.client import VapiClient

_LONGEST_SECONDS = 120.0  # a small machine at its first start
_LOOK_SECONDS = 0.1
#: Who has added the templates.
_ACTOR = Actor("AutoLynx", Role.ADMINISTRATOR, Way.COMMAND)


class _Abandoned(Exception):
    """Everything is being stopped; there is nothing left to open."""


class Opening(threading.Thread):
    """Runs beside the keeper's loop and ends when everything is ready, or cannot be."""

    def __init__(self, keeper: Keeper, settings: Settings) -> None:
        super().__init__(name="opening", daemon=True)
        self._keeper = keeper
        self._settings = settings
        self._deadline = time.monotonic() + _LONGEST_SECONDS

    def run(self) -> None:
        """Open, or give up with the reason."""
        try:
            self._open()
        except _Abandoned:
            return
        except AutoLynxError as error:
            self._keeper.give_up(str(error))
        except Exception as error:
            self._keeper.give_up(f"The start failed: {type(error).__name__}: {error}.")

    def _open(self) -> None:
        settings, names = self._settings, [kept.name for kept in self._keeper.kept]
        with connect(settings) as database:
            if "simulator" in names:
                self._until_answering("simulator", f"{settings.provider_url}/_simulator/health")
            self._add_templates(database)
            self._until_answering("webhooks", f"{_local(settings.webhook_host, settings.webhook_port)}/api/health")
            self._until("scheduler", lambda: self._beats(database))
            self._until_answering("app", f"{app_address(settings)}/_stcore/health")
        self._keeper.all_is_ready()
        if settings.is_simulated:
            self._keeper.say("No VAPI_API_KEY is set: the simulator stands in, and nobody is called.")
        self._keeper.say(f"AutoLynx is ready: {app_address(settings)}")

    def _add_templates(self, database: Database) -> None:
        """A provider that refuses is no reason not to start: the screens say so, too."""
        try:
            with closing(VapiClient.from_settings(self._settings)) as client:
                seed_templates(database, client, actor=_ACTOR)
        except ProviderError as error:
            self._keeper.say(f"The template assistants were not added: {error}")

    def _beats(self, database: Database) -> bool:
        """The scheduler serves no port; it says in the database that it is alive."""
        pid = next(kept.pid for kept in self._keeper.kept if kept.name == "scheduler")
        alive = database.call("get_health")["processes"]
        return any(each["name"].startswith(f"{socket.gethostname()}:{pid}:") for each in alive)

    def _until_answering(self, name: str, address: str) -> None:
        def answers() -> bool:
            try:
                return httpx.get(address, timeout=5).status_code < 500
            except httpx.HTTPError:
                return False

        self._until(name, answers, f" at {address}")

    def _until(self, name: str, is_ready: Callable[[], bool], where: str = "") -> None:
        self._keeper.say(f"Waiting for the {name} process ...")
        while not is_ready():
            if self._keeper.is_stopping:
                raise _Abandoned
            if time.monotonic() > self._deadline:
                raise Unavailable(f"The {name} process does not answer{where} after {_LONGEST_SECONDS:g} s.")
            time.sleep(_LOOK_SECONDS)


def app_address(settings: Settings) -> str:
    """Where a browser on this machine finds the screens."""
    return _local(settings.app_host, settings.app_port)


def _local(host: str, port: int) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"
