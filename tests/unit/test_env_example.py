"""`.env.example` and the settings class say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr

from autolynx.settings import Settings, environment_names

LINES = (Path(__file__).parents[2] / ".env.example").read_text().splitlines()
ASSIGNMENT = re.compile(r"^# ([A-Z][A-Z_]+)=(.*)$")
EXPLAINED = {match[1]: match[2] for line in LINES if (match := ASSIGNMENT.match(line))}


def test_it_names_every_variable_and_no_other() -> None:
    assert set(EXPLAINED) == set(environment_names())


def test_it_names_each_variable_once() -> None:
    names = [match[1] for line in LINES if (match := ASSIGNMENT.match(line))]
    assert sorted(names) == sorted(set(names))


def test_it_sets_nothing_when_copied_as_it_is() -> None:
    assert [line for line in LINES if line and not line.startswith("#")] == []


@pytest.mark.parametrize("name", environment_names())
def test_it_shows_the_default_of_each_variable(name: str) -> None:
    default = Settings.model_fields[name.lower()].default
    shown = EXPLAINED[name]
    if default is None:
        assert shown == ""
    else:
        assert shown == (str(default).lower() if isinstance(default, bool) else str(default))


@pytest.mark.parametrize("name", environment_names())
def test_it_explains_each_variable_in_the_lines_above(name: str) -> None:
    at = next(i for i, line in enumerate(LINES) if line.startswith(f"# {name}="))
    above = LINES[at - 1]
    neighbour = ASSIGNMENT.match(above)
    assert neighbour or re.match(r"# \S+ \S+", above)
    if neighbour:  # APP_HOST and APP_PORT share their explanation
        assert neighbour[1].rpartition("_")[0] == name.rpartition("_")[0]


@pytest.mark.parametrize("name", environment_names())
def test_it_holds_no_secret(name: str) -> None:
    field = Settings.model_fields[name.lower()]
    if SecretStr in get_args(field.annotation):
        assert EXPLAINED[name] == ""
