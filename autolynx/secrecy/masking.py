"""Which parts of the provider's JSON are secrets, stated once: of assistants, of messages, of answers.

Vapi puts them into `server.headers` and `server.secret`, the headers of tools and of a custom model, `credentials`,
static parameters of tools, the path and the query of an address, and after `Bearer` (VapiAI/docs OpenAPI, 2026-08-18).
In such a place what is not known to be harmless is masked. What a name tells, `secret_names` says; what is secret of an
address, `addresses`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from autolynx.secrecy.addresses import hide_in_address, hide_in_text, is_address
from autolynx.secrecy.secret_names import Kind, is_address_name, is_secret_name, kind

MASK = "(hidden-value)"  # without a space, as addresses are
_SHORTEST_SECRET = 4  # characters: a shorter one would be found in any text
_CONTAINERS = (dict, list)
#: what was asked of people, under names that a manager chose
_RESULTS = frozenset(["structuredData", "structuredOutputs"])
_NEXT = 40  # characters: how far a pair's second name is looked for

#: under a secret's name they say what it is for, not what it is
_DESCRIBING = frozenset(["type", "description", "title", "format", "provider", "name", "id", "required", "pattern"])
_PAIR_NAMES = ("key", "name", "header")
_PAIR_VALUES = frozenset(["value", "default", "const", "example", "examples", "enum"])
#: stands for something that comes with the call
_TEMPLATE = re.compile(r"((?:Bearer|Basic|Token)\s+)?\{\{\s*[A-Za-z_][\w.]{0,60}\s*\}\}", re.IGNORECASE)
#: in any text: group 1 stays, group 2 is the secret
_SHAPES = (
    re.compile(r"(\b(?:Bearer|Basic|Token)\s+)((?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE),
    re.compile(r"(\bBearer\s+)([A-Za-z0-9._~+/=-]{16,})", re.IGNORECASE),
    re.compile(r"(\bAuthorization[\"']?\s*[:=]\s*[\"']?(?:Bearer|Basic|Token)\s+)([^\s\"'<>,{}]{4,})", re.IGNORECASE),
    re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)([^\s/@?#\"']+)(?=@)", re.IGNORECASE),
    re.compile(r"(\bsips?:[^\s:@/]{1,100}:)([^\s@/]{1,200})(?=@)", re.IGNORECASE),
    re.compile(r"()(\b(?:sk|rk)[-_][A-Za-z0-9_-]{16,})"),  # OpenAI, Anthropic, Stripe
    re.compile(r"()((?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"),  # a JSON web token
    re.compile(
        r"()(\b(?:gh[opsu]_|github_pat_|glpat-|xox[abpr]-|hf_|AKIA|ASIA|AIza|sb_secret_|whsec_)[A-Za-z0-9_-]{12,})"
    ),
    re.compile(r"()(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))", re.DOTALL),
)
_PARAMETER = re.compile(r"([?&;#]([\w.-]{1,100})=)([^\s&#\"'<>]+)")
#: JSON within a text, as what is nested too deep is kept
_MEMBER = re.compile(
    r'("(?P<name>(?:[^"\\]|\\.){1,100})"\s*:\s*)'
    r'(?P<value>"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|\{[^{}]*\}|\[[^\[\]{}]*\])'
)
#: a pair within such a text
_PAIR = re.compile(
    r'("(?:key|name|header)"\s*:\s*"(?P<name>(?:[^"\\]|\\.){1,100})"\s*,\s*"value"\s*:\s*)(?P<value>"(?:[^"\\]|\\.)*")'
)
_MARK = re.compile("\ue000([0-9]+)\ue001")  # of the private use area: no text brings it along
_HIDDEN = re.compile(f"{_MARK.pattern}|{re.escape(MASK)}")


class _Place(Enum):
    """Where a value stands."""

    OPEN = "anywhere"
    SECRET = "in a secret"
    DESCRIBED = "in a secret that says of itself what it is for, as a schema does"


_DESCRIBED_BY = {False: _Place.SECRET, True: _Place.DESCRIBED}


def mask(value: Any, *, our_secret: str | None = None, everywhere: bool = True) -> int:
    """Replace every secret in some JSON, in place; how many levels it is nested. Safe to repeat.

    `our_secret`: replaced wherever it stands. `everywhere`: also what looks like a secret in any text; else only in
    addresses that something is sent to, and in what a conversation came to no name is that of a secret. Not by
    recursion: a message may be nested as deep as it likes. Every message goes through here: what is no secret's takes
    as little as it can.
    """
    look = _Texts(our_secret, everywhere)
    count = 0
    level: list[Any] = [value] if type(value) in _CONTAINERS else []
    closed: list[tuple[Any, _Place]] = []
    results: list[Any] = []
    named_freely = frozenset() if everywhere else _RESULTS
    while level or closed or results:
        count += 1
        below: list[Any] = []
        results_below: list[Any] = []
        closed_below: list[tuple[Any, _Place]] = []
        for container in level:
            if type(container) is list:
                for at, item in enumerate(container):
                    if type(item) in _CONTAINERS:
                        below.append(item)
                    elif type(item) is str and look.concerns(item):
                        container[at] = look.masked(item)
            else:
                is_pair = not _PAIR_VALUES.isdisjoint(container)
                hides_value = is_pair and _names_a_secret(container)
                for name, item in container.items():
                    told = kind(name)
                    if hides_value and name.lower() in _PAIR_VALUES:
                        _mask_field(container, name, _Place.SECRET, closed_below)
                    elif told is Kind.SECRET and not (is_pair and name.lower() in _PAIR_NAMES):
                        _mask_field(container, name, _DESCRIBED_BY[_is_schema(item)], closed_below)
                    elif type(item) in _CONTAINERS:
                        (results_below if name in named_freely else below).append(item)
                    elif type(item) is str and (told or look.concerns(item)):
                        container[name] = look.masked(item, is_address=told is Kind.ADDRESS)
        for container, place in closed:
            _mask_closed(container, place, look, below, closed_below)
        for container in results:
            for name in container if type(container) is dict else range(len(container)):
                _leave_open(container, name, container[name], look, results_below)
        level, closed, results = below, closed_below, results_below
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
            return masked_text(text, is_whole_address=is_address)
        return _without_members(text, lambda _: MASK) if text.startswith(("{", "[")) else text


def _mask_field(container: Any, name: str | int, place: _Place, closed_below: list[tuple[Any, _Place]]) -> None:
    """A field of a secret's name: nothing in it is shown."""
    item = container[name]
    if type(item) in _CONTAINERS:
        closed_below.append((item, place))
    elif item not in (None, "") and not isinstance(item, bool) and not _is_template(item):
        container[name] = MASK


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


