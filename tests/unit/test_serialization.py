"""Money, lengths, times and codes as the API, the command line and exports write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from autolynx.models import CallStatus, Erasure, SchedulerLife
from autolynx.models.serialization import cell, sent_json, whole_json

NOON = datetime(2026, 11, 23, 12, 0, 0, 900_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text", "in_a_table"),
    [
        (Decimal("0.3000"), "0.3", "0.3000"),
        (Decimal("0.1") + Decimal("0.2"), "0.3", "0.3"),
        (Decimal("123456.7891"), "123456.7891", "123456.7891"),
        (Decimal("0"), "0.0", "0"),
        (Decimal("0E-4"), "0.0", "0.0000"),
        (NOON, '"2026-11-23T12:00:00.900000+00:00"', "2026-11-23T12:00:00.900000+00:00"),
        (time(9), '"09:00:00"', "09:00:00"),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"', "00000000-0000-0000-0000-000000000001"),
        (CallStatus.IN_PROGRESS, '"IN_PROGRESS"', "IN_PROGRESS"),
        (True, "true", "true"),
        (None, "null", ""),
        ("ü", '"ü"', "ü"),
    ],
)
def test_it_writes_a_value_in_one_form(value: object, text: str, in_a_table: str) -> None:
    assert (sent_json(value), whole_json(value), cell(value)) == (text, text, in_a_table)


@given(some.decimals(min_value=0, max_value=999_999, places=4))
def test_it_keeps_every_digit_of_money(usd: Decimal) -> None:
    assert json.loads(sent_json(usd), parse_float=Decimal) == Decimal(cell(usd)) == usd


def test_it_leaves_out_what_was_not_sent_when_the_api_answers() -> None:
    erasure = Erasure.model_validate({"contacts": 1, "calls": 1, "cost_usd": "0.05", "provider_call_ids": []})

    assert "is_kept_out" not in json.loads(sent_json({"erasure": erasure}))["erasure"]
    assert json.loads(whole_json({"erasure": erasure}))["erasure"]["is_kept_out"] is None


def test_it_writes_what_lies_within_models() -> None:
    life = SchedulerLife(is_alive=True, seen_at=NOON, seconds_ago=Decimal("1.5"))

    assert sent_json([life]) == '[{"is_alive":true,"seen_at":"2026-11-23T12:00:00.900000+00:00","seconds_ago":1.5}]'
