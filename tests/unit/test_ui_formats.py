"""How figures and words read on every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from autolynx.models import AssistantSource, CallOutcome, CallStatus, CampaignStatus
from autolynx.ui.frame import formats

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("usd", "places", "expected"),
    [
        (Decimal("0.0512"), 2, "$0.05"),
        (Decimal("0.0512"), 4, "$0.0512"),
        (Decimal("1234.5"), 2, "$1,234.50"),
        (Decimal(0), 2, "$0.00"),
        (None, 2, "—"),
    ],
)
def test_it_writes_money_when_there_is_some(usd: Decimal | None, places: int, expected: str) -> None:
    assert formats.money(usd, places=places) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, "—"),
        (0, "0s"),
        (45.4, "45s"),
        (59.6, "1m 0s"),
        (Decimal("83"), "1m 23s"),
        (7500, "2h 5m"),
        (-3, "0s"),
    ],
)
def test_it_writes_a_length_when_seconds_are_given(seconds: float | None, expected: str) -> None:
    assert formats.duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (86400, "1 day ago"),
    ],
)
def test_it_says_how_long_ago_when_a_moment_is_given(seconds: float, expected: str) -> None:
    assert formats.ago(NOW - timedelta(seconds=seconds), NOW) == expected


@pytest.mark.parametrize(
    ("status", "dial_state", "is_guess", "label"),
    [
        ("QUEUED", "dialing", False, "Dialing"),
        ("QUEUED", "unknown", False, "In doubt"),
        ("FAILED", "unknown", True, "In doubt"),
        ("FAILED", "refused", False, "Failed"),
        ("TIMEOUT", "confirmed", False, "Timed out"),
        ("TIMEOUT", "confirmed", True, "Not known"),
        ("WAITING", None, None, "Waiting"),
    ],
)
def test_it_does_not_pass_a_guess_off_as_known(
    status: str, dial_state: str | None, is_guess: bool | None, label: str
) -> None:
    look = formats.call_look(status, dial_state=dial_state, is_guess=is_guess)
    assert look.label == label
    assert look in formats.call_statuses()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 10, 8, 5, tzinfo=UTC), "today 09:05"),
        (datetime(2026, 3, 9, 23, 30, tzinfo=UTC), "today 00:30"),
        (datetime(2026, 3, 9, 8, 5, tzinfo=UTC), "yesterday 09:05"),
        (datetime(2026, 1, 3, 8, 5, tzinfo=UTC), "3 Jan 09:05"),
        (datetime(2025, 7, 3, 8, 5, tzinfo=UTC), "3 Jul 2025 10:05"),
        (None, "—"),
    ],
)
def test_it_tells_a_moment_in_the_readers_zone_when_it_is_asked(at: datetime | None, expected: str) -> None:
    assert formats.moment(at, BERLIN, NOW) == expected


@pytest.mark.parametrize(
    "text",
    ["[x](https://evil.example)", ":red[x]", "$a$ and $b$", "**bold** _it_ `code`", "<b>x</b>", "# head"],
)
def test_it_leaves_no_markup_alive_when_text_comes_from_outside(text: str) -> None:
    escaped = formats.plain(text)
    assert escaped.replace("\\", "") == text
    for sign in "[]()*_`$<>#:":
        assert escaped.count(sign) == escaped.count(f"\\{sign}")


def test_it_keeps_to_one_line_when_text_has_several() -> None:
    assert formats.plain("a\n\n# b\r\n") == "a \\# b"


def test_it_counts_in_words_when_there_is_one_or_more() -> None:
    assert formats.counted(1, "contact") == "1 contact"
    assert formats.counted(1200, "contact") == "1,200 contacts"
    assert formats.counted(2, "line is", "lines are") == "2 lines are"


def test_it_has_a_look_when_a_status_exists() -> None:
    assert all(formats.campaign_look(status) for status in CampaignStatus)
    assert all(formats.source_look(source) for source in AssistantSource)
    labels = [formats.call_look(status).label for status in (*CallStatus, "WAITING")]
    assert len(set(labels)) == len(labels)


def test_it_has_words_of_its_own_when_an_outcome_exists() -> None:
    words = [formats.outcome_words(outcome) for outcome in CallOutcome]

    assert len(set(words)) == len(words)
    assert all(said[0].isupper() and "_" not in said for said in words)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (CallOutcome.NO_ANSWER, "No answer"),
        (CallOutcome.LINE_LIMIT, "Phone line limit"),
        (CallOutcome.NOT_CALLED_STOPPED, "Not called: campaign stopped"),
    ],
)
def test_it_speaks_a_salespersons_words_when_a_call_came_to_something(outcome: CallOutcome, words: str) -> None:
    assert formats.outcome_words(outcome) == words
