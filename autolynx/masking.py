"""Which parts of the provider's JSON are secrets, stated once: of assistants, of messages, of answers.

Vapi puts them into `server.headers` and `server.secret`, the headers of tools and of a custom model, `credentials`,
static parameters of tools, and whatever stands in an address or after `Bearer` (VapiAI/docs OpenAPI, 2026-08-18). In
such a place what is not known to be harmless is masked.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from enum import Enum, IntEnum
from functools import lru_cache
from typing import Any

MASK = "(hidden-value)"  # without a space, as addresses are
_SHORTEST_SECRET = 4  # characters: a shorter one would be found in any text
_LONGEST_NAME = 100
_CONTAINERS = (dict, list)

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


_DESCRIBED_BY = {False: _Place.SECRET, True: _Place.DESCRIBED}


class _Name(IntEnum):
    """What a field's name tells."""

    PLAIN = 0
    ADDRESS = 1
    SECRET = 2


def mask(value: Any, *, our_secret: str | None = None, everywhere: bool = True) -> int:
    """Replace every secret in some JSON, in place; how many levels it is nested. Safe to repeat.

    `our_secret`: replaced wherever it stands. `everywhere`: also what looks like a secret in any text; else only in
    addresses that something is sent to. Not by recursion: a message may be nested as deep as it likes. Every message
    goes through here: what is no secret's takes as little as it can.
    """
    look = _Texts(our_secret, everywhere)
    count = 0
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    closed: list[tuple[Any, _Place]] = []
    while level or closed:
        count += 1
        below: list[Any] = []
        closed_below: list[tuple[Any, _Place]] = []
        for container in level:
            if type(container) is list:
                for at, item in enumerate(container):
                    if type(item) in _CONTAINERS:
                        below.append(item)
                    elif type(item) is str and look.concerns(item):
                        container[at] = look.masked(item)
            elif not _PAIR_VALUES.isdisjoint(container) and _names_a_secret(container):
                _mask_pair(container, look, below, closed_below)
            else:
                for name, item in container.items():
                    kind = _kind(name)
                    if kind is _Name.SECRET:
                        _mask_field(container, name, _DESCRIBED_BY[_is_schema(item)], closed_below)
                    elif type(item) in _CONTAINERS:
                        below.append(item)
                    elif type(item) is str and (kind or look.concerns(item)):
                        container[name] = look.masked(item, is_address=bool(kind))
        for container, place in closed:
            _mask_closed(container, place, look, below, closed_below)
        level, closed = below, closed_below
    return count


class _Texts:
    """What is to be masked in a text that stands anywhere."""

    def __init__(self, our_secret: str | None, everywhere: bool) -> None:
        self._ours = our_secret if our_secret and len(our_secret) >= _SHORTEST_SECRET else None
        self._everywhere = everywhere

    def concerns(self, text: str) -> bool:
        """A quick look whether there may be anything to do."""
        return self._everywhere or (self._ours is not None and self._ours in text) or text.startswith(("{", "["))

    def masked(self, text: str, *, is_address: bool = False) -> str:
        """The text without secrets."""
        text = text.replace(self._ours, MASK) if self._ours else text
        if self._everywhere or is_address:
            return masked_text(text)
        return _MEMBER.sub(_without_member, text) if text.startswith(("{", "[")) else text


def _mask_field(container: Any, name: str | int, place: _Place, closed_below: list[tuple[Any, _Place]]) -> None:
    """A field of a secret's name: nothing in it is shown."""
    item = container[name]
    if type(item) in _CONTAINERS:
        closed_below.append((item, place))
    elif item not in (None, "") and not isinstance(item, bool):
        container[name] = MASK


def _mask_pair(
    container: dict[str, Any], look: _Texts, below: list[Any], closed_below: list[tuple[Any, _Place]]
) -> None:
    for name, item in container.items():
        if name.lower() in _PAIR_VALUES:
            _mask_field(container, name, _Place.SECRET, closed_below)
        else:
            _leave_open(container, name, item, look, below)


def _mask_closed(
    container: Any, place: _Place, look: _Texts, below: list[Any], closed_below: list[tuple[Any, _Place]]
) -> None:
    """What lies in a secret. In a list of pairs each says what it is for, and so does a schema."""
    if type(container) is list:
        for at, item in enumerate(container):
            inner = _Place.DESCRIBED if type(item) is dict else place
            _mask_field(container, at, inner, closed_below)
        return
    for name, item in container.items():
        if place is _Place.DESCRIBED and name.lower() in _DESCRIBING:
            _leave_open(container, name, item, look, below)
        else:
            inner = _Place.DESCRIBED if place is _Place.DESCRIBED else _DESCRIBED_BY[_is_schema(item)]
            _mask_field(container, name, inner, closed_below)


def _leave_open(container: dict[str, Any], name: str, item: Any, look: _Texts, below: list[Any]) -> None:
    if type(item) in _CONTAINERS:
        below.append(item)
    elif type(item) is str and look.concerns(item):
        container[name] = look.masked(item)


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
    return _kind(name) is _Name.SECRET


def is_address(name: str) -> bool:
    """Whether a field of this name says where something is sent to."""
    return _kind(name) is _Name.ADDRESS


@lru_cache(maxsize=4096)
def _kind(name: str) -> _Name:
    letters = re.sub(r"[^a-z0-9]", "", name[-_LONGEST_NAME:].lower())
    if letters in _HEADERS or (_ENDS.search(letters) and not _HARMLESS.search(letters)):
        return _Name.SECRET
    return _Name.ADDRESS if _ADDRESSES.match(letters) else _Name.PLAIN


def _secrets(value: Any, shown: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from _secrets(value[name], shown[name])
    elif value != shown:
        found = taken_apart(value)[1] if isinstance(value, str) and shown != MASK else [str(value)]
        yield from (secret for secret in found if len(secret) >= _SHORTEST_SECRET)


def _names_a_secret(container: dict[str, Any]) -> bool:
    """`{"key": "Authorization", "value": ...}`."""
    named = (container.get(name) for name in _PAIR_NAMES)
    return not _PAIR_VALUES.isdisjoint(container) and any(isinstance(it, str) and is_secret_name(it) for it in named)


def _is_schema(item: Any) -> bool:
    """`{"type": "object", "properties": ...}`, as a tool may write its headers."""
    return isinstance(item, dict) and item.get("type") in ("object", "string", "number", "integer", "boolean", "array")


def _without_member(match: re.Match[str]) -> str:
    return f"{match['begins']}{MASK}" if is_secret_name(match["name"]) else match[0]


def _marked(place: int) -> str:
    return f"\ue000{place}\ue001"
