"""Every answer of the API, byte for byte: a change of any shows as a difference from the recording.

Where a change is meant: `AUTOLYNX_RECORD=1 pytest tests/flows/test_api_answers.py`, and read the difference.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from rig.product import running
from tests.support.every_route import SETTINGS, every_answer
from tests.support.recording import written

RECORDING = Path(__file__).with_name("data") / "api_answers.txt"


def test_it_answers_what_was_recorded(database_url: str, tmp_path: Path) -> None:
    with running(database_url, tmp_path, **SETTINGS) as product:
        answers = written(every_answer(product))
    if os.environ.get("AUTOLYNX_RECORD") == "1":
        RECORDING.write_text(answers, "utf-8")

    recorded = RECORDING.read_text("utf-8")

    difference = difflib.unified_diff(recorded.splitlines(), answers.splitlines(), "recorded", "now", n=3, lineterm="")
    assert answers == recorded, "\n".join(difference)
