"""The book of wrong tokens: by source and minute, of a fixed size."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from autolynx.api.wrong_tokens import (
    MOST_OF_A_SOURCE,
    MOST_OF_ALL,
    MOST_SOURCES,
    OTHERS,
    WINDOW_SECONDS,
    Book,
    Quota,
    WrongTokens,
    source_of,
)


def test_it_lets_a_source_wait_for_the_rest_of_its_minute() -> None:
    book = Book()

    waits = [book.note("api", "a", 10.0)[1] for _ in range(MOST_OF_A_SOURCE)]

    assert waits == [None] * MOST_OF_A_SOURCE
    assert book.note("api", "a", 30.0)[1] == 40.0
    assert book.note("cron", "a", 30.0)[1] is None
    assert book.note("api", "b", 30.0)[1] is None
    book.close(70.0)
    assert book.note("api", "a", 70.0)[1] is None


def test_it_lets_all_wait_when_a_flood_comes_from_everywhere() -> None:
    book = Book()

    waits = [book.note("api", f"s{n % 500}", 0.0)[1] for n in range(MOST_OF_ALL + 1)]

    assert waits[:-1] == [None] * MOST_OF_ALL
    assert waits[-1] == WINDOW_SECONDS
    assert book.note("api", "new", WINDOW_SECONDS)[1] is None


def test_it_keeps_no_more_than_so_many_sources_and_forgets_none_for_another() -> None:
    book = Book()
    for n in range(MOST_SOURCES * 3):
        book.note("api", f"s{n}", n / 1000)

    assert len(book) == MOST_SOURCES + 1
    assert book.note("api", "s0", 3.0)[0].count == 2
    assert book.note("api", "one more", 3.0)[0].source == OTHERS
    assert len(book.close(WINDOW_SECONDS + 3)) == MOST_SOURCES + 1
    assert len(book) == 0


def test_it_tells_how_many_a_minute_held() -> None:
    book = Book()
    for moment in (0.0, 1.0, 59.0):
        book.note("api", "a", moment)

    assert book.close(59.9) == []
    assert [(window.source, window.count) for window in book.close(60.0)] == [("a", 3)]


def test_it_grants_so_many_in_so_long() -> None:
    quota = Quota(2, 60.0)

    assert [quota.take(moment) for moment in (0.0, 1.0, 2.0, 59.0, 60.0, 60.5, 61.0)] == [
        True, True, False, False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (("203.0.113.7", 4711), "203.0.113.7"),
        (("::ffff:203.0.113.7", 4711), "203.0.113.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::", 1), "2001:db8:1:2::/64"),
        (("made up by a proxy" * 500, 0), "unknown"),
        (None, "unknown"),
    ],
)
def test_it_names_the_source_of_a_request(client: tuple[str, int] | None, source: str) -> None:
    assert source_of({"type": "http", "client": client}) == source


class Broken:
    """A database that fails as nobody foresaw."""

    def call(self, *_: object, **__: object) -> None:
        raise RuntimeError("broken")


def test_it_logs_what_nobody_foresaw_when_it_writes_into_the_audit_log() -> None:
    wrong_tokens = WrongTokens(Broken(), metrics=None)
    with capture_logs() as lines:
        wrong_tokens._audit("api", "192.0.2.1", 1)

    assert [(line["event"], line["log_level"]) for line in lines] == [("wrong_token_not_audited", "error")]
