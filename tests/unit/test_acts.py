"""Who acts is asked anew: no page or dialog has another way to a service that changes something.

Such a service takes an `actor` and asks for more than the right to look. In the pages that actor comes out of
`acting.py` alone, which asks the database first: nothing else makes one, keeps one, or calls a deed. What a page
remembers is a reader, whom every service lets look and do nothing else.
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


def services() -> Iterator[ast.FunctionDef]:
    """The services that somebody calls in somebody's name."""
    for path in (ROOT / "autolynx").rglob("*.py"):
        if EDGES.isdisjoint(path.relative_to(ROOT / "autolynx").parts):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and "actor" in parameters(node):
                    yield node


def only_looks(service: ast.FunctionDef) -> bool:
    return "actor.require(Right.LOOK)" in (ast.unparse(statement) for statement in service.body)


LOOKING = {service.name: only_looks(service) for service in sorted(services(), key=only_looks, reverse=True)}
CHANGING = {name for name, looks in LOOKING.items() if not looks}
READING = LOOKING.keys() - CHANGING
#: What makes somebody who acts.
MAKERS = {"Actor", "Way", "actor_of", "asked_anew"}


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
        or (isinstance(node, ast.Attribute) and node.attr in MAKERS - {"Actor"})
        or (isinstance(node, ast.ImportFrom) and _is_wrong_import(node))
        or (isinstance(node, ast.Name) and node.id == "actor" and isinstance(node.ctx, ast.Store))
    ]


def _is_wrong_call(call: ast.Call, guarded: set[str], has_actor: bool) -> bool:
    name = name_of(call.func)
    if name in guarded:
        return not (has_actor and passes_actor_on(call))
    makes_another = any(keyword.arg in ("role", "way") for keyword in call.keywords)
    return makes_another or name in {"deed", "call", "Actor", "actor_of"}


def _is_wrong_import(node: ast.ImportFrom) -> bool:
    forbidden = CHANGING | MAKERS - {"Actor"} | {"actor"}
    return any(alias.name in forbidden or (alias.name == "Actor" and alias.asname) for alias in node.names)


def test_it_knows_the_services_that_change_something() -> None:
    assert {"create_assistant", "start_campaign", "hang_up_call", "clear_alarm", "create_campaign"} <= CHANGING
    assert {"delete_campaign", "erase_person", "add_user", "begin_recovery", "seed_templates"} <= CHANGING
    assert {"list_campaigns", "get_call", "export_csv", "list_phone_lines", "open_recording"} <= READING


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_it_acts_in_nobodys_remembered_name(module: Path) -> None:
    assert wrong_in(module.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "campaigns.start_campaign(database, 1, actor=access.actor_of(visitor))",
        "campaigns.start_campaign(database, 1, actor=access.reader_of(visitor))",
        "reader = access.reader_of(visitor)\ncampaigns.start_campaign(database, 1, actor=reader)",
        "mine = access.actor_of(visitor)",
        "acting.act(lambda actor: campaigns.start_campaign(database, 1, actor=access.Actor('Eva', 'manager', 'page')))",
        "from autolynx.access import actor_of",
        "from autolynx.access import Actor as Someone",
        "dataclasses.replace(reader, role='manager')",
        "database.call('get_health')",
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


def test_it_lets_pass_what_only_looks() -> None:
    assert wrong_in("reader = reader_of(visitor)\nlist_campaigns(database, actor=reader)") == []
    assert wrong_in("from autolynx.access import Actor, reader_of") == []
