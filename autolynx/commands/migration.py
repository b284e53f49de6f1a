"""`migration new`: for who changes `supabase/schemas/`, the migration that gets there."""

from __future__ import annotations

import argparse
import os

from autolynx.database import drafting
from autolynx.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("migration", help="write the next migration, from what supabase/schemas/ says")
    actions = parser.add_subparsers(title="actions", metavar="<action>", required=True)
    new = actions.add_parser("new", help="write it and its rollback, from what differs")
    new.add_argument("subject", help='what it is about, like "Let a campaign have a budget"')
    new.set_defaults(run=run)


def run(options: argparse.Namespace, _settings: Settings) -> None:
    """Write both files and name them; no database of yours is looked at."""
    paths = drafting.write(options.subject)
    for path in paths:
        print(f"Wrote {os.path.relpath(path)}.")
    left = [line for line in paths[0].read_text().splitlines() if line.startswith(drafting.BY_HAND)]
    for line in left:
        print(line.removeprefix("-- ") + ".")
