"""The kept mutants still have their places: a change of the code that takes one away must give it a new one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.table import MUTANTS


def test_it_finds_the_old_text_of_every_mutant_exactly_once() -> None:
    found = {mutant.name: (ROOT / mutant.file).read_text().count(mutant.old) for mutant in MUTANTS}

    assert {name: count for name, count in found.items() if count != 1} == {}


def test_it_finds_the_migration_of_every_mutant_of_the_schemas() -> None:
    of_schemas = [mutant for mutant in MUTANTS if mutant.file.startswith("supabase/")]

    assert {len(mutant.places(ROOT)) for mutant in of_schemas} == {2}


def test_it_changes_the_newest_migration_that_defines_the_function(tmp_path: Path) -> None:
    schemas, migrations = tmp_path / "supabase" / "schemas", tmp_path / "supabase" / "migrations"
    for folder in (schemas, migrations):
        folder.mkdir(parents=True)
    text = "create {}function f() returns int language sql as $$\n    select {}\n$$;\ncreate function g() as ''\n"
    (schemas / "f.sql").write_text(text.format("", 2))
    (migrations / "20990101000000_one.sql").write_text(text.format("", 2))
    (migrations / "20990102000000_two.sql").write_text(text.format("or replace ", 2))
    (migrations / "20990103000000_three.sql").write_text("create function g() as $$ select 2 $$;")

    Mutant("one more", "supabase/schemas/f.sql", "    select 2", "    select 3", ("x",)).apply(tmp_path)

    changed = [path.name for path in sorted(tmp_path.rglob("*.sql")) if "select 3" in path.read_text()]
    assert changed == ["20990102000000_two.sql", "f.sql"]


def test_it_changes_something_and_knows_who_must_notice() -> None:
    assert [mutant.name for mutant in MUTANTS if mutant.new == mutant.old] == []
    assert [mutant.name for mutant in MUTANTS if not mutant.tests] == []
    files = {test.partition("::")[0] for mutant in MUTANTS for test in mutant.tests}
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_it_has_every_change_once() -> None:
    changes = Counter((mutant.file, mutant.old, mutant.new) for mutant in MUTANTS)

    assert [change for change, count in changes.items() if count > 1] == []


def test_it_calls_every_mutant_by_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1] == []
