"""Who acts is asked anew: no page or dialog has another way to a service that changes something.

Such a service takes `actor`, the name of who does it. In the pages that name comes out of `acting.py` alone, which asks
the database first: nothing else makes one, keeps one, or calls a deed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.product import ROOT

UI = ROOT / "autolynx" / "ui"
ACTING = UI / "frame" / "acting.py"
MODULES = [path for path in (*sorted(UI.rglob("*.py")), *sorted((ROOT / "pages").glob("*.py"))) if path != ACTING]
EDGES = {"ui", "api", "commands", "simulator"}  # folders whose functions are no services


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    return {arg.arg for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}


def changing_services() -> set[str]:
    """The names of the services that say in whose name they change something."""
    names = set()
    for path in (ROOT / "autolynx").rglob("*.py"):
        if EDGES.isdisjoint(path.relative_to(ROOT / "autolynx").parts):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and "actor" in parameters(node):
                    names.add(node.name)
    return names


CHANGING = changing_services()


def walk(node: ast.AST, has_actor: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it stands in a function that was handed an actor."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        has_actor = "actor" in parameters(node)
    yield node, has_actor
    for child in ast.iter_child_nodes(node):
        yield from walk(child, has_actor)


def name_of(node: ast.AST) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None


def passes_actor_on(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(value, ast.Name) and value.id == "actor" for value in given)


def wrong_in(source: str) -> list[str]:
    """What goes past `acting.py`, as code."""
    tree = ast.parse(source)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and "actor" in parameters(node)}
    guarded = (CHANGING | own) - {"actor"}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [
        ast.unparse(node)
        for node, has_actor in walk(tree)
        if (isinstance(node, ast.Call) and _is_wrong_call(node, guarded, has_actor))
        or (name_of(node) in guarded and id(node) not in called)  # handed on uncalled, so called elsewhere
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in ("access.actor", "guard.asked_anew"))
        or (isinstance(node, ast.ImportFrom) and (CHANGING | {"actor"}) & {alias.name for alias in node.names})
        or (isinstance(node, ast.Name) and node.id == "actor" and isinstance(node.ctx, ast.Store))
    ]


def _is_wrong_call(call: ast.Call, guarded: set[str], has_actor: bool) -> bool:
    name = name_of(call.func)
    if name in guarded:
        return not (has_actor and passes_actor_on(call))
    return name in ("deed", "require_change_right") or (name == "call" and not _only_reads(call))


def _only_reads(call: ast.Call) -> bool:
    function = call.args[0] if call.args else None
    return isinstance(function, ast.Constant) and str(function.value).startswith(("get_", "list_", "explain_"))


def test_it_knows_the_services_that_change_something() -> None:
    assert {"create_assistant", "start_campaign", "hang_up_call", "clear_alarm", "create_campaign"} <= CHANGING


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_it_acts_in_nobodys_remembered_name(module: Path) -> None:
    assert wrong_in(module.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "campaigns.start_campaign(database, 1, actor=access.actor(visitor))",
        "acting.act(lambda actor: campaigns.start_campaign(database, 1, actor=visitor.email))",
        "acting.act(lambda _: campaigns.start_campaign(database, 1, actor='Eva'))",
        "do(campaigns.start_campaign)",
        "from autolynx.campaigns import start_campaign",
        "def f(actor):\n    deed = partial(campaigns.start_campaign, actor=actor)",
        "def g(actor):\n    campaigns.start_campaign(1, actor=actor)\ng(visitor.email)",
        "database.call('stop_campaign', id=1)",
        "for actor in names: pass",
        "deed('Eva')",
    ],
)
def test_it_notices_what_goes_past(source: str) -> None:
    assert wrong_in(source)


def test_it_lets_pass_what_is_asked_anew() -> None:
    assert wrong_in("acting.act(lambda actor: campaigns.start_campaign(database, 1, actor=actor))") == []
