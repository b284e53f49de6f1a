"""`up`: everything in the foreground; Ctrl-C ends everything."""

from __future__ import annotations

import argparse

from autolynx.settings import Settings
from autolynx.supervisor import running


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("up", help="start everything and stay until Ctrl-C")
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace, settings: Settings) -> int:
    """Start everything and stay; 0 when asked to stop."""
    return running.run(settings)
