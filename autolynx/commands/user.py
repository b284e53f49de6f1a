"""`user add`: who may sign in."""

from __future__ import annotations

import argparse
import getpass
import sys

from autolynx import access
from autolynx.commands.terminal import actor, add_json, database_of, print_json
from autolynx.errors import InvalidInput
from autolynx.models import Role
from autolynx.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the group."""
    group = commands.add_parser("user", help="add: who may sign in")
    verbs = group.add_subparsers(metavar="<verb>", required=True)
    add = verbs.add_parser("add", help="let somebody sign in, or give them a new password, name or role; prints the id")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--name", help="as shown in the desk; the e-mail address by default")
    add.add_argument("--role", choices=[str(role) for role in Role], default="manager")
    add.set_defaults(run=_add)
    add_json(add)


def _add(options: argparse.Namespace, settings: Settings) -> None:
    password = _password()
    with database_of(settings) as database:
        user = access.add_user(
            database,
            actor=actor(),
            email=options.email,
            name=options.name or options.email,
            role=options.role,
            password=password,
        )
    if options.json:
        print_json(user)
    else:
        print(user.id)


def _password() -> str:
    """Asked for twice on a terminal, else the first line of the input; an argument would show in `ps`."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password (12 characters or more, hard to guess): ")
    if getpass.getpass("Once more: ") != password:
        raise InvalidInput("The two passwords differ; nothing was changed.")
    return password
