"""What somebody sends back of a configuration that was shown masked -> the configuration with its secrets.

A secret returns only to where it was: to the same field, and not beside another address, since whoever may change an
assistant may not read what is hidden in it.
"""

from __future__ import annotations

import operator
from typing import Any
from urllib.parse import urlsplit

from autolynx.errors import InvalidInput
from autolynx.masking import MASK, masked, put_together, taken_apart
from autolynx.secret_names import is_address_name

_NOTHING: Any = object()


def with_secrets(given: Any, stored: Any) -> Any:
    """The given JSON with every mask replaced by the secret that is stored in its place.

    Raises InvalidInput for a mask whose secret is not stored there.
    """
    return _whole(given, masked(stored), stored, ())


def _whole(given: Any, shown: Any, stored: Any, path: tuple[str, ...]) -> Any:
    if isinstance(given, dict):
        return _whole_object(given, shown, stored, path)
    if isinstance(given, list):
        return _whole_list(given, shown, stored, path)
    if not isinstance(given, str) or MASK not in given:
        return given
    if given == shown:
        return stored
    whole = put_together(given, taken_apart(stored)) if isinstance(stored, str) and MASK in shown else None
    if whole is not None and not _is_one_address(given):
        return whole
    raise InvalidInput(
        f'{".".join(path)} holds "{MASK}", and no secret is stored in its place; accepted is the secret itself.'
    )


def _whole_object(given: dict[str, Any], shown: Any, stored: Any, path: tuple[str, ...]) -> dict[str, Any]:
    known, secret = (shown, stored) if isinstance(shown, dict) else ({}, {})
    moved = [name for name in given if is_address_name(name) and _leads_elsewhere(given[name], known.get(name))]
    if known and moved and (hidden := _mask_beside(given, path)):
        raise InvalidInput(
            f'{hidden} holds "{MASK}", but {".".join((*path, moved[0]))} leads to another server than before; accepted '
            "is the secret itself."
        )
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
    for is_same in (operator.eq, _has_the_same_name):
        for place, item in enumerate(given):
            free = [at for at, other in enumerate(shown) if at not in found.values() and is_same(item, other)]
            if place not in found and free:
                found[place] = place if place in free else free[0]
    if len(given) == len(shown):
        taken = set(found.values())
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


def _leads_elsewhere(given: Any, shown: Any) -> bool:
    before = _origin(shown) if isinstance(shown, str) else None
    return isinstance(given, str) and given != shown and _origin(given) != before


def _origin(address: str) -> tuple[str, str | None, int | None] | str:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return address


def _mask_beside(given: dict[str, Any], path: tuple[str, ...]) -> str | None:
    """Where a mask stands that is sent to this object's address, and to no other that is nearer."""
    left: list[tuple[Any, tuple[str, ...]]] = [(given, path)]
    while left:
        item, at = left.pop()
        if isinstance(item, str) and MASK in item:
            return ".".join(at)
        if isinstance(item, list):
            left += [(inner, (*at, str(place))) for place, inner in enumerate(item)]
        elif isinstance(item, dict) and (item is given or not any(is_address_name(name) for name in item)):
            left += [(inner, (*at, name)) for name, inner in item.items()]
    return None


def _is_one_address(text: str) -> bool:
    return "://" in text and not any(character.isspace() for character in text)
