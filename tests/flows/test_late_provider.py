"""A provider that is slow, late and forgetful, and people who say stop: counted in its books, never in ours."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rig.books import differences, our_calls
from rig.forking import running
from rig.product import Product
from rig.waiting import eventually

SEND_SECONDS = 0.3  # from the leave for a request to its arrival


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        yield product


def start(product: Product, **knobs: Any) -> None:
    product.start_simulator(**{"speed": 60} | knobs)
    product.start_webhook_server()
    product.start_scheduler()


def times_phoned(product: Product) -> set[int]:
    return set(Counter(product.books()["dials_by_number"]).values())


def posts_after(product: Product, moment: datetime) -> list[Any]:
    late = moment + timedelta(seconds=SEND_SECONDS)
    return [post for post in product.books()["posts"] if datetime.fromisoformat(post[0]) > late]


def posts(product: Product) -> int:
    return len(product.books()["posts"])


def test_it_phones_nobody_twice_when_calls_are_created_after_the_client_gave_up(
    database_url: str, tmp_path: Path, connection
) -> None:
    """At default settings: an answer is awaited for 20 s, these come later, and the calls with them."""
    defaults = {"CLAIM_LEASE_SECONDS": "60", "DIAL_VISIBILITY_SECONDS": "600", "RECONCILE_AFTER_SECONDS": "60"}
    with running(database_url, tmp_path, **defaults) as product:
        start(product, rate_late_creation=1, late_creation_seconds=[22, 30], webhook_drop_rate=0.3)
        campaign = product.campaign(4, cap=4)
        eventually(lambda: product.books()["calls_total"] == 4, "the late calls", 120)
        product.knobs(rate_late_creation=0)
        product.wait_for(campaign, "COMPLETED", 150)

        assert times_phoned(product) == {1}
        assert product.books()["peak_by_campaign"][campaign] <= 4
        assert differences(our_calls(connection), product.books()["calls"]) == []


@pytest.mark.parametrize("skew", [-360, 360])
def test_it_finds_what_it_dialed_whatever_the_providers_clock_shows(product: Product, connection, skew: int) -> None:
    start(product, clock_skew_seconds=skew, rate_lost_answer=0.5, webhook_drop_rate=1)
    campaign = product.campaign(10, cap=4)

    product.wait_for(campaign, "COMPLETED", 150)

    assert times_phoned(product) == {1}
    assert len(product.books()["dials_by_number"]) == 10
    assert product.books()["peak_by_campaign"][campaign] <= 4


def test_it_believes_no_404_of_a_call_that_was_confirmed(product: Product, connection) -> None:
    start(product, call_404=True, call_seconds=[900, 1000])  # 15 s on the wall
    campaign = product.campaign(16, cap=8)
    eventually(lambda: product.books()["requests"].get("GET /call/{id}", {}).get("404", 0) >= 8, "checks, answered 404")
    product.knobs(call_404=False)

    product.wait_for(campaign, "COMPLETED", 150)

    assert times_phoned(product) == {1}
    assert product.books()["peak_concurrency"] == 8
    assert differences(our_calls(connection), product.books()["calls"]) == []


@pytest.mark.parametrize("how", ["stop", "do not call", "pause"])
def test_it_sends_no_request_after_somebody_said_stop(product: Product, connection, how: str) -> None:
    start(product, rate_429=1)
    campaign = product.campaign(8)
    eventually(lambda: posts(product) >= 8, "the first requests, answered 429")

    if how == "do not call":
        everybody = "insert into public.do_not_call (phone, created_by) select phone, 'Eva' from public.contacts"
        connection.execute(everybody)
    else:
        product.database.call(f"{how}_campaign", id=campaign, actor="Eva")
    said_at = datetime.now(UTC)
    product.knobs(rate_429=0)
    time.sleep(14)  # repetitions come after 1, 4 and 10 seconds

    assert posts_after(product, said_at) == []
    assert product.books()["dials_by_number"] == {}


@pytest.mark.parametrize(
    "knobs",
    [
        {"over_limit": "accept_then_end", "limits_told": False},
        {"over_limit": "accept_blocked", "limits_told": False},
        {"over_limit": "accept_then_end", "concurrency_limit": 10, "inbound_calls": 8},
        {"over_limit": "refuse_400", "concurrency_limit": 10, "inbound_calls": 9, "limits_in_refusal": True},
        {"over_limit": "refuse_429_concurrency"},
    ],
    ids=lambda knobs: f"{knobs['over_limit']}, {knobs.get('inbound_calls', 0)} inbound",
)
def test_it_asks_for_no_more_lines_than_there_are(product: Product, connection, knobs: dict[str, Any]) -> None:
    lines = {"concurrency_limit": 2} | knobs
    start(product, speed=10, call_seconds=[40, 60], **lines)
    product.campaign(60, cap=10)
    eventually(lambda: posts(product) > 0, "the first request")
    time.sleep(25)

    books = product.books()
    refused = [call for call in books["calls"] if "concurrency-limit" in (call["ended_reason"] or "")]
    beyond = len(refused) + sum(answer in ("400", "429") for _, _, answer in map(_text, books["posts"]))
    assert beyond <= 10 + 2 * 25 / 4  # one burst of the cap, then a try now and then
    assert max(books["requests_by_number"].values()) <= 4
    assert books["peak_concurrency"] <= lines["concurrency_limit"] - lines.get("inbound_calls", 0)


def _text(post: list[Any]) -> tuple[str, str, str]:
    return post[0], post[1], str(post[2])


def test_it_hangs_up_at_once_when_every_other_answer_takes_a_minute(product: Product, connection) -> None:
    product.start_simulator(speed=1, call_seconds=[300, 400])
    product.start_webhook_server()
    product.start_scheduler()
    campaign = product.campaign(16, cap=8)
    eventually(lambda: product.books()["active"] == 8, "every line busy")
    eventually(lambda: product.database.call("get_campaign", id=campaign)["progress"]["held_calls"] == 0, "no doubt")
    product.knobs(answer_seconds=[60, 60])
    time.sleep(5)  # checks of silent calls are under way by now

    product.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True)
    said_at = datetime.now(UTC)
    eventually(lambda: product.books()["active"] == 0, "every phone hung up", 20)

    ends = [datetime.fromisoformat(call["ended_at_real"]) for call in product.books()["calls"]]
    assert len(ends) == 8
    assert max(ends) - said_at < timedelta(seconds=3)


def test_it_hangs_up_at_once_when_even_the_dials_wait_for_their_answers(product: Product, connection) -> None:
    slow = ["POST /call", "GET /call", "GET /call/{id}", "POST control"]
    start(product, speed=1, call_seconds=[300, 400], answer_seconds=[25, 25], slow_paths=slow)
    campaign = product.campaign(16, cap=8)
    confirmed = "select count(*) from public.calls where dial_state = 'confirmed'"
    eventually(lambda: connection.execute(confirmed).fetchone()[0] == 8, "the messages of every call")

    product.database.call("stop_campaign", id=campaign, actor="Eva", hang_up=True)
    said_at = datetime.now(UTC)
    eventually(lambda: product.books()["active"] == 0, "every phone hung up", 20)

    ends = [datetime.fromisoformat(call["ended_at_real"]) for call in product.books()["calls"]]
    assert max(ends) - said_at < timedelta(seconds=3)


def test_it_lets_one_odd_contact_step_aside_and_calls_the_others(product: Product, connection) -> None:
    start(product, odd_numbers={"+14152000001": "customer.flavour must be a known flavour"})
    campaign = product.campaign(8, cap=3)

    eventually(lambda: len(product.books()["dials_by_number"]) == 7, "the seven others")

    assert product.status(campaign) == "RUNNING"
    assert "+14152000001" not in product.books()["dials_by_number"]


def test_it_pauses_when_every_contact_is_refused_alike(product: Product) -> None:
    numbers = [f"+1415{2_000_000 + n}" for n in range(8)]
    start(product, odd_numbers=dict.fromkeys(numbers, "property flavour should not exist"))
    campaign = product.campaign(8, cap=3)

    product.wait_for(campaign, "PAUSED")

    assert "flavour" in product.database.call("get_campaign", id=campaign)["status_reason"]
    assert posts(product) <= 8


def test_it_keeps_no_secret_of_ours_in_what_the_provider_repeats(product: Product, connection) -> None:
    start(product)
    campaign = product.campaign(2)
    product.wait_for(campaign, "COMPLETED")

    stored = connection.execute(
        "select string_agg(payload::text, '') from (select payload from public.call_events "
        "union all select payload from public.stray_events) e"
    ).fetchone()[0]
    assert "autolynx_call_id" in stored  # the call is repeated
    assert product.values["WEBHOOK_SHARED_SECRET"] not in stored


def test_it_asks_the_provider_before_it_dials_after_a_restore(
    product: Product, connection, database_url: str, tmp_path: Path
) -> None:
    """The database goes back to where it was before the second half was called."""
    start(product, call_seconds=[240, 300])
    campaign = product.campaign(12, cap=3)
    eventually(lambda: len(product.books()["dials_by_number"]) >= 3, "the first calls")
    snapshot = remembered(connection)
    eventually(lambda: len(product.books()["dials_by_number"]) >= 9, "most of the calls")
    for name in ("scheduler", "webhook"):
        product.kill(name)
    go_back(connection, snapshot)
    product.database.call("begin_recovery", actor="Eva", since=datetime.now(UTC) - timedelta(minutes=5))

    product.start_webhook_server()
    product.start_scheduler("after")
    product.wait_for(campaign, "COMPLETED", 150)

    assert times_phoned(product) == {1}
    assert len(product.books()["dials_by_number"]) == 12
    assert product.books()["peak_by_campaign"][campaign] <= 3


FORGETTABLE = ("campaigns", "contacts", "calls", "call_events", "stray_events")


def remembered(connection: psycopg.Connection) -> dict[str, list[Any]]:
    """What the tables held: a backup."""
    return {
        table: connection.execute(f"select to_jsonb(t)::text from public.{table} t").fetchall()  # type: ignore[arg-type]
        for table in FORGETTABLE
    }


def go_back(connection: psycopg.Connection, snapshot: dict[str, list[Any]]) -> None:
    """Restore them."""
    connection.execute("set session_replication_role = replica")
    for table in reversed(FORGETTABLE):
        connection.execute(f"delete from public.{table}")  # type: ignore[arg-type]
    for table in FORGETTABLE:
        for (row,) in snapshot[table]:
            insert = f"insert into public.{table} select * from jsonb_populate_record(null::public.{table}, %s)"
            connection.execute(insert, [row])  # type: ignore[arg-type]
    connection.execute("set session_replication_role = default")


def test_it_believes_no_single_list(database_url: str, tmp_path: Path) -> None:
    with running(database_url, tmp_path, DIAL_VISIBILITY_SECONDS="12") as product:
        start(product, list_lag_seconds=4, list_forget_rate=0.2, rate_lost_answer=0.4, webhook_drop_rate=1)
        campaign = product.campaign(10, cap=4)

        product.wait_for(campaign, "COMPLETED", 150)

        assert times_phoned(product) == {1}
        assert len(product.books()["dials_by_number"]) == 10


def test_it_holds_no_look_back_by_transcripts_of_megabytes(product: Product, connection) -> None:
    start(product, transcript_megabytes=3, rate_lost_answer=0.3, webhook_drop_rate=1)
    campaign = product.campaign(12, cap=4)

    product.wait_for(campaign, "COMPLETED", 150)

    assert times_phoned(product) == {1}
