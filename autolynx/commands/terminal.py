"""What the commands share: connections, output, and who is asking."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from autolynx.access.actor import Actor, Way
from autolynx.database import Database, connect
from autolynx.database.connecting import place
from autolynx.database.embedded.cluster import Cluster
from autolynx.errors import AutoLynxError, ProviderUnavailable, Unavailable
from autolynx.models import Role
from autolynx.models.serialization import whole_json
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """The database. The embedded one runs while somebody uses it: a lone command starts and stops it."""
    if settings.transport == "embedded" and not Cluster(settings.autolynx_home).is_made:
        raise Unavailable("There is no database here yet; `python -m autolynx up` makes one.")
    with connect(settings) as database, _naming(lambda: _database_tried(settings), Unavailable):
        yield database


@contextmanager
def client_of(settings: Settings) -> Iterator[VapiClient]:
    """The provider's client."""
    client = VapiClient.from_settings(settings)
    try:
        with _naming(lambda: _provider_tried(settings), ProviderUnavailable):
            yield client
    finally:
        client.close()


@contextmanager
def _naming(tried: Callable[[], str], kind: type[AutoLynxError]) -> Iterator[None]:
    """Let an error of this kind say which address was tried."""
    try:
        yield
    except kind as error:
        error.hint = error.hint or tried()
        raise


def _database_tried(settings: Settings) -> str:
    if settings.transport == "supabase":
        return f"Tried {settings.supabase_url} (SUPABASE_URL)."
    if settings.database_url:
        return f"Tried {place(settings.database_url.get_secret_value())} (DATABASE_URL)."
    return f"Tried the database in {settings.autolynx_home}."


def _provider_tried(settings: Settings) -> str:
    if settings.is_simulated and not settings.vapi_base_url:
        return (
            f"Tried {settings.provider_url}, where the simulator stands in for Vapi: `python -m autolynx up` starts "
            "everything, `python -m autolynx simulator` the simulator alone."
        )
    return f"Tried {settings.provider_url}."


def actor() -> Actor:
    """Who has typed the command. Who reaches the database from here may do everything."""
    return Actor(_name(), Role.ADMINISTRATOR, Way.COMMAND)


def _name() -> str:
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a container may run as a user without a name
        return "command line"


def add_json(parser: argparse.ArgumentParser) -> None:
    """Let a script read the answer."""
    parser.add_argument("--json", action="store_true", help="answer as JSON")


def print_json(value: BaseModel | Sequence[BaseModel] | dict[str, Any]) -> None:
    """Print models or plain values as JSON, with money and times as the API sends them."""
    print(whole_json(value))


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns as wide as their content."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
