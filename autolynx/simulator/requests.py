"""Reading requests: bodies, list filters, and where a handler finds the simulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from starlette.requests import Request

from .clock import parse_iso_ms
from .errors import bad_request
from .shapes import violations
from .simulator import Simulator

T = TypeVar("T")

_DEFAULT_LIMIT, _LARGEST_LIMIT = 100, 1000
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "Gt": lambda moment, bound: moment > bound,
    "Ge": lambda moment, bound: moment >= bound,
    "Lt": lambda moment, bound: moment < bound,
    "Le": lambda moment, bound: moment <= bound,
}
TIME_FILTERS = tuple(f"{name}{suffix}" for name in ("createdAt", "updatedAt") for suffix in _COMPARISONS)


def simulator(request: Request) -> Simulator:
    """Return the simulator that serves a request."""
    return cast(Simulator, request.app.state.simulator)


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body as an object; an absent one is empty."""
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError as error:
        raise bad_request("Unexpected token in JSON body") from error
    if not isinstance(body, dict):
        raise bad_request("Body must be a JSON object")
    return body


def validated(body: Mapping[str, Any], shape: str) -> None:
    """Refuse a body with a field that is unknown or wrong; `shape` names a file in `schemas`."""
    found = list(violations(body, shape))
    if found:
        raise bad_request(found)


def selected(
    request: Request,
    items: Iterable[T],
    moments: Callable[[T], Mapping[str, float]],
    exact: Mapping[str, Callable[[T], Any]] | None = None,
) -> list[T]:
    """Return the items that a list request asks for; `items` come newest first."""
    query = request.query_params
    exact = exact or {}
    problems = [f"property {name} should not exist" for name in query if name not in _known(exact)]
    limit = _limit(query.get("limit"), problems)
    bounds = list(_bounds(query, problems))
    if problems:
        raise bad_request(problems)
    wanted = {name: query[name] for name in exact if name in query}
    found: list[T] = []
    for item in items:
        if len(found) >= limit:
            break
        if all(exact[name](item) == value for name, value in wanted.items()) and _within(moments(item), bounds):
            found.append(item)
    return found


def _known(exact: Mapping[str, Any]) -> set[str]:
    return {"limit", *TIME_FILTERS, *exact}


def _limit(text: str | None, problems: list[str]) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    try:
        limit = float(text)
    except ValueError:
        problems.append("limit must be a number conforming to the specified constraints")
        return 0
    if limit > _LARGEST_LIMIT:
        problems.append(f"limit must not be greater than {_LARGEST_LIMIT}")
    if limit < 0:
        problems.append("limit must not be less than 0")
    return int(limit)


def _bounds(query: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str, float]]:
    for name in TIME_FILTERS:
        if name not in query:
            continue
        try:
            yield name[:-2], name[-2:], parse_iso_ms(query[name])
        except ValueError:
            problems.append(f"{name} must be a valid ISO 8601 date string")


def _within(moments: Mapping[str, float], bounds: list[tuple[str, str, float]]) -> bool:
    return all(_COMPARISONS[suffix](moments[name], bound) for name, suffix, bound in bounds)
