"""A whole desk in virtual time, other seeds every day; and that the simulation would see what was once wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bench.simulation.database import Ground
from bench.simulation.defects import DEFECTS, first_found
from bench.simulation.plan import SCENES
from bench.simulation.shrink import shrunk, told_in_words
from bench.simulation.story import Told, tell
from rig.servers import Server

FIRST = datetime.now(UTC).date().toordinal() * 100  # other seeds each day; a failure names its own
SEEDS = 100
PARTS = 4  # for as many workers
#: the seed whose story first shows it, by `python -m bench.simulation --defects`; the others take longer to find
SHOWN_BY = {
    "1 absent once": 1,
    "1b turned up, not counted": 1,
    "2c first page": 1,
    "3 one 404": 2,
    "4 one leave": 2,
    "4b any campaign": 17,
    "4c anybody": 3,
    "5c told raises": 1,
    "6 one lane": 3,
    "6b address unused": 1,
    "9 next batch": 6,
    "10 oldest first": 1,
    "12 one number, two phones": 2,
    "13 hold overwrites": 2,
    "14 repair believes in claims": 21,
    "15 no checks": 1,
    "16 line cap": 2,
    "17 real time": 1,
    "18 doubts hold lines": 1,
}


@pytest.fixture
def ground(server: Server) -> Iterator[Ground]:
    """A database that belongs to the stories of this test."""
    with server.database() as url:
        ground = Ground(url, server.socket)
        yield ground
        ground.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_it_keeps_every_promise_whatever_happens(ground: Ground, part: int) -> None:
    for seed in range(FIRST + part, FIRST + SEEDS, PARTS):
        ending = tell(ground, Told(seed))
        assert not ending.broken, told_in_words(shrunk(ground, ending))


def test_it_tells_the_same_story_when_told_the_same_seed(ground: Ground) -> None:
    first = tell(ground, Told(FIRST))
    tell(ground, Told(FIRST + 1))
    assert tell(ground, Told(FIRST)).hash == first.hash


@pytest.mark.parametrize("scene", SCENES)
def test_it_keeps_every_promise_in_a_story_that_is_not_drawn(ground: Ground, scene: str) -> None:
    assert tell(ground, Told(1, scene=scene)).broken == []


def test_it_can_still_put_back_every_defect(ground: Ground) -> None:
    for defect in DEFECTS:
        with defect.put_back(ground):
            pass


@pytest.mark.parametrize("name", SHOWN_BY)
def test_it_finds_a_defect_when_it_is_put_back(ground: Ground, name: str) -> None:
    defect = next(defect for defect in DEFECTS if defect.name == name)
    assert first_found(ground, defect, [SHOWN_BY[name]]), f"{defect.what}: nobody noticed"
