"""`person …`: what a person may ask for."""

from __future__ import annotations

import argparse

from autolynx.commands.terminal import actor, add_json, database_of, print_json
from autolynx.contacts.erasing import erase_person
from autolynx.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group."""
    group = commands.add_parser("person", help="erase what is kept of somebody")
    verbs = group.add_subparsers(metavar="<verb>", required=True)
    erase = verbs.add_parser("erase", help="delete every contact with a number, with calls and conversations, for good")
    erase.add_argument("phone", metavar="NUMBER", help="with its country code, such as +14155550123")
    erase.add_argument(
        "--may-be-called", action="store_true", help="do not keep the number on the do-not-call list either"
    )
    erase.set_defaults(run=_erase)
    add_json(erase)


def _erase(options: argparse.Namespace, settings: Settings) -> None:
    with database_of(settings) as database:
        erasure = erase_person(database, options.phone, actor=actor(), is_kept_out=not options.may_be_called)
    if options.json:
        print_json({"erasure": erasure})
        return
    print(erasure.told)
    if erasure.provider_call_ids:
        print("Vapi keeps copies of its own, under the ids that --json shows.")
