"""Which error a refusal of the database becomes, and what it says."""

from __future__ import annotations

import pytest

from autolynx.database.refusals import ERRORS, OUTDATED_SCHEMA, SENTENCES, refusal
from autolynx.errors import AutoLynxError, Busy, Conflict, Forbidden, InvalidInput, NotFound, Unavailable


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("LX000", NotFound),
        ("LX199", Conflict),
        ("LX2A1", InvalidInput),
        ("LX900", AutoLynxError),
        ("22P02", InvalidInput),
        ("23505", Conflict),
        ("23000", AutoLynxError),
        ("42501", Forbidden),
        ("57P03", Unavailable),
        ("57014", Unavailable),
        ("40001", Busy),
        ("40P01", Busy),
        ("55P03", Busy),
        ("PGRST000", Unavailable),
        ("PGRST202", Unavailable),
        ("PGRST301", Unavailable),
        ("PGRST116", AutoLynxError),
        ("", AutoLynxError),
    ],
)
def test_it_takes_the_longest_prefix_in_the_table(code: str, error: type[AutoLynxError]):
    assert type(refusal(code, "no")) is error


def test_it_shows_our_own_words_as_they_are():
    refused = refusal("LX101", "The campaign is over.", '["a"]', "Make a new one.")

    assert (refused.message, refused.details, refused.hint) == (
        "The campaign is over.",
        ["a"],
        "Make a new one.",
    )


def test_it_puts_the_meaning_before_the_databases_words():
    refused = refusal("23505", 'duplicate key value violates unique constraint "x"', "Key (a)=(1) exists.")

    assert refused.message.startswith("This cannot be done in the present state: duplicate key")
    assert refused.details == "Key (a)=(1) exists."


@pytest.mark.parametrize("code", ["42883", "PGRST202", "PGRST203"])
def test_it_says_what_to_do_when_a_function_is_unknown(code: str):
    refused = refusal(code, "function public.f() does not exist")

    assert refused.message == OUTDATED_SCHEMA
    assert refused.details == "function public.f() does not exist"


def test_it_has_a_sentence_even_when_the_database_has_no_words():
    for code in [*ERRORS, "XX000"]:
        assert refusal(code, None).message.endswith((".", "`"))


def test_every_sentence_belongs_to_a_line_of_the_table():
    assert set(SENTENCES) <= set(ERRORS)
