"""What time it is where people are: the rules of PyPI's `tzdata`, given to the database, which keeps the hours.

One source for all: the database goes by the table that `load` fills, and Python's `zoneinfo` by the same package
(`autolynx/__init__.py`). The operating system's files and the database's own are never asked.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import structlog
import tzdata

from autolynx.database import Database
from autolynx.errors import AutoLynxError

log = structlog.get_logger(__name__)

#: The IANA's name of the release, such as 2026f
VERSION: str = tzdata.IANA_VERSION
#: Rules that are older may be an hour off somewhere: every year some government changes its clocks.
OLD_AFTER_DAYS = 400

_YEAR = int(VERSION[:4])
#: Nobody is called by these rules later.
UNTIL = datetime(_YEAR + 15, 1, 1, tzinfo=UTC)
_BEGIN = int(datetime(_YEAR - 1, 1, 1, tzinfo=UTC).timestamp())
_END = int(UNTIL.timestamp())
_STEP_SECONDS = 28 * 86_400  # no yearly rule changes a clock and changes it back within that
_TZIF_HEADER = struct.Struct(">5s15x6L")  # counts: UTC and standard indicators, leap seconds, times, types, letters
_TRY_AGAIN_SECONDS = 10.0


@cache
def names() -> tuple[str, ...]:
    """Every time zone there is, sorted."""
    return tuple(sorted(available_timezones() - {"Factory"}))


@cache
def other_names() -> Mapping[str, str]:
    """Names that stand for another zone, such as one that was renamed -> that zone's."""
    lines = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text(encoding="utf-8").splitlines()
    links = (line.split() for line in lines if line.startswith("L "))
    return {name: target for _, target, name in links}


def rules() -> dict[str, list[tuple[int, int | None]]]:
    """Of each zone when its clock changes, in epoch seconds, and to how many seconds east of UTC; None: the end."""
    changes = cache(lambda name: [*_changes(name), (_END, None)])
    return {name: changes(other_names().get(name, name)) for name in names()}


def _changes(name: str) -> Iterator[tuple[int, int]]:
    zone = ZoneInfo(name)
    at, offset = _BEGIN, _offset(_BEGIN, zone)
    yield at, offset
    for at in _listed_changes(name):
        if _offset(at, zone) != offset:
            offset = _offset(at, zone)
            yield at, offset
    for before in range(at, _END, _STEP_SECONDS):
        after = min(before + _STEP_SECONDS, _END - 1)
        if _offset(after, zone) != offset:
            at = _change(before, after, offset, zone)
            offset = _offset(at, zone)
            yield at, offset


def _listed_changes(name: str) -> list[int]:
    """The changes that a zone's file lists one by one (RFC 9636, section 3); later ones follow its yearly rule."""
    file = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    _, *counts = _TZIF_HEADER.unpack_from(file)  # of the first version's block, with 4 bytes a time
    second = _TZIF_HEADER.size + sum(count * size for count, size in zip(counts, (1, 1, 8, 5, 6, 1), strict=True))
    times = _TZIF_HEADER.unpack_from(file, second)[4]
    listed = struct.unpack_from(f">{times}q", file, second + _TZIF_HEADER.size)
    return [at for at in listed if _BEGIN < at < _END]


def _change(before: int, after: int, offset: int, zone: ZoneInfo) -> int:
    """The first second at which the offset is another."""
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
    return after


def _offset(at: int, zone: ZoneInfo) -> int:
    ahead = datetime.fromtimestamp(at, zone).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds())


def load(database: Database) -> bool:
    """Give the database these rules where it has none as new; True when it took them. Safe to repeat."""
    there = database.call("time_zones_version")
    version, until = there["version"], there["until"]
    if version is not None and (version, datetime.fromisoformat(until)) >= (VERSION, UNTIL):
        return False
    answer = database.call("load_time_zones", version=VERSION, until=UNTIL, rules=rules())
    log.info("time_zones_loaded" if answer["loaded"] else "time_zones_are_newer", version=answer["version"])
    return bool(answer["loaded"])


@contextmanager
def loading(database: Database) -> Iterator[None]:
    """Load the rules beside everything else, as soon as the database answers: a start waits for nothing."""
    stopping = threading.Event()
    thread = threading.Thread(target=_load_until, args=(database, stopping.wait), daemon=True, name="time zones")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(1)


def _load_until(database: Database, stops_within: Callable[[float], bool]) -> None:
    while True:
        try:
            load(database)
            return
        except AutoLynxError as error:
            log.warning("time_zones_not_loaded", error=str(error))
        except Exception:
            log.exception("time_zones_not_loaded")
        if stops_within(_TRY_AGAIN_SECONDS):
            return


def is_usable(there: dict[str, Any], today: date) -> bool:
    """Whether anybody can be called by the rules that a database has (SQL's `time_zones_version`)."""
    return there["version"] is not None and datetime.fromisoformat(there["until"]).date() > today


def concerns(there: dict[str, Any], today: date) -> str | None:
    """What is wrong with the rules that a database has, in one sentence; None: nothing.

    A release says its year alone, so its age is counted from the middle of that year.
    """
    if there["version"] is None:
        return "No time zone rules are loaded, so nobody is called by calling hours: run `python -m autolynx migrate`."
    rules = f"The time zone rules {there['version']}"
    if not is_usable(there, today):
        return f"{rules} have run out, so nobody is called by calling hours: update AutoLynx."
    if today > date(int(there["version"][:4]), 7, 1) + timedelta(days=OLD_AFTER_DAYS):
        return f"{rules} are old, so somebody may be called an hour off: update AutoLynx, or its package tzdata."
    return None