def _leave_open(container: Any, name: str | int, item: Any, look: _Texts, below: list[Any]) -> None:
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
    found = {secret for _, secret in secrets_in(value) if len(secret) >= _SHORTEST_SECRET}
    for secret in sorted(found, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def secrets_in(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each secret of some JSON, and the path of where it stands."""
    return _secrets(value, masked(value), ())


def masked_text(text: str, *, is_whole_address: bool = False) -> str:
    """The same text without what looks like a secret."""
    return _MARK.sub(MASK, taken_apart(text, is_whole_address=is_whole_address)[0])


def taken_apart(text: str, *, is_whole_address: bool = False) -> tuple[str, list[str]]:
    """A text with a mark for each of its secrets, and the secrets; `put_together` is the way back.

    `is_whole_address`: an address without a scheme, as its field's name tells; one with a scheme tells it itself.
    """
    secrets: list[str] = []

    def hide(secret: str) -> str:
        secrets.append(_MARK.sub(lambda mark: secrets[int(mark[1])], secret))
        return f"\ue000{len(secrets) - 1}\ue001"

    def take(match: re.Match[str]) -> str:
        return match[0] if _HIDDEN.fullmatch(match[2]) else match[1] + hide(match[2])

    def take_parameter(match: re.Match[str]) -> str:
        is_secret = is_secret_name(match[2]) or match[2].lower() == "code"
        is_open = _HIDDEN.fullmatch(match[3]) or _is_template(match[3])
        return match[1] + hide(match[3]) if is_secret and not is_open else match[0]

    text = text.replace("\ue000", "")
    if text[:1] in ("{", "["):
        text = _without_members(text, hide)
    for shape in _SHAPES:
        text = shape.sub(take, text)
    text = _PARAMETER.sub(take_parameter, text)
    hide_all = hide_in_address if is_whole_address or is_address(text) else hide_in_text
    return hide_all(text, hide, _HIDDEN), secrets


def _without_members(text: str, hide: Callable[[str], str]) -> str:
    """JSON that is a text, with `hide` of the value of each member that a name, or a pair, calls a secret."""

    def take(match: re.Match[str]) -> str:
        begins, value = match[1], match["value"]
        is_secret = is_secret_name(match["name"]) and not _names_a_value(match)
        return begins + hide(value) if is_secret and not _HIDDEN.fullmatch(value.strip('"')) else match[0]

    return _PAIR.sub(take, _MEMBER.sub(take, text))


def _names_a_value(member: re.Match[str]) -> bool:
    """`"key": "city", "value": ...`."""
    return member["name"] == "key" and bool(re.match(r'\s*,\s*"value"', member.string[member.end() :][:_NEXT]))


def put_together(text: str, apart: tuple[str, list[str]]) -> str | None:
    """A text that holds as many masks as one that was `taken_apart`, with its secrets in their order; else None."""
    marks = [found[1] for found in _HIDDEN.finditer(apart[0])]
    told = text.split(MASK)
    if len(told) != len(marks) + 1:
        return None
    whole = [MASK if mark is None else apart[1][int(mark)] for mark in marks]
    return "".join(piece for pair in zip(told, [*whole, ""], strict=True) for piece in pair)


def _secrets(value: Any, shown: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from _secrets(value[name], shown[name], (*path, str(name)))
    elif value != shown:
        is_part = isinstance(value, str) and shown != MASK
        is_named = bool(path) and is_address_name(path[-1])
        found = taken_apart(value, is_whole_address=is_named)[1] if is_part else [str(value)]
        yield from ((path, secret) for secret in found)


def _names_a_secret(container: dict[str, Any]) -> bool:
    """`{"key": "Authorization", "value": ...}`."""
    named = (container.get(name) for name in _PAIR_NAMES)
    return not _PAIR_VALUES.isdisjoint(container) and any(isinstance(it, str) and is_secret_name(it) for it in named)


def _is_schema(item: Any) -> bool:
    """`{"type": "object", "properties": ...}`, as a tool may write its headers."""
    return isinstance(item, dict) and item.get("type") in ("object", "string", "number", "integer", "boolean", "array")


def _is_template(item: Any) -> bool:
    return isinstance(item, str) and bool(_TEMPLATE.fullmatch(item))
