"""Who may what: every service asks first, before anything reaches the database or the provider.

A service is a public function of a noun's folder that reaches one of the two. A new one that asks for no right, or for
one that stands not in the table, is noticed here.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from autolynx import access, analysis, assistants, calls, campaigns, contacts, operations
from autolynx.access import Actor, Right, Role, Way
from autolynx.api import routes
from autolynx.api.services import Acting
from autolynx.contacts.reading import read_contacts
from autolynx.errors import Forbidden
from autolynx.models import CallingHours, NewCampaign
from autolynx.settings import load_settings

ROOMS = (access, analysis, assistants, calls, campaigns, contacts, operations)

RIGHTS = {
    "access.users.add_user": Right.ADMINISTER,
    "analysis.exports.export_csv": Right.LOOK,
    "analysis.overview.get_overview": Right.LOOK,
    "assistants.directory.clone_assistant": Right.CHANGE,
    "assistants.directory.create_assistant": Right.CHANGE,
    "assistants.directory.delete_assistant": Right.CHANGE,  # the provider keeps its own
    "assistants.directory.get_assistant": Right.LOOK,
    "assistants.directory.import_assistant": Right.CHANGE,
    "assistants.directory.list_assistants": Right.LOOK,
    "assistants.directory.seed_templates": Right.CHANGE,
    "assistants.directory.update_assistant": Right.CHANGE,
    "calls.hanging_up.hang_up_call": Right.CHANGE,
    "calls.reading.get_call": Right.LOOK,
    "calls.recording.open_recording": Right.LOOK,
    "campaigns.deleting.delete_campaign": Right.DELETE,
    "campaigns.explanations.explain_campaign": Right.LOOK,
    "campaigns.explanations.explain_contact": Right.LOOK,
    "campaigns.lifecycle.pause_campaign": Right.CHANGE,
    "campaigns.lifecycle.resume_campaign": Right.CHANGE,
    "campaigns.lifecycle.start_campaign": Right.CHANGE,
    "campaigns.lifecycle.stop_campaign": Right.CHANGE,
    "campaigns.listing.get_campaign": Right.LOOK,
    "campaigns.listing.list_campaigns": Right.LOOK,
    "campaigns.new.create_campaign": Right.CHANGE,
    "campaigns.phone_lines.choose_phone_line": Right.LOOK,
    "campaigns.phone_lines.list_phone_lines": Right.LOOK,
    "contacts.callees.who_is_called": Right.LOOK,
    "contacts.callees.within_reach": Right.LOOK,
    "contacts.erasing.erase_person": Right.DELETE,
    "contacts.listing.list_contacts": Right.LOOK,
    "operations.alarms.clear_alarm": Right.CHANGE,
    "operations.alarms.list_alarms": Right.LOOK,
    "operations.health.get_scheduler_life": Right.LOOK,
    "operations.health.get_standing": Right.LOOK,
    "operations.provider.get_provider_health": Right.LOOK,
    "operations.recovery.begin_recovery": Right.ADMINISTER,
}

#: What reaches the database or the provider in nobody's name, and why.
IN_NOBODYS_NAME = {
    "access.sessions.sign_in": "whoever signs in is nobody yet",
    "access.sessions.note_refusal": "who was not let in is nobody",
    "access.sessions.sign_out": "by the session's own token",
    "access.sessions.enter": "finds out who somebody is",
    "access.sessions.admit": "finds out who somebody is",
    "calls.events.record_event": "a message of the provider's, proven by its signature, or its answer",
    "calls.messages.receive": "a message of the provider's, proven by its signature",
    "calls.messages.record": "a message of the provider's, proven by its signature",
    "calls.snapshots.record_snapshot": "what the provider answered the scheduler",
    "calls.intake.Intake": "messages of the provider's, proven by their signatures",
    "contacts.time_zone_rules.load": "the release's own rules, at every start",
    "contacts.time_zone_rules.loading": "the release's own rules, at every start",
    "operations.health.Health": "/api/health is open, /metrics has a token of its own; neither names anybody",
}

#: Routes that no API_TOKEN opens.
OPEN_ROUTES = {"/api/scheduler/tick", "/api/health", "/metrics"}

REACHING = {"database", "_database", "_client", "Database", "VapiClient"}

CSV = b"name,business_name,phone\nAda,Lovelace Ltd,+14155550123\n"
SOMETHING = UUID(int=1)


class Reached(Exception):
    """Something has reached the database or the provider."""


class Untouchable:
    """A database, or a provider, that nothing may reach."""

    def __getattr__(self, name: str) -> Any:
        raise Reached(name)


def arguments() -> dict[str, Any]:
    """What any service can be called with, by the names of parameters."""
    return {
        "database": Untouchable(),
        "client": Untouchable(),
        "settings": load_settings(_env_file=None),
        "found": read_contacts(CSV, max_rows=10, max_bytes=1000),
        "hours": CallingHours.model_validate({"from": "09:00", "until": "18:00", "days": [1], "time_zone": "UTC"}),
        "new": NewCampaign(name="Spring", assistant_id=str(SOMETHING)),
        "content": CSV,
        "name": "Ada",
        "config": {"firstMessage": "Hi"},
        "provider_assistant_id": "theirs",
        "phone": "+14155550123",
        "phone_number_id": None,
        "email": "ada@example.com",
        "role": "manager",
        "password": "river stone paper moon",
        "day_start": datetime(2026, 11, 30, tzinfo=UTC),
        **dict.fromkeys(("assistant_id", "campaign_id", "contact_id", "call_id", "alarm_id"), SOMETHING),
    }


def modules() -> Iterator[tuple[str, ModuleType]]:
    for room in ROOMS:
        for found in pkgutil.iter_modules(room.__path__):
            name = f"{room.__name__.removeprefix('autolynx.')}.{found.name}"
            yield name, import_module(f"autolynx.{name}")


def services() -> dict[str, Callable[..., Any]]:
    """Every public function that is called in somebody's name."""
    return {
        f"{name}.{function.__name__}": function
        for name, module in modules()
        for function in vars(module).values()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not function.__name__.startswith("_")
        and "actor" in inspect.signature(function).parameters
    }


