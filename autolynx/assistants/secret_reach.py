"""Where the secrets of an assistant's configuration may be sent, and that a change sends none elsewhere.

Each part of a configuration has its own addresses: every tool; the model, the voice and the transcriber, each with its
fallbacks; and the assistant itself, whose server is told of the whole assistant in every message (VapiAI/docs OpenAPI,
2026-08-18: `assistant` in server messages). What lies nearer to which address is not asked: who may change an assistant
might put a second address in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autolynx.errors import InvalidInput
from autolynx.secrecy.addresses import begins_address, origin, origins_in
from autolynx.secrecy.masking import secrets_in

Path = tuple[str, ...]

_OF_THE_ASSISTANT: Path = ()
_WITH_FALLBACKS = ("model", "voice", "transcriber")
#: at the top: they serve every address
_SERVING_ALL = ("credentials", "serverUrlSecret")
#: at the top: played or said to the person, and told nothing
_PLAYED = ("firstMessage", "voicemailMessage", "endCallMessage", "backgroundSound")
#: what else than an address with a scheme says where something is sent to
_LEADING = re.compile(
    r"(?i:(url|uri|endpoint|hostname|ipaddress)$)|(?:^|[_-])(?i:host|domain|ip|gateway|proxy)$|[a-z](Host|Domain|Ip|IP|Proxy)$"
)


def check_reach(given: Any, after: Any, stored: Any) -> None:
    """Raise InvalidInput if a secret that nobody gave would be sent where it was not sent before.

    `given` holds masks where `after` has the secrets of `stored`. A secret may go to each scheme, host and port that
    it went to before.
    """
    known = _reached(stored)
    addresses = _addresses(after)
    for path, secret in secrets_in(after):
        if _at(given, path) == _at(after, path):
            continue
        for place, leads_to in _serving(path, after, addresses):
            if leads_to not in known.get(secret, ()):
                raise InvalidInput(
                    f"{'.'.join(place)} leads to another server than before, which would get the secret in "
                    f"{'.'.join(path)}; accepted is the address as it was, or the secret itself."
                )


def origins(config: Any) -> set[str]:
    """Every scheme, host and port that a configuration may send something to."""
    return {leads_to for _, leads_to in _addresses(config)}


def _reached(config: Any) -> dict[str, set[str]]:
    """Of each secret where it may be sent."""
    addresses, found = _addresses(config), dict[str, set[str]]()
    for path, secret in secrets_in(config):
        found.setdefault(secret, set()).update(leads_to for _, leads_to in _serving(path, config, addresses))
    return found


def _serving(path: Path, config: Any, addresses: list[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
    """The addresses that may get what stands at `path`."""
    part, serves_all, text = _part(path), path[0] in _SERVING_ALL, _at(config, path)
    for place, leads_to in addresses:
        if serves_all or _part(place) in (part, _OF_THE_ASSISTANT):
            yield place, leads_to
    if isinstance(text, str):
        yield from ((path, leads_to) for leads_to in origins_in(text))


def _addresses(config: Any) -> list[tuple[Path, str]]:
    """Each address of a configuration and where it leads; code may send to wherever it likes, so it leads to itself."""
    found = []
    for path, text in _texts(config, ()):
        name = path[-1]
        if name == "code":
            found.append((path, text))
        elif path[0] not in _PLAYED and (begins_address(text) or _LEADING.search(name)):
            found.append((path, origin(text)))
    return found


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, (*path, str(place)))
    elif isinstance(value, str) and path:
        yield path, value


def _part(path: Path) -> Path:
    for end, name in enumerate(path):
        if name == "tools":
            return path[: end + 2]
        if name == "tool":
            return path[: end + 1]
    return path[:1] if path[0] in _WITH_FALLBACKS else _OF_THE_ASSISTANT


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value
