"""`database-url`: where the database is, for psql and other tools."""

from __future__ import annotations

import argparse

from autolynx.database.embedded import running_uri
from autolynx.errors import Unavailable
from autolynx.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("database-url", help="print the address of the database, for psql")
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace, settings: Settings) -> None:
    """Print it; with DATABASE_URL set, that."""
    print(_address(settings))


def _address(settings: Settings) -> str:
    if settings.database_url:
        return settings.database_url.get_secret_value()
    if settings.transport == "supabase":
        raise Unavailable(
            "Supabase is used through its API; its SQL address is in the project's dashboard under Connect."
        )
    uri = running_uri(settings.autolynx_home)
    if uri is None:
        raise Unavailable("The database does not run here; start it with `python -m autolynx up`.")
    return uri
