"""Which parts of the provider's JSON are secrets, stated once: of assistants, of messages, of answers.

Vapi puts them into `server.headers` and `server.secret`, the headers of tools and of a custom model, `credentials`,
static parameters of tools, and whatever stands in an address or after `Bearer` (VapiAI/docs OpenAPI, 2026-08-18). In
such a place what is not known to be harmless is masked.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Any

MASK = "(hidden-value)"  # without a space, as addresses are
_SHORTEST_SECRET = 4  # characters: a shorter one would be found in any text
_LONGEST_NAME = 100

#: how the name of a secret ends, in its letters and digits
_ENDS = re.compile(
    r"(secret|password|passwd|passphrase|passcode|pwd|token|jwt|bearer|signature|authorization|authorizationheader|cookie|auth"
    r"|(api|auth|access|private|secret|signing|encryption|subscription|license|service|master|admin|shared|functions)key"
    r"|credentials?|secrets|passwords)$"
)
_HARMLESS = re.compile(r"(max|end|stop|per|eos|bos|pad)token$")
_HEADERS = frozenset({"headers", "extraheaders", "customheaders", "defaultheaders", "requestheaders", "httpheaders"})
#: under a secret's name they say what it is for, not what it is
_DESCRIBING = frozenset(["type", "description", "title", "format", "provider", "name", "id", "required", "pattern"])
_PAIR_NAMES = ("key", "name", "header")
_PAIR_VALUES = frozenset(["value", "default", "const", "example", "examples", "enum"])
#: where something is sent to; a link to a recording is none, and may be read only whole
_ADDRESSES = re.compile(r"^(url|uri|endpoint|(server|base|api|apibase|callback|webhook|custom\w*)(url|uri))$")

#: in any text: group 1 stays, group 2 is the secret
_SHAPES = (
    re.compile(r"(\b(?:Bearer|Basic|Token)\s+)((?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE),
    re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)([^\s/@?#\"']+)(?=@)", re.IGNORECASE),
    re.compile(
        r"([?&;#](?:[\w.-]*(?:token|secret|password|passwd|key|signature|credential|auth|jwt)|sig|pwd|code)=)([^\s&#\"'<>]+)",
        re.IGNORECASE,
    ),
    re.compile(r"()(\b(?:sk|rk)[-_][A-Za-z0-9_-]{16,})"),  # OpenAI, Anthropic, Stripe
    re.compile(r"()((?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"),  # a JSON web token
    re.compile(r"()(\b(?:gh[opsu]_|github_pat_|glpat-|xox[abpr]-|hf_|AKIA|ASIA|AIza|sb_secret_|whsec_)[A-Za-z0-9_-]{12,})"),
    re.compile(r"()(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))", re.DOTALL),
)
#: JSON within a text, as what is nested too deep is kept
_MEMBER = re.compile(
    r'(?P<begins>"(?P<name>(?:[^"\\]|\\.){1,100})"\s*:\s*)'
    r'(?P<value>"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|\{[^{}]*\}|\[[^\[\]{}]*\])'
)
_MARK = re.compile("\ue000([0-9]+)\ue001")  # of the private use area, so that it comes from nowhere else


class _Place(Enum):
    """Where a value stands."""

    OPEN = "anywhere"
    SECRET = "in a secret"
    DESCRIBED = "in a secret that says of itself what it is for, as a schema does"


def mask(value: Any, *, our_secret: str | None = None, everywhere: bool = True) -> int:
    """Replace every secret in some JSON, in place; how many levels it is nested. Safe to repeat.

    `our_secret`: replaced wherever it stands. `everywhere`: also what looks like a secret in any text; else only in
    addresses that something is sent to. Not by recursion: a message may be nested as deep as it likes.
    """
    ours = our_secret if our_secret and len(our_secret) >= _SHORTEST_SECRET else None
    count = 0
    level: list[tuple[Any, _Place]] = [(value, _Place.OPEN)] if isinstance(value, dict | list) else []
    while level:
        count += 1
        below: list[tuple[Any, _Place]] = []
        for container, place in level:
            is_pair = place is _Place.OPEN and isinstance(container, dict) and _names_a_secret(container)
            for name, item in list(container.items()) if isinstance(container, dict) else enumerate(container):
                inner = _place_of(name, item, place, is_pair)
                if isinstance(item, dict | list):
                    below.append((item, inner))
                elif inner is not _Place.OPEN:
                    if item not in (None, "") and not isinstance(item, bool):
                        container[name] = MASK
                elif isinstance(item, str):
                    text = item.replace(ours, MASK) if ours else item
                    if everywhere or (isinstance(name, str) and _ADDRESSES.match(_letters(name))):
                        text = masked_text(text)
                    elif text[:1] in ("{", "["):
                        text = _MEMBER.sub(_without_member, text)
                    if text != item:
                        container[name] = text
        level = below
    return count


def masked(value: Any) -> Any:
    """A copy without secrets; the value is nested no deeper than what is stored."""
    shown = copy.deepcopy(value)
    mask(shown)
    return shown


def without_secrets_of(text: str, value: Any) -> str:
    """A text about some JSON, as the provider's words are, without the secrets that stand in it."""
    for secret in sorted(_secrets(value, masked(value)), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def masked_text(text: str) -> str:
    """The same text without what looks like a secret."""
    return _MARK.sub(MASK, taken_apart(text)[0])


def taken_apart(text: str) -> tuple[str, list[str]]:
    """A text with a mark for each of its secrets, and the secrets; `put_together` is the way back."""
    secrets: list[str] = []

    def take(match: re.Match[str]) -> str:
        if match[2] == MASK:
            return match[0]
        secrets.append(match[2])
        return f"{match[1]}{_marked(len(secrets) - 1)}"

    def take_member(match: re.Match[str]) -> str:
        if not is_secret_name(match["name"]) or match["value"] == MASK:
            return match[0]
        secrets.append(match["value"])
        return f"{match['begins']}{_marked(len(secrets) - 1)}"

    if text[:1] in ("{", "["):
        text = _MEMBER.sub(take_member, text)
    for shape in _SHAPES:
        text = shape.sub(take, text)
    return text, secrets


def put_together(text: str, apart: tuple[str, list[str]]) -> str | None:
    """A text that holds as many masks as one that was `taken_apart`, with its secrets in their order; else None."""
    places = re.findall(f"{_MARK.pattern}|({re.escape(MASK)})", apart[0])
    told = text.split(MASK)
    if len(told) != len(places) + 1:
        return None
    marks = [_marked(int(place)) if place else MASK for place, _ in places]
    whole = "".join(piece for pair in zip(told, [*marks, ""], strict=True) for piece in pair)
    for place in reversed(range(len(apart[1]))):  # one may lie in another
        whole = whole.replace(_marked(place), apart[1][place])
    return whole


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    letters = _letters(name)
    return letters in _HEADERS or bool(_ENDS.search(letters) and not _HARMLESS.search(letters))


def is_address(name: str) -> bool:
    """Whether a field of this name says where something is sent to."""
    return bool(_ADDRESSES.match(_letters(name)))


def _secrets(value: Any, shown: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from _secrets(value[name], shown[name])
    elif value != shown:
        found = taken_apart(value)[1] if isinstance(value, str) and shown != MASK else [str(value)]
        yield from (secret for secret in found if len(secret) >= _SHORTEST_SECRET)


def _place_of(name: str | int, item: Any, place: _Place, is_pair: bool) -> _Place:
    if isinstance(name, int):  # in a list of pairs each says what it is for
        return _Place.DESCRIBED if place is _Place.SECRET and isinstance(item, dict) else place
    if place is _Place.DESCRIBED and name.lower() in _DESCRIBING:
        return _Place.OPEN
    if is_pair:
        return _Place.SECRET if name.lower() in _PAIR_VALUES else _Place.OPEN
    if place is _Place.OPEN and not is_secret_name(name):
        return _Place.OPEN
    return _Place.DESCRIBED if place is _Place.DESCRIBED or _is_schema(item) else _Place.SECRET


def _names_a_secret(container: dict[str, Any]) -> bool:
    """`{"key": "Authorization", "value": ...}`."""
    named = (container.get(name) for name in _PAIR_NAMES)
    return not _PAIR_VALUES.isdisjoint(container) and any(isinstance(it, str) and is_secret_name(it) for it in named)


def _is_schema(item: Any) -> bool:
    """`{"type": "object", "properties": ...}`, as a tool may write its headers."""
    return isinstance(item, dict) and item.get("type") in ("object", "string", "number", "integer", "boolean", "array")


@lru_cache(maxsize=4096)
def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name[-_LONGEST_NAME:].lower())


def _without_member(match: re.Match[str]) -> str:
    return f"{match['begins']}{MASK}" if is_secret_name(match["name"]) else match[0]


def _marked(place: int) -> str:
    return f"\ue000{place}\ue001"
