"""Who must wait after failed sign-ins, and who must not."""

from __future__ import annotations

import pytest

from autolynx.access import Failures, TooManyAttempts
from autolynx.access.failures import (
    LONGEST_LINE_SECONDS,
    MOST_NEWS,
    MOST_NEWS_OF_A_SOURCE,
    MOST_OF_A_PAIR,
    MOST_OF_A_SOURCE,
    SLOW_FROM,
    SLOW_SECONDS,
    WINDOW_SECONDS,
)

EVA, HOME, CAFE = "eva@example.com", "192.0.2.1", "198.51.100.7"


@pytest.fixture
def failures() -> Failures:
    return Failures()


def fail(failures: Failures, count: int, address: str = EVA, source: str = HOME, at: float = 0.0) -> list[str | None]:
    """What of each is worth telling."""
    return [failures.begin(address, source, at).failed(at) for _ in range(count)]


def is_locked(failures: Failures, address: str = EVA, source: str = HOME, at: float = 1.0) -> bool:
    try:
        failures.begin(address, source, at).dropped()
    except TooManyAttempts:
        return True
    return False


def test_it_locks_an_address_only_where_it_failed(failures: Failures) -> None:
    fail(failures, MOST_OF_A_PAIR)
    assert is_locked(failures)
    assert not is_locked(failures, source=CAFE)
    assert not is_locked(failures, address="bo@example.com")


def test_it_opens_again_when_the_window_has_passed(failures: Failures) -> None:
    fail(failures, MOST_OF_A_PAIR - 1)
    fail(failures, 1, at=100.0)
    with pytest.raises(TooManyAttempts) as refused:
        failures.begin(EVA, HOME, WINDOW_SECONDS - 1)
    assert refused.value.retry_after_seconds == 1
    assert not is_locked(failures, at=WINDOW_SECONDS)


def crowd(failures: Failures, count: int = MOST_OF_A_SOURCE, source: str = HOME) -> None:
    for number in range(count):
        fail(failures, 1, address=f"{number}@example.com", source=source)


def test_it_locks_where_many_failed_only_those_who_did(failures: Failures) -> None:
    crowd(failures)
    assert is_locked(failures, address="0@example.com")
    assert not is_locked(failures)
    assert not is_locked(failures, address="0@example.com", source=CAFE)
    assert not is_locked(failures, address="0@example.com", at=WINDOW_SECONDS)


def test_it_says_when_one_who_failed_among_many_may_try_again(failures: Failures) -> None:
    fail(failures, 1)
    fail(failures, 1, at=100.0)
    crowd(failures)
    with pytest.raises(TooManyAttempts) as refused:
        failures.begin(EVA, HOME, 101.0)
    assert refused.value.retry_after_seconds == WINDOW_SECONDS - 1


def test_it_lets_the_others_try_one_after_the_other_where_many_failed(failures: Failures) -> None:
    crowd(failures)
    line = [failures.begin(f"x{number}@example.com", HOME, 0.0) for number in range(10)]
    assert [attempt.slow_seconds for attempt in line] == [SLOW_SECONDS * (place + 1) for place in range(10)]
    assert all(attempt.is_in_line for attempt in line)
    with pytest.raises(TooManyAttempts) as refused:
        failures.begin(EVA, HOME, 0.0)
    assert refused.value.retry_after_seconds == SLOW_SECONDS
    assert failures.begin(EVA, HOME, SLOW_SECONDS).slow_seconds == LONGEST_LINE_SECONDS
    assert failures.begin(EVA, CAFE, 0.0).slow_seconds == 0
    assert failures.begin("bo@example.com", HOME, 100.0).slow_seconds == SLOW_SECONDS


def test_it_leaves_few_guesses_an_hour_to_a_source_that_tries_many_addresses(failures: Failures) -> None:
    guesses, now = 0, 0.0
    while now < 3600:
        try:
            attempt = failures.begin(f"{guesses}@example.com", HOME, now)
        except TooManyAttempts:
            now += 0.5
        else:
            attempt.failed(now + attempt.slow_seconds)
            guesses += 1
    assert guesses <= MOST_OF_A_SOURCE + (3600 + LONGEST_LINE_SECONDS) / SLOW_SECONDS


