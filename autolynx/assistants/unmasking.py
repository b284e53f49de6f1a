"""What somebody sends back of a configuration that was shown masked -> the configuration with its secrets.

A secret returns only to where it was, stays hidden there, and goes to no other server: whoever may change an assistant
may not read what is hidden in it.
"""

from __future__ import annotations

import operator
from typing import Any

from autolynx.assistants.secret_reach import check_reach
from autolynx.errors import InvalidInput
from autolynx.secrecy.masking import MASK, masked, put_together, taken_apart
from autolynx.secrecy.secret_names import is_address_name

_NOTHING: Any = object()


def with_secrets(given: Any, stored: Any) -> Any:
    """The given JSON with every mask replaced by the secret that is stored in its place.

    What nobody gives anew must come as it was shown, masked, to be known as such. Raises InvalidInput for a mask whose
    secret is not stored there, and for a secret that would be shown there, or sent elsewhere.
    """
    after = _whole(given, masked(stored), stored, ())
    if after != given:
        _check_hidden(masked(given), masked(after), ())
        check_reach(given, after, stored)
    return after


def _whole(given: Any, shown: Any, stored: Any, path: tuple[str, ...]) -> Any:
    if isinstance(given, dict):
        return _whole_object(given, shown, stored, path)
    if isinstance(given, list):
        return _whole_list(given, shown, stored, path)
    if not isinstance(given, str) or MASK not in given:
        return given
    if given == shown:
        return stored
    if isinstance(stored, str) and MASK in shown:
        apart = taken_apart(stored, is_whole_address=bool(path) and is_address_name(path[-1]))
        if (whole := put_together(given, apart)) is not None:
            return whole
    raise InvalidInput(
        f'{".".join(path)} holds "{MASK}", and no secret is stored in its place; accepted is the secret itself.'
    )


def _whole_object(given: dict[str, Any], shown: Any, stored: Any, path: tuple[str, ...]) -> dict[str, Any]:
    known, secret = (shown, stored) if isinstance(shown, dict) else ({}, {})
    return {
        name: _whole(item, known.get(name, _NOTHING), secret.get(name, _NOTHING), (*path, name))
        for name, item in given.items()
    }


def _whole_list(given: list[Any], shown: Any, stored: Any, path: tuple[str, ...]) -> list[Any]:
    partners = _partners(given, shown) if isinstance(shown, list) else {}
    return [
        _whole(item, shown[partners[place]], stored[partners[place]], (*path, str(place)))
        if place in partners
        else _whole(item, _NOTHING, _NOTHING, (*path, str(place)))
        for place, item in enumerate(given)
    ]


def _partners(given: list[Any], shown: list[Any]) -> dict[int, int]:
    """Which item was which: by what is shown of it, then by its name, then by its place."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    for is_same in (operator.eq, _has_the_same_name):
        for place, item in enumerate(given):
            if place in found:
                continue
            first = [place] if place < len(shown) else []
            free = (at for at in (*first, *range(len(shown))) if at not in taken and is_same(item, shown[at]))
            if (at := next(free, None)) is not None:
                found[place] = at
                taken.add(at)
    if len(given) == len(shown):
        found |= {place: place for place in range(len(given)) if place not in found and place not in taken}
    return found


def _has_the_same_name(one: Any, other: Any) -> bool:
    name = _name(one)
    return name is not None and name == _name(other)


def _name(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    function = item.get("function")
    named = [function.get("name")] if isinstance(function, dict) else []
    named += [item.get(key) for key in ("id", "name", "key")]
    return next((name for name in named if isinstance(name, str)), None)


def _check_hidden(given: Any, after: Any, path: tuple[str, ...]) -> None:
    """That what stands for a secret in `given` is hidden in `after` as well, whatever was changed around it."""
    if given == after:
        return
    if isinstance(given, dict | list):
        for name in given if isinstance(given, dict) else range(len(given)):
            _check_hidden(given[name], after[name], (*path, str(name)))
        return
    raise InvalidInput(
        f'{".".join(path)} holds "{MASK}" where the secret would be shown; accepted is the secret itself, or its place '
        "as it was."
    )
