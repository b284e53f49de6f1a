"""Addresses in the provider's JSON: whether a text is one, where it leads, and what in it may be a secret.

Many a service knows its callers by the path alone (Slack, Make, Zapier, n8n), others by a query of any name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

_SCHEME = r"[a-z][a-z0-9+.-]{0,20}://"
_IN_TEXT = re.compile(rf"\b{_SCHEME}[^\s\"'<>]+", re.IGNORECASE)
#: as a browser reads it: blanks before it do not count, nor how many slashes there are
_ABSOLUTE = re.compile(rf"[\x00-\x20]*(?:{_SCHEME}|(?:https?|wss?|sips?):)[^\s]", re.IGNORECASE)
_AUTHORITY = re.compile(r"[\x00-\x20]*(?:[a-z][a-z0-9+.-]{0,20}:)?[/\\]{0,2}[^/\\?#]*", re.IGNORECASE)
_SEGMENT = re.compile(r"[^/\\]+")
_PARAMETER = re.compile(r"([?&;#](?:[^=&;#]*=)?)([^&;#]+)")
_ENDS_SENTENCE = ".,;:!?)]}"
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}

_TEMPLATE = re.compile(r"\{\{[^{}]{1,100}\}\}")
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_VERSION = re.compile(r"[-_.]v?\d{1,2}$")
_LONG = 16  # characters, of letters and digits: a random text
_SHORT = re.compile(r"(?!v\d+(?:alpha|beta|rc)\d*$)(?=[^0-9]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{6,15}")
_LONGEST_WORD = 15
_SHORTEST_WORDS = 3  # letters, on average


def begins_address(text: str) -> bool:
    """Whether the text begins as an absolute address does."""
    return bool(_ABSOLUTE.match(text))


def is_address(text: str) -> bool:
    """Whether the text is one absolute address and nothing else."""
    return begins_address(text) and len(text.split(maxsplit=1)) == 1


def origin(address: str) -> str:
    """Scheme, host and port; the address itself where another program may read another host than we do."""
    if "\\" in address or any(character <= " " for character in address):
        return address
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return address
    if not host:
        return address
    return f"{parts.scheme}://{parts.netloc if '{' in parts.netloc else f'{host}:{port}'}"


def origins_in(text: str) -> Iterator[str]:
    """Where the addresses in any text lead."""
    return (origin(found[0].rstrip(_ENDS_SENTENCE)) for found in _IN_TEXT.finditer(text))


def hide_in_address(address: str, hide: Callable[[str], str], hidden: re.Pattern[str]) -> str:
    """An address with `hide` of each part of its path that looks random, and of each value of its query.

    `hidden`: what is hidden already. Templates stay, as no secrets.
    """
    begins, path, query = _parts(address)

    def value(match: re.Match[str]) -> str:
        return match[1] + (hide(match[2]) if _bare(match[2], hidden) else match[2])

    path = _SEGMENT.sub(lambda part: hide(part[0]) if _is_random(part[0], hidden) else part[0], path)
    return begins + path + _PARAMETER.sub(value, query)


def hide_in_text(text: str, hide: Callable[[str], str], hidden: re.Pattern[str]) -> str:
    """Any text with `hide` of what looks random, and long, in the addresses in it."""

    def part(match: re.Match[str]) -> str:
        return hide(match[0]) if _is_long_random(_bare(match[0], hidden)) else match[0]

    def parameter(match: re.Match[str]) -> str:
        return match[1] + (hide(match[2]) if _is_long_random(_bare(match[2], hidden)) else match[2])

    def of_one(match: re.Match[str]) -> str:
        begins, path, query = _parts(match[0])
        return begins + _SEGMENT.sub(part, path) + _PARAMETER.sub(parameter, query)

    return _IN_TEXT.sub(of_one, text) if "://" in text else text


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme and host, the path, and what follows it."""
    found = _AUTHORITY.match(address)
    begins = found[0] if found else ""
    path = re.split(r"[?#]", address[len(begins) :], maxsplit=1)[0]
    return begins, path, address[len(begins) + len(path) :]


def _bare(part: str, hidden: re.Pattern[str]) -> str:
    return _TEMPLATE.sub("", hidden.sub("", part))


def _is_random(part: str, hidden: re.Pattern[str]) -> bool:
    bare = _bare(part, hidden)
    return _is_long_random(bare) or (bool(_SHORT.fullmatch(bare)) and _mean_word(bare) < _SHORTEST_WORDS)


def _is_long_random(bare: str) -> bool:
    text = _ESCAPED.sub("-", bare)
    if len(text) < _LONG:
        return False
    text = _VERSION.sub("", text)
    if any(character.isdigit() for character in text):
        return True
    longest = max((len(word) for word in _WORDS.findall(text)), default=0)
    return longest > _LONGEST_WORD or _mean_word(text) < _SHORTEST_WORDS


def _mean_word(text: str) -> float:
    words = _WORDS.findall(text)
    return sum(map(len, words)) / len(words) if words else 0