def test_it_slows_an_address_that_is_tried_from_everywhere_and_locks_nobody_out(failures: Failures) -> None:
    for number in range(SLOW_FROM):
        attempt = failures.begin(EVA, f"192.0.2.{number}", 0.0)
        assert attempt.slow_seconds == 0
        attempt.failed(0.0)
    assert failures.begin(EVA, CAFE, 1.0).slow_seconds == SLOW_SECONDS
    assert failures.begin("bo@example.com", CAFE, 1.0).slow_seconds == 0


def test_it_counts_attempts_under_way_when_many_come_at_once(failures: Failures) -> None:
    attempts = [failures.begin(EVA, HOME, 0.0) for _ in range(MOST_OF_A_PAIR)]
    assert is_locked(failures)
    attempts[0].dropped()
    attempts[0].dropped()
    assert not is_locked(failures)
    attempts[0].failed(0.0)  # what was given up here went on elsewhere, and failed
    assert is_locked(failures)


def test_it_forgives_the_owner_alone_when_the_password_is_right(failures: Failures) -> None:
    fail(failures, MOST_OF_A_PAIR - 1)
    failures.begin(EVA, HOME, 0.0).succeeded()
    fail(failures, MOST_OF_A_PAIR - 1)
    assert not is_locked(failures)
    crowd(failures, MOST_OF_A_SOURCE - 2 * (MOST_OF_A_PAIR - 1))
    assert failures.begin("carl@example.com", HOME, 1.0).is_in_line  # of the source, nothing is forgiven


def test_it_forgets_no_lock_when_others_fail_in_great_numbers(failures: Failures) -> None:
    fail(failures, MOST_OF_A_PAIR)
    for number in range(15_000):
        fail(failures, 1, address=f"{number}@example.com", source=f"{number // 250}.{number % 250}", at=1.0)
    assert is_locked(failures, at=2.0)


def test_it_lets_nobody_try_rather_than_forget_when_the_book_is_full(
    failures: Failures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autolynx.access.failures.MOST_KEPT", 5)
    fail(failures, 5)
    assert is_locked(failures, address="bo@example.com", source=CAFE)
    assert not is_locked(failures, address="bo@example.com", source=CAFE, at=WINDOW_SECONDS)


def test_it_keeps_nothing_when_the_window_has_passed(failures: Failures) -> None:
    for number in range(50):
        fail(failures, 1, address=f"{number}@example.com", source=f"192.0.2.{number}")
    failures.begin(EVA, HOME, WINDOW_SECONDS).succeeded()
    assert len(failures) == 0
    assert failures._times == failures._open == {}


def test_it_tells_of_the_first_failure_and_of_the_lock_alone(failures: Failures) -> None:
    assert fail(failures, MOST_OF_A_PAIR) == ["failed", *[None] * (MOST_OF_A_PAIR - 2), "locked"]


def test_it_tells_of_others_though_one_source_fails_and_fails(failures: Failures) -> None:
    told = [fail(failures, 1, address=f"{n}@example.com")[0] for n in range(2 * MOST_NEWS_OF_A_SOURCE)]
    assert told == ["failed"] * MOST_NEWS_OF_A_SOURCE + [None] * MOST_NEWS_OF_A_SOURCE
    assert fail(failures, 1, source=CAFE) == ["failed"]
    assert fail(failures, 1, address="carl@example.com", at=WINDOW_SECONDS) == ["failed"]


def test_it_tells_of_so_many_and_no_more_when_there_is_a_flood(failures: Failures) -> None:
    told = [fail(failures, 1, address=f"{n}@example.com", source=f"192.0.2.{n}")[0] for n in range(3 * MOST_NEWS)]
    assert told == ["failed"] * MOST_NEWS + [None] * 2 * MOST_NEWS
    assert fail(failures, 1, at=WINDOW_SECONDS) == ["failed"]
