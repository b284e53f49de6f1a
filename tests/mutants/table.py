"""The kept list: `kept/<room>.toml`, each change under the file that it changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.mutants.mutant import Mutant

_KEPT = Path(__file__).parent / "kept"


def _read() -> tuple[Mutant, ...]:
    rooms = [tomllib.loads(path.read_text()) for path in sorted(_KEPT.glob("*.toml"))]
    return tuple(
        Mutant(file=file, tests=tuple(change.pop("tests")), **change)
        for room in rooms
        for file, changes in room.items()
        for change in changes
    )


MUTANTS = _read()
