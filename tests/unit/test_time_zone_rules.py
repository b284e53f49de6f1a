"""The rules of time zones are tzdata's, whatever the machine's own files say."""

from __future__ import annotations

import random
import subprocess
import sys
import zoneinfo
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata

from autolynx.contacts import time_zone_rules

ROOT = Path(__file__).parents[2]
RULES = time_zone_rules.rules()


def ahead(zone: str, at: datetime) -> float | None:
    """Hours against UTC, by the rules."""
    changes = RULES[zone]
    seconds = changes[bisect_right(changes, at.timestamp(), key=lambda change: change[0]) - 1][1]
    return None if seconds is None else seconds / 3600


def test_it_takes_no_file_of_the_operating_system() -> None:
    assert zoneinfo.TZPATH == ()
    assert tzdata.IANA_VERSION == time_zone_rules.VERSION


def test_it_takes_no_file_of_the_operating_system_when_the_environment_names_some(tmp_path: Path) -> None:
    wrong = tmp_path / "America" / "Vancouver"
    wrong.parent.mkdir()
    honolulu = Path(tzdata.__file__).parent / "zoneinfo" / "Pacific" / "Honolulu"
    wrong.write_bytes(honolulu.read_bytes())
    program = (
        "{}; from datetime import datetime; from zoneinfo import ZoneInfo\n"
        "print(datetime(2026, 12, 1, tzinfo=ZoneInfo('America/Vancouver')).utcoffset())"
    )

    def told(imports: str) -> str:
        command = [sys.executable, "-c", program.format(imports)]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONTZPATH": str(tmp_path)}
        ).stdout.strip()

    assert told("pass") == "-1 day, 14:00:00"  # the trap works
    assert told("import autolynx") == "-1 day, 17:00:00"


def test_it_knows_this_winters_clocks_in_vancouver_and_edmonton() -> None:
    december = datetime(2026, 12, 15, 12, tzinfo=UTC)

    assert (ahead("America/Vancouver", december), ahead("America/Edmonton", december)) == (-7, -6)


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Asia/Gaza", "Australia/Lord_Howe", "America/Nuuk"])
def test_it_has_every_change_of_a_clock(zone: str) -> None:
    """Hour by hour, where clocks change most oddly."""
    hour = timedelta(hours=1)
    at, end, there = datetime(time_zone_rules.UNTIL.year - 16, 1, 1, tzinfo=UTC), time_zone_rules.UNTIL, ZoneInfo(zone)
    wrong = []
    while at < end:
        if ahead(zone, at) * hour != at.astimezone(there).utcoffset():
            wrong.append(at)
        at += hour

    assert wrong == []


def test_it_agrees_with_python_at_any_moment_in_any_zone() -> None:
    chance = random.Random(1)
    begin, end = datetime(time_zone_rules.UNTIL.year - 16, 1, 1, tzinfo=UTC), time_zone_rules.UNTIL
    for zone in time_zone_rules.names():
        for _ in range(40):
            at = begin + chance.random() * (end - begin)
            assert timedelta(hours=ahead(zone, at)) == at.astimezone(ZoneInfo(zone)).utcoffset(), (zone, at)


def test_it_says_where_its_rules_end() -> None:
    assert {changes[-1] for changes in RULES.values()} == {(time_zone_rules.UNTIL.timestamp(), None)}
    assert time_zone_rules.UNTIL.year >= 2036


@pytest.mark.parametrize(
    ("there", "today", "says"),
    [
        ({"version": None, "until": None}, date(2026, 11, 29), "No time zone rules are loaded"),
        ({"version": "2026f", "until": "2041-01-01T00:00:00+00:00"}, date(2026, 11, 29), None),
        ({"version": "2026f", "until": "2041-01-01T00:00:00+00:00"}, date(2027, 8, 5), None),
        ({"version": "2026f", "until": "2041-01-01T00:00:00+00:00"}, date(2027, 8, 6), "2026f are old"),
        ({"version": "2026f", "until": "2041-01-01T00:00:00+00:00"}, date(2041, 1, 1), "2026f have run out"),
    ],
)
def test_it_says_when_rules_are_missing_old_or_over(there: dict[str, str], today: date, says: str | None) -> None:
    found = time_zone_rules.concerns(there, today)

    assert found is None if says is None else says in str(found)
