"""The house of the tests: what tests and bench share is in rig, what tests share in tests/support, each thing once."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = ("tests", "rig", "bench")
ONCE = ("eventually", "in_time", "free_port", "wait_until", "Desk")


def modules(*places: str) -> list[Path]:
    return sorted(path for place in places for path in (ROOT / place).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that it names, also within functions; `from a import b` names `a.b`, too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def defined(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name


def test_it_imports_nothing_from_tests_when_it_is_rig_or_bench() -> None:
    found = {f"{path.relative_to(ROOT)}: {name}" for path in modules("rig", "bench") for name in imported(path)}

    assert [line for line in sorted(found) if line.partition(": ")[2].split(".")[0] == "tests"] == []


def test_it_imports_no_test_module_when_it_is_another() -> None:
    found = {f"{path.relative_to(ROOT)}: {name}" for path in modules("tests") for name in imported(path)}
    last_words = {line: line.partition(": ")[2].split(".") for line in sorted(found)}

    assert [
        line
        for line, words in last_words.items()
        if words[0] == "tests" and any(word.startswith("test_") or word == "conftest" for word in words[:3])
    ] == []


def test_it_is_defined_no_more_than_once() -> None:
    found = Counter(name for path in modules(*PLACES) for name in defined(path))

    assert {name: found[name] for name in ONCE if found[name] > 1} == {}
