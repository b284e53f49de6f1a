"""`assistant …`: the directory of voice assistants, for scripts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from autolynx.assistants import directory
from autolynx.commands.terminal import actor, add_json, client_of, database_of, print_json, print_table
from autolynx.errors import InvalidInput
from autolynx.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group."""
    group = commands.add_parser("assistant", help="list, import, export")
    verbs = group.add_subparsers(metavar="<verb>", required=True)
    listing = verbs.add_parser("list", help="show the directory")
    listing.add_argument("--active", action="store_true", help="only those that can be given to a campaign")
    listing.set_defaults(run=_list)
    add_json(listing)
    importing = verbs.add_parser("import", help="take one of your Vapi assistants in; prints its id here")
    importing.add_argument("id", metavar="ID", help="its id at Vapi")
    importing.add_argument("--name", help="instead of its name at Vapi")
    importing.set_defaults(run=_import)
    add_json(importing)
    exporting = verbs.add_parser("export", help="write an assistant's configuration as JSON, its secrets hidden")
    exporting.add_argument("id", metavar="ID", help="its id here, see `assistant list`")
    exporting.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")
    exporting.set_defaults(run=_export)


def _list(options: argparse.Namespace, settings: Settings) -> None:
    with database_of(settings) as database:
        page = directory.list_assistants(database, actor=actor(), active_only=options.active, limit=1000)
    if options.json:
        print_json(page.items)
        return
    rows = [(each.id, each.name, each.source, "yes" if each.active else "no") for each in page.items]
    print_table(("id", "name", "source", "active"), rows)


def _import(options: argparse.Namespace, settings: Settings) -> None:
    with database_of(settings) as database, client_of(settings) as client:
        assistant = directory.import_assistant(
            database, client, actor=actor(), provider_assistant_id=options.id, name=options.name
        )
    if options.json:
        print_json(assistant)
    else:
        print(assistant.id)


def _export(options: argparse.Namespace, settings: Settings) -> None:
    with database_of(settings) as database:
        assistant = directory.get_assistant(database, options.id, actor=actor())
    text = json.dumps(assistant.config_json, indent=2, ensure_ascii=False)
    if options.output is None:
        print(text)
        return
    try:
        options.output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{options.output} cannot be written: {error.strerror}.") from error
