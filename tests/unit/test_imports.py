"""The plan of the house, as `docs/architecture.md` draws it: who may import whom, read from the syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rig.product import ROOT

#: From the top down. A room imports from lines below its own; rooms that stand in one line know nothing of each other.
FLOORS = (
    ("app", "pages", "scheduler", "webhook_server", "__main__"),
    ("commands",),
    ("ui", "api", "supervisor", "simulator"),
    ("dialing",),
    ("operations", "analysis"),
    ("campaigns",),
    ("calls", "contacts", "assistants"),
    ("access",),
    ("database", "vapi"),
    ("models",),
    ("logs",),
    ("settings",),
    ("http", "regions", "secrecy", "waiting"),
    ("errors",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SERVICES = {"dialing", "operations", "analysis", "campaigns", "calls", "contacts", "assistants", "access"}
SCREENS = {"ui", "pages", "app"}
LONGEST_MODULE, LONGEST_FUNCTION = 400, 60
FOLDERS = ("autolynx", "pages", "bin", "rig", "bench", "tests")


@cache
def product() -> dict[str, Path]:
    """Every module of the product by its name."""
    paths = [*ROOT.glob("*.py"), *(ROOT / "pages").glob("*.py"), *(ROOT / "autolynx").rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "autolynx" and len(parts) > 1 else parts[0]


def imported_by(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in it that happens; of a package's names the modules."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *([node.module] if node.module else [])))
            for alias in node.names:
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in product() else base


@cache
def edges() -> dict[str, set[str]]:
    """Each module of the product with the others that it imports."""
    return {
        module: {name for name in imported_by(path) if name in product() and name != module}
        for module, path in product().items()
    }


def crossings() -> Iterator[tuple[str, str, str]]:
    for module, others in edges().items():
        for other in others:
            if room_of(module) != room_of(other):
                yield room_of(module), room_of(other), f"{module} imports {other}"


def circle() -> list[str]:
    """Modules that import each other in a circle, if there is one."""
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module not in done:
            for other in sorted(edges()[module]):
                if found := visit(other, (*way, module)):
                    return found
            done.add(module)
        return []

    return next((found for module in sorted(edges()) if (found := visit(module, ()))), [])


def test_it_gives_every_module_a_floor() -> None:
    rooms = {room_of(module) for module in product()} - {"autolynx"}  # the package itself holds nothing but its name

    assert rooms == set(FLOOR)


def test_it_imports_from_the_top_down() -> None:
    assert [told for above, below, told in crossings() if FLOOR[above] >= FLOOR[below]] == []


def test_it_goes_in_no_circle() -> None:
    assert circle() == []


def test_it_lets_commands_alone_start_the_simulator_which_needs_nothing_of_ours() -> None:
    known = [(above, below) for above, below, _ in crossings() if "simulator" in (above, below)]

    assert set(known) == {("commands", "simulator")}


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("streamlit", SCREENS),
        ("plotly", SCREENS),
        ("fastapi", {"api", "simulator"}),
        ("argparse", {"commands", "simulator", "__main__"}),
        ("psycopg", {"database"}),
        ("supabase", {"database"}),
    ],
)
def test_it_keeps_a_library_where_it_belongs(library: str, rooms: set[str]) -> None:
    users = {
        room_of(module) for module, path in product().items() if library in {n.split(".")[0] for n in imported_by(path)}
    }

    assert users
    assert users <= rooms


def test_it_knows_the_services_that_there_are() -> None:
    assert set(FLOOR) >= SERVICES
    assert max(FLOOR[room] for room in SERVICES) < FLOOR["database"]


def sources() -> list[Path]:
    return [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]


def test_it_has_no_module_in_which_two_things_live() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_it_has_no_function_that_one_cannot_see_whole() -> None:
    lengths = {
        f"{path.relative_to(ROOT)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_it_is_drawn_in_the_docs_as_it_is() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    drawing = page.split("```")[1].strip().splitlines()
    table = "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| "))
    rooms = {path.name for path in (ROOT / "autolynx").iterdir() if not path.name.startswith("__")}

    assert [tuple(re.findall(r"\w+", line.partition("(")[0])) for line in drawing] == [*FLOORS]
    assert sorted(room for room in rooms if not re.search(rf"\b{room.removesuffix('.py')}\b", table)) == []
    named = re.findall(r"`((?:\w+/)*\w+\.(?:py|sql))`", page)
    assert [name for name in named if not list(ROOT.glob(f"**/{name}"))] == []
