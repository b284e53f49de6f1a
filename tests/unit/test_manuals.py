"""The manuals tell of every route, code and command, with every option, and of none that there is not."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from autolynx.__main__ import parser
from autolynx.models import CallOutcome, CallStatus, CampaignStatus
from autolynx.ui.frame.formats import call_look, campaign_look, outcome_words
from tests.support.openapi import operations

DOCS = Path(__file__).parents[2] / "docs"
API = (DOCS / "api.md").read_text()
COMMANDS = (DOCS / "commands.md").read_text()


def rows(page: str) -> Iterator[list[str]]:
    """The cells of each row of a page's tables."""
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in line[1:].rstrip("|").split(" |")]


def verbs(group: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each command of a parser, as it is typed, with its options."""
    branches = [action for action in group._actions if isinstance(action, argparse._SubParsersAction)]
    for branch in branches:
        for verb, chosen in branch.choices.items():
            yield from verbs(chosen, f"{name} {verb}".strip())
    if not branches:
        positional = [
            str(action.metavar or action.dest.upper()) for action in group._actions if not action.option_strings
        ]
        options = {word for action in group._actions for word in action.option_strings if word.startswith("--")}
        yield " ".join([name, *positional]), options - {"--help"}


def test_api_names_every_route_and_no_other() -> None:
    named = re.findall(r"`(GET|POST|PATCH|DELETE) (/[^`?]*)", API)
    beside = re.findall(r"(GET|POST) (/[^`?]*)`, `/pause`, `/resume`", API)
    named += [(method, path.replace("/start", f"/{verb}")) for method, path in beside for verb in ("pause", "resume")]
    told = {f"{method} {re.sub('{.*?}', '{}', path)}" for method, path in named}

    assert told == {f"{method.upper()} {re.sub('{.*?}', '{}', path)}" for method, path, _ in operations()}


def test_api_tells_each_code_with_the_words_on_the_pages() -> None:
    told = [tuple(cell for cell in row[:2]) for row in rows(API)]
    codes = {(f"`{status}`", campaign_look(status).label) for status in CampaignStatus}
    codes |= {(f"`{status}`", call_look(status).label) for status in CallStatus}
    several = [(row[0].split(", "), row[1]) for row in rows(API)]
    words = {code.strip("`"): words for codes, words in several for code in codes}

    assert codes <= set(told)
    for outcome in CallOutcome:
        assert outcome_words(outcome) in words[outcome]


def test_commands_tells_each_command_with_its_options() -> None:
    told: dict[str, set[str]] = {}
    name = ""
    for row in rows(COMMANDS):
        name = row[0].strip("`") or name
        told.setdefault(name, set()).update(re.findall(r"--[a-z-]+", row[1]))
    told.pop("command")

    assert told == dict(verbs(parser([])))
