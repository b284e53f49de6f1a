"""Pairs of steps that may meet, by subject: functions of a desk that arrange one each, for `test_races.py`."""

from __future__ import annotations

from tests.database.pairs import answers, claims, doubts, ends, leave

SUBJECTS = (answers, leave, claims, doubts, ends)
