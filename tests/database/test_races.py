"""Two functions meet, in either order: the first has not committed when the second comes.

Each pair names what keeps it right, and a test takes that away to see that it goes wrong.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from autolynx.database import Database
from rig.sessions import opened
from tests.database.pairs import SUBJECTS
from tests.database.pairs.pair import ARRANGEMENTS, Arrangement, Guard, Pair
from tests.support.desk import Desk
from tests.support.run import a_server

assert SUBJECTS  # importing them has filled ARRANGEMENTS
GUARDS = [
    pytest.param(arrange, guard, id=f"{arrange.__name__}-{guard.function}")
    for arrange, guards in ARRANGEMENTS.items()
    for guard in guards
]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def outcome(desk: Desk, pair: Pair, *, is_one_first: bool) -> tuple[Any, Any]:
    """What was found in the end and what should be: the end, and whether the second had to wait."""
    if is_one_first:
        met = desk.interleave(pair.one, pair.two)
        return (pair.end(met.first, met.second), met.had_to_wait), (pair.one_first, pair.waits[0])
    met = desk.interleave(pair.two, pair.one)
    return (pair.end(met.second, met.first), met.had_to_wait), (pair.two_first, pair.waits[1])


@pytest.mark.parametrize("is_one_first", [True, False], ids=["one-first", "two-first"])
@pytest.mark.parametrize("arrange", ARRANGEMENTS, ids=lambda arrange: arrange.__name__)
def test_it_ends_right_when_two_meet(desk: Desk, arrange: Arrangement, is_one_first: bool) -> None:
    found, expected = outcome(desk, arrange(desk), is_one_first=is_one_first)

    assert found == expected


@pytest.mark.parametrize(("arrange", "guard"), GUARDS)
def test_it_ends_wrong_when_what_guards_it_is_taken_away(arrange: Arrangement, guard: Guard) -> None:
    def goes_wrong(is_one_first: bool) -> bool:
        with a_server("pg18").database() as url:
            with psycopg.connect(url, autocommit=True) as connection:
                guard.take_away(connection)
            with opened(url) as database:
                desk = Desk(database)
                found, expected = outcome(desk, arrange(desk), is_one_first=is_one_first)
        return bool(found != expected)

    assert goes_wrong(True) or goes_wrong(False)