SERVICES = services()


def call(service: Callable[..., Any], actor: Any) -> None:
    """Call a service with whatever it must have."""
    known = arguments()
    needed = {
        name: known[name]
        for name, parameter in inspect.signature(service).parameters.items()
        if name != "actor" and parameter.default is parameter.empty
    }
    service(**needed, actor=actor)


def test_it_states_a_right_for_every_service() -> None:
    assert set(SERVICES) == set(RIGHTS)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", [*Role, "guest", None])
def test_it_refuses_before_anything_is_reached_when_the_role_lacks_the_right(service: str, role: Any) -> None:
    right = RIGHTS[service]
    is_allowed = role in right.roles

    with pytest.raises(Reached if is_allowed else Forbidden) as raised:
        call(SERVICES[service], Actor("Eva", role, Way.PAGE))

    assert is_allowed or str(raised.value) == right.refusal


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("nobody", [None, "Eva"])
def test_it_reaches_nothing_when_nobody_acts(service: str, nobody: Any) -> None:
    with pytest.raises(AttributeError, match="require"):
        call(SERVICES[service], nobody)


@pytest.mark.parametrize("service", SERVICES)
def test_it_takes_the_actor_as_its_first_keyword(service: str) -> None:
    keywords = [
        parameter
        for parameter in inspect.signature(SERVICES[service]).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]

    assert keywords[0].name == "actor"
    assert keywords[0].default is inspect.Parameter.empty
    assert keywords[0].annotation == "Actor"


def test_it_lets_whoever_may_do_more_look_and_change() -> None:
    assert Right.LOOK.roles == tuple(Role)
    assert set(Right.DELETE.roles) == set(Right.ADMINISTER.roles) < set(Right.CHANGE.roles) < set(Right.LOOK.roles)


