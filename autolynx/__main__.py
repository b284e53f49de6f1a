"""`python -m autolynx <command>`: reads the command line, and says in one line what went wrong."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from importlib import import_module
from typing import NoReturn

from autolynx.errors import AutoLynxError, at_the_terminal
from autolynx.logs import configure_logs
from autolynx.settings import WrongSetting, load_settings

#: In the order of the help; each is a module of `autolynx.commands`.
_COMMANDS = (
    "up",
    "check",
    "migrate",
    "migration",
    "database-url",
    "simulator",
    "campaign",
    "assistant",
    "person",
    "user",
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def parser(arguments: list[str]) -> argparse.ArgumentParser:
    """The command asked for with its arguments, or else all: a command pays for no other's imports."""
    root = _Parser(prog="python -m autolynx", description="An outbound AI-calling desk.")
    commands = root.add_subparsers(title="commands", metavar="<command>", required=True)
    for name in [name for name in _COMMANDS if name in arguments[:1]] or _COMMANDS:
        import_module(f"autolynx.commands.{name.replace('-', '_')}").register(commands)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command and answer its exit code: 0, 1 when it failed, 2 when it was called wrongly."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parser(arguments).parse_args(arguments)
    try:
        settings = load_settings()
        configure_logs(settings)
        code = options.run(options, settings) or 0
        sys.stdout.flush()
    except (AutoLynxError, WrongSetting) as error:
        return _refuse(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head` has seen enough; nothing may be written at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _give_up(error)
    return int(code)


def _refuse(error: Exception) -> int:
    print(_one_line(at_the_terminal(error)), file=sys.stderr)
    return 1


def _give_up(error: Exception) -> int:
    if os.environ.get("LOG_LEVEL", "").lower() == "debug":
        traceback.print_exception(error)
        return 1
    reason = _one_line(f"{type(error).__name__}: {error}")
    print(f"Something went wrong: {reason} (LOG_LEVEL=debug shows where)", file=sys.stderr)
    return 1


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
