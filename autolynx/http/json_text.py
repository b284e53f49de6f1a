"""JSON that strangers wrote: nested in any depth, with numbers of any length.

Two ways of reading. What shall be stored as it is must keep to the bounds: `read_strictly`. What came anyhow, a message
or an answer of the provider, is read whatever it holds: a number that nothing can hold becomes the text it was written
as, and `bounded` does so to what is nested too deep. Nothing of either is lost.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import ijson

from autolynx.errors import InvalidInput

MOST_LEVELS = 200  # of objects and lists within each other; Python's own recursion ends at some 480 of them
LARGE_BYTES = 64 * 1024  # whose reading holds up whoever else waits for an answer: it belongs on a thread
MOST_DIGITS = 400  # of a whole number: Python reads 4,300, and no float is longer than 309

#: every number, of which yajl reads some differently, and the texts, in which there is none
_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|NaN|-?Infinity', re.DOTALL)
_SHORT_NUMBER = re.compile(rb"[0-9.-]{1,20}")
_CLOSING = {dict: "}", list: "]"}

Events = Iterator[tuple[str, Any]]


class OutOfBounds(InvalidInput):
    """The JSON goes beyond what can be stored."""


def read(body: str | bytes) -> Any:
    """Any JSON. Beyond Python's recursion it is `bounded` already. Raises ValueError for what is no JSON."""
    try:
        return json.loads(body, parse_constant=str, parse_float=_float)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError):  # to look at each whole number first would double what every message takes
        try:
            return json.loads(body, parse_constant=str, parse_float=_float, parse_int=_integer)
        except RecursionError:
            return _read_deep(body)


def read_strictly(body: str | bytes) -> Any:
    """JSON that can be stored as it is.

    Raises ValueError for what is no JSON, OutOfBounds for one that is nested too deep or holds an impossible number.
    """
    try:
        value = json.loads(body, parse_constant=_refuse, parse_float=_finite, parse_int=_short)
    except RecursionError:
        _require_json(body)
        raise OutOfBounds(_too_deep()) from None
    if levels(value) > MOST_LEVELS:
        raise OutOfBounds(_too_deep())
    return value


def levels(value: Any) -> int:
    """How many objects and lists lie within each other at the deepest place; not by recursion."""
    level = [value] if isinstance(value, dict | list) else []
    count = 0
    while level:
        count += 1
        level = [item for container in level for item in _items(container) if isinstance(item, dict | list)]
    return count


def bounded(value: Any) -> Any:
    """The same with MOST_LEVELS levels, changed in place: what lies deeper becomes its JSON text."""
    level = [value]
    for _ in range(MOST_LEVELS - 1):
        level = [item for container in level for item in _items(container) if isinstance(item, dict | list)]
    for container in level:
        for name, item in list(container.items()) if isinstance(container, dict) else enumerate(container):
            if isinstance(item, dict | list):
                container[name] = written(item)
    return value


def written(value: Any) -> str:
    """The JSON text of a value nested in any depth; not by recursion."""
    pieces: list[str] = []
    left: list[tuple[bool, Any]] = [(False, value)]
    while left:
        is_text, item = left.pop()
        if is_text:
            pieces.append(item)
        elif isinstance(item, dict | list):
            pieces.append("{" if isinstance(item, dict) else "[")
            left.append((True, _CLOSING[type(item)]))
            left.extend(reversed(_members(item)))
        else:
            pieces.append(json.dumps(item, default=str))
    return "".join(pieces)


def _members(container: dict[str, Any] | list[Any]) -> list[tuple[bool, Any]]:
    found: list[tuple[bool, Any]] = []
    if isinstance(container, dict):
        for name, item in container.items():
            found += [(True, f"{', ' if found else ''}{json.dumps(name)}: "), (False, item)]
    else:
        for item in container:
            found += [(True, ", "), (False, item)] if found else [(False, item)]
    return found


def _items(container: dict[str, Any] | list[Any]) -> Any:
    return container.values() if isinstance(container, dict) else container


def _read_deep(body: str | bytes) -> Any:
    """Read what Python's recursion does not reach, event by event; below MOST_LEVELS it is its own text."""
    try:
        return _built(_events(body))
    except ijson.JSONError as error:
        raise ValueError("no JSON") from error


def _require_json(body: str | bytes) -> None:
    try:
        deque(_events(body), maxlen=0)
    except ijson.JSONError:
        raise json.JSONDecodeError("It ends too early, or holds what is no JSON", "", 0) from None


def _events(body: str | bytes) -> Events:
    text = body if isinstance(body, str) else body.decode(json.detect_encoding(body), "surrogatepass")
    plain = _NUMBER.sub(_quoted, text.encode("utf-8", "replace"))
    return iter(ijson.basic_parse(io.BytesIO(plain)))


def _quoted(match: re.Match[bytes]) -> bytes:
    found = match[0]
    if found.startswith(b'"') or _SHORT_NUMBER.fullmatch(found):
        return found
    try:
        is_fine = isinstance(json.loads(found, parse_constant=str, parse_float=_float, parse_int=_integer), int | float)
    except ValueError:  # no number either: the parser says so
        return found
    return found if is_fine else b'"%s"' % found


def _built(events: Events) -> Any:
    """Put a parser's events together."""
    found: list[Any] = []  # the document, as the one item of a list
    open_ones: list[tuple[Any, str]] = [(found, "")]  # each with the key that is filled next
    for event, value in events:
        container, key = open_ones[-1]
        if event == "map_key":
            open_ones[-1] = (container, value)
            continue
        if event.startswith("end"):
            open_ones.pop()
            continue
        item = _plain(event, value)
        if event.startswith("start"):
            is_bounded = len(open_ones) <= MOST_LEVELS
            item = ({} if event == "start_map" else []) if is_bounded else _text_to_its_end(events, event)
        if isinstance(container, dict):
            container[key] = item
        else:
            container.append(item)
        if isinstance(item, dict | list):
            open_ones.append((item, ""))
    return found[0]


def _text_to_its_end(events: Events, event: str) -> str:
    """The text of an object or a list that has just begun."""
    pieces = ["{" if event == "start_map" else "["]
    closings = ["}" if event == "start_map" else "]"]
    comma = ""
    for event, value in events:
        if event == "start_array":
            pieces.append(comma + "[")
            closings.append("]")
            comma = ""
        elif event in ("end_array", "end_map"):
            pieces.append(closings.pop())
            comma = ", "
            if not closings:
                break
        elif event == "start_map":
            pieces.append(comma + "{")
            closings.append("}")
            comma = ""
        elif event == "map_key":
            pieces.append(f"{comma}{json.dumps(value)}: ")
            comma = ""
        else:
            pieces.append(comma + json.dumps(_plain(event, value)))
            comma = ", "
    return "".join(pieces)


def _plain(event: str, value: Any) -> Any:
    return _float(str(value)) if event == "number" and not isinstance(value, int) else value


def _float(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise OutOfBounds(f"The JSON holds the number {_shortened(digits)}, which is too large to be stored.")
    return number


def _short(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise OutOfBounds(f"The JSON holds a number of {len(digits)} digits; accepted are at most {MOST_DIGITS}.")
    return int(digits)


def _refuse(constant: str) -> None:
    raise OutOfBounds(f"The JSON holds {constant}, which is no JSON number and cannot be stored.")


def _shortened(digits: str) -> str:
    return digits if len(digits) <= 40 else f"{digits[:37]}..."


def _too_deep() -> str:
    return f"The JSON is nested deeper than {MOST_LEVELS} levels."
