"""One change: where, what, and which tests are to notice it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SCHEMAS = "supabase/schemas/"
_FUNCTION = r"^create (?:or replace )?function {name}\(.*?^\$\$;"
_FLAGS = re.MULTILINE | re.DOTALL | re.IGNORECASE


@dataclass(frozen=True)
class Mutant:
    """`old` stands in `file` exactly once and becomes `new`; one of `tests` must fail then.

    A file of `supabase/schemas/` says what the database is; it gets so by the migrations. So the newest migration that
    writes the same is changed as well.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def apply(self, folder: Path) -> None:
        """Change the file in a copy of the tree."""
        for path, start in self.places(folder):
            text = path.read_text()
            path.write_text(text[:start] + self.new + text[start + len(self.old) :])

    def places(self, folder: Path) -> list[tuple[Path, int]]:
        """The files to change, and where in each the old text begins. Raises ValueError where that is not clear."""
        path = folder / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.old!r} stands {text.count(self.old)} times in {self.file}")
        place = text.index(self.old)
        if not self.file.startswith(_SCHEMAS):
            return [(path, place)]
        return [(path, place), self._in_migrations(folder, _function_at(text, place))]

    def _in_migrations(self, folder: Path, function: str | None) -> tuple[Path, int]:
        for path in sorted((folder / "supabase" / "migrations").glob("*.sql"), reverse=True):
            text = path.read_text()
            begin, end = _definition(text, function) if function else (0, len(text))
            if end and text.count(self.old, begin, end) == 1:
                return path, text.index(self.old, begin, end)
            if function and end:
                break
        raise ValueError(f"{self.name}: no migration writes what {self.file} says: {self.old!r}")


def _function_at(text: str, place: int) -> str | None:
    """The function that is being defined at a place of a schema file; None outside of any."""
    for found in re.finditer(_FUNCTION.format(name=r"([\w.]+)"), text, _FLAGS):
        if found.start() <= place < found.end():
            return found[1]
    return None


def _definition(text: str, function: str) -> tuple[int, int]:
    """From where to where a migration defines a function; (0, 0) where it does not."""
    found = re.search(_FUNCTION.format(name=re.escape(function)), text, _FLAGS)
    return found.span() if found else (0, 0)
