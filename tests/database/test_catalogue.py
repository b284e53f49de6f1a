"""What holds of every function: time is passed in, and no lock is waited for without end."""

from __future__ import annotations

import re
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import psycopg
import pytest

import autolynx
from autolynx.calls.events import RecordedEvent
from autolynx.models import AssistantSource, CallOutcome, CallStatus, CampaignMode, CampaignStatus, ContactState

CLOCK = re.compile(r"\b(now|timeofday|\w+_timestamp)\s*\(|\bcurrent_(date|time)|\blocaltime")
INSERT = re.compile(r"insert into (public\.\w+)(?: as \w+)?\s*(?:\(([^)]*)\)|(default values))")
SENTENCE = r"'(?:[A-Z][a-z][^']*|[^']*[a-z] [^']*)'"
COMPARED = re.compile(
    rf"(?:\b(?:where|and|or|when|if|elsif|on)\s+\(?[\w.]+\s*=|<>|\bin\s*\(|\blike|\bdistinct from)\s*{SENTENCE}"
)
#: these delete, or change what has no time
WITHOUT_TIME = {"public.close_session", "public.erase_traces", "public.renew_password_hash"}
UNCALLED = {"public.set_phone_line_cap"}  # an operator calls it


@pytest.fixture
def functions(connection: psycopg.Connection) -> dict[str, tuple[str, str, str]]:
    """Of each function its arguments, its volatility and its body without comments."""
    query = """
        select pronamespace::regnamespace::text || '.' || proname, pg_get_function_arguments(oid), provolatile::text,
               regexp_replace(prosrc, '--[^\\n]*', '', 'g')
        from pg_proc where pronamespace::regnamespace::text in ('public', 'internal')
    """
    return {name: (arguments, kind, body) for name, arguments, kind, body in connection.execute(query)}


def test_it_reads_no_clock_in_a_function(functions: dict[str, tuple[str, str, str]]) -> None:
    assert {name for name, (_, _, body) in functions.items() if CLOCK.search(body)} == set()


def test_it_is_told_the_time_by_every_function_that_writes(functions: dict[str, tuple[str, str, str]]) -> None:
    told = "p_now timestamp with time zone DEFAULT now()"
    untold = {
        name
        for name, (arguments, kind, _) in functions.items()
        if name.startswith("public.") and kind == "v" and not arguments.endswith(told)
    }

    assert untold == WITHOUT_TIME


def test_it_uses_the_time_it_is_told(functions: dict[str, tuple[str, str, str]]) -> None:
    told = {name: body for name, (arguments, _, body) in functions.items() if "p_now" in arguments}

    assert [name for name, body in told.items() if "p_now" not in body] == []


def test_it_leaves_no_time_to_a_default(
    connection: psycopg.Connection, functions: dict[str, tuple[str, str, str]]
) -> None:
    query = """
        select format('%s.%s', table_schema, table_name), column_name from information_schema.columns
        where table_schema = 'public' and column_default ~ 'now\\(\\)'
    """
    dated: dict[str, set[str]] = {}
    for table, column in connection.execute(query):
        dated.setdefault(table, set()).add(column)

    left = {
        (name, column)
        for name, (_, _, body) in functions.items()
        for table, columns, _ in INSERT.findall(body)
        for column in dated.get(table, set()) - {written.strip() for written in columns.split(",")}
    }

    assert left == set()
    assert dated["public.calls"] == {"created_at", "last_status_at"}


#: how long a function waits for one lock, by who waits for its answer; every other one 2 s: a person does
LIMITS = dict.fromkeys(("record_event", "keep_stray_event", "count_message"), "150ms") | dict.fromkeys(
    (
        "claim_calls", "begin_dial", "confirm_call", "fail_call", "release_call", "lose_call", "block_call",
        "step_aside", "hold_call",
        "take_repairs", "note_absent", "take_checks", "note_silence", "take_hang_ups", "note_nothing_to_end",
        "take_recovery", "adopt_call", "note_recovery", "beat", "say_goodbye", "note_provider_clock",
        "note_provider_trouble", "load_time_zones",
    ),
    "5s",
)  # fmt: skip


def test_it_waits_for_no_lock_without_end(connection: psycopg.Connection) -> None:
    query = """
        select proname, (select split_part(setting, '=', 2) from unnest(proconfig) setting
                         where setting like 'lock_timeout=%')
        from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f' and prorettype = 'jsonb'::regtype
    """
    found = dict(connection.execute(query).fetchall())

    assert found == {name: LIMITS.get(name, "2s") for name in found}
    assert set(LIMITS) <= set(found)


def test_it_has_no_function_that_nobody_calls(functions: dict[str, tuple[str, str, str]]) -> None:
    product = Path(autolynx.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in product.rglob("*.py"))
    bodies = "\n".join(body for _, _, body in functions.values())
    ours = {name for name in functions if name.startswith("public.")}

    unused = {name for name in ours if f'"{name.removeprefix("public.")}"' not in code and f"{name}(" not in bodies}
    assert unused == UNCALLED


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("assistant_source", AssistantSource),
        ("call_outcome", CallOutcome),
        ("call_status", CallStatus),
        ("campaign_mode", CampaignMode),
        ("campaign_status", CampaignStatus),
        ("contact_state", ContactState),
    ],
)
def test_it_has_the_same_codes_in_both_languages(
    connection: psycopg.Connection, name: str, codes: type[StrEnum]
) -> None:
    labels = connection.execute(f"select unnest(enum_range(null::public.{name}))::text").fetchall()

    assert [label for (label,) in labels] == [str(code) for code in codes]


def test_it_keeps_every_outcome_as_a_code(connection: psycopg.Connection) -> None:
    query = """
        select table_name || '.' || column_name, udt_name from information_schema.columns
        where table_schema = 'public' and column_name = 'outcome' order by 1
    """

    assert connection.execute(query).fetchall() == [
        ("calls.outcome", "call_outcome"),
        ("contacts.outcome", "call_outcome"),
    ]


def test_it_compares_nothing_with_a_sentence(functions: dict[str, tuple[str, str, str]]) -> None:
    compared = {name: found for name, (_, _, body) in functions.items() if (found := COMPARED.findall(body))}

    assert compared == {}


@pytest.mark.parametrize(
    "text",
    ["if a.outcome = 'No answer' then", "and a <> 'AutoLynx'", "v in ('the provider', 'x')", "when not b like 'Not %'"],
)
def test_it_sees_a_comparison_with_a_sentence_when_there_is_one(text: str) -> None:
    assert COMPARED.search(text)


def test_it_is_told_of_an_event_by_the_names_of_its_type(connection: psycopg.Connection) -> None:
    names = connection.execute(
        "select attname from pg_attribute where attrelid = 'internal.provider_event'::regclass and attnum > 0"
    ).fetchall()

    assert sorted(name for (name,) in names) == sorted(field.name for field in fields(RecordedEvent))