def reaching(tree: ast.Module) -> dict[str, ast.stmt]:
    """The public functions and classes that reach the database or the provider, alone or through the module's own."""
    own = {
        node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    words = {name: _words(node) for name, node in own.items()}
    reached = {name for name, said in words.items() if said & REACHING}
    while more := {name for name, said in words.items() if said & reached} - reached:
        reached |= more
    return {name: own[name] for name in reached if not name.startswith("_")}


def _words(node: ast.AST) -> set[str]:
    """Every name, attribute and parameter in it; a `client` that is asked for something is the provider's."""
    words = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            words.add(each.id)
        elif isinstance(each, ast.arg):
            words.add(each.arg)
        elif isinstance(each, ast.Attribute):
            words.add(each.attr)
            if ast.unparse(each.value).rpartition(".")[2] == "client":
                words.add("VapiClient")
    return words


def wrong_in(source: str, name: str, excepted: dict[str, str]) -> list[str]:
    """The services of a module that do not ask who acts before all else."""
    return [
        f"{name}.{service}"
        for service, node in reaching(ast.parse(source)).items()
        if f"{name}.{service}" not in excepted and not _asks_first(node)
    ]


def _asks_first(node: ast.stmt) -> bool:
    """Whether it takes an actor, and its first act is to ask for a right. What yields would ask too late."""
    if not isinstance(node, ast.FunctionDef) or "actor" not in [arg.arg for arg in node.args.kwonlyargs]:
        return False
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node)):
        return False
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return ast.unparse(body[0]) in {f"actor.require(Right.{right.name})" for right in Right}


def test_it_finds_no_service_that_acts_before_it_asks() -> None:
    sources = {name: Path(str(module.__file__)).read_text() for name, module in modules()}

    assert [wrong for name, source in sources.items() for wrong in wrong_in(source, name, IN_NOBODYS_NAME)] == []


def test_it_excepts_only_what_is_there() -> None:
    there = {
        f"{name}.{service}"
        for name, module in modules()
        for service in reaching(ast.parse(Path(str(module.__file__)).read_text()))
    }

    assert there == set(RIGHTS) | set(IN_NOBODYS_NAME)


@pytest.mark.parametrize(
    "source",
    [
        "def show(database): return database.call('get_campaign')",
        "def show(pool: Database): return pool.call('get_campaign')",
        "def show(place): return _show(place)\ndef _show(place): return place.client.list_phone_numbers()",
        "def show(client): return client.list_phone_numbers()",
        "def show(database, *, actor): return database.call('get_campaign')",
        "def show(database, *, actor):\n    database.call('x')\n    actor.require(Right.LOOK)",
        "def show(database, *, actor):\n    if database:\n        actor.require(Right.LOOK)",
        "def show(database, *, actor):\n    actor.require(Right.LOOK)\n    yield database.call('x')",
        "def show(database, *, actor):\n    actor.may(Right.CHANGE)\n    database.call('x')",
        "class Shown:\n    def __init__(self, database): self._it = database",
    ],
)
def test_it_notices_what_does_not_ask(source: str) -> None:
    assert wrong_in(source, "campaigns.shown", {}) == [
        "campaigns.shown.Shown" if "Shown" in source else "campaigns.shown.show"
    ]


def test_it_hands_every_route_who_acts() -> None:
    routers = [import_module(f"{routes.__name__}.{found.name}") for found in pkgutil.iter_modules(routes.__path__)]
    found = [
        route
        for module in routers
        if hasattr(module, "router")
        for route in module.router.routes
        if isinstance(route, APIRoute) and route.path not in OPEN_ROUTES
    ]

    assert len(found) >= 20
    nameless = [
        route.path for route in found if Acting not in get_type_hints(route.endpoint, include_extras=True).values()
    ]
    assert nameless == []
