"""`simulator`: the stand-in for Vapi, alone."""

from __future__ import annotations

import argparse
import io
from contextlib import nullcontext, redirect_stdout

from autolynx.database.embedded.home import prepare
from autolynx.errors import Unavailable
from autolynx.settings import Settings


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("simulator", help="run the stand-in for Vapi on SIMULATOR_PORT")
    parser.add_argument("--quiet", action="store_true", help="do not print the address")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    from autolynx import simulator  # only here: the other commands need no web server

    prepare(settings.autolynx_home)
    with redirect_stdout(io.StringIO()) if options.quiet else nullcontext():
        try:
            simulator.run(
                settings.simulator_port,
                settings.autolynx_home,
                settings.simulator_seed,
                settings.simulator_speed,
            )
        except simulator.StoreLocked as error:
            raise Unavailable(str(error)) from error
