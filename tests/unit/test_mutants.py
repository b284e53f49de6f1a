"""The kept mutants still have their places: a change of the code that takes one away must give it a new one."""

from __future__ import annotations

from collections import Counter

from tests.mutants.mutant import ROOT
from tests.mutants.table import MUTANTS


def test_it_finds_the_old_text_of_every_mutant_exactly_once() -> None:
    found = {mutant.name: (ROOT / mutant.file).read_text().count(mutant.old) for mutant in MUTANTS}

    assert {name: count for name, count in found.items() if count != 1} == {}


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
