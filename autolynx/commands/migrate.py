"""`migrate`: bring the database up to this program, or take migrations back."""

from __future__ import annotations

import argparse

from autolynx.contacts import time_zone_rules
from autolynx.database import migrate
from autolynx.database.postgres import PostgresDatabase
from autolynx.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("migrate", help="bring the database up to date")
    parser.add_argument(
        "--rollback", type=_steps, metavar="STEPS", help="take back this many migrations and what they hold"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> None:
    """Apply what is pending, or take back."""
    address = migrate.address(settings)
    if options.rollback:
        print(_told("Took back", migrate.rollback(address, steps=options.rollback)))
    else:
        print(_told("Applied", migrate.migrate(address)))
        with PostgresDatabase(address) as database:
            if time_zone_rules.load(database):
                print(f"Loaded the time zone rules {time_zone_rules.VERSION}.")


def _told(verb: str, versions: list[str]) -> str:
    if not versions:
        return f"Nothing to do: the database is at version {migrate.expected_version()}."
    return f"{verb} {len(versions)} migration{'s' * (len(versions) > 1)}: {', '.join(versions)}."


def _steps(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} given; accepted is a whole number from 1")
    return int(text)
