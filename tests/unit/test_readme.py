"""What the README tells people to type exists, and what it links to, too."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autolynx.__main__ import parser
from autolynx.settings import environment_names

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).replace("\\\n", " ")
COMMANDS = sorted({match.strip() for match in re.findall(r"-m autolynx ([^#\n`|&]+)", README.replace("\\\n", " "))})
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FILLED = {"<id>": "00000000-0000-4000-8000-000000000000", "<id from above>": "00000000-0000-4000-8000-000000000000"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_it_links_only_to_what_exists(page: Path) -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text())]
    local = [link for link in links if link and "://" not in link]

    assert [link for link in local if not (page.parent / link).exists()] == []


def test_it_names_only_make_targets_that_exist() -> None:
    named = set(re.findall(r"`?\bmake ([a-z]+)\b", README))
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert named <= targets


@pytest.mark.parametrize("command", COMMANDS)
def test_it_shows_only_commands_that_are_understood(command: str) -> None:
    for placeholder, value in FILLED.items():
        command = command.replace(placeholder, value)
    words = shlex.split(command)

    if "--help" in words:
        with pytest.raises(SystemExit) as left:
            parser(words).parse_args(words)
        assert left.value.code == 0
    else:
        assert parser(words).parse_args(words)


def test_it_sets_only_variables_that_are_read() -> None:
    named = set(re.findall(r"^\s*(?:export )?([A-Z][A-Z_]{3,})=", BLOCKS, re.MULTILINE))

    assert named
    assert named <= set(environment_names())
