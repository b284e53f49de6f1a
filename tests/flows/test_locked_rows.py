"""Somebody keeps a row locked: what needs it is told so soon, and nobody else waits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from autolynx.calls import intake
from autolynx.database import Database
from rig import messages
from rig.waiting import eventually
from tests.support.desk import Desk
from tests.support.web import BEARER, PROOF, configured, problem, serving
from tests.support.webhooks import PATH

SOON = 3.0  # seconds; much less on a machine with nothing else to do. A wait for the lock would last longer
WITHOUT_LINE = "call.start.error-subscription-concurrency-limit-reached"


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        assert http.get("/api/health").status_code == 200  # the provider, which is away, is not asked again so soon
        yield http


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@contextmanager
def locked(url: str, query: str, *values: object) -> Iterator[psycopg.Connection]:
    """Somebody at a SQL prompt began a transaction, and has gone to lunch."""
    with psycopg.connect(url) as connection:
        assert connection.execute(query, values).rowcount > 0
        yield connection


def calls(desk: Desk, count: int) -> list[str]:
    """So many calls of one new campaign under way, by the provider's ids."""
    desk.database.call("set_organization_cap", cap=1000)
    campaign = desk.campaign(count, cap=50)
    orders = [order for order in desk.claim(1000) if order["campaign_id"] == campaign]
    assert len(orders) == count
    return [desk.dial(order) for order in orders]


def report(call: str, n: int = 0) -> bytes:
    return messages.report(call, analysis={"summary": f"As told for the {n}. time."})


def post(web: httpx.Client, body: bytes) -> tuple[int, float]:
    began = time.monotonic()
    answer = web.post(PATH, content=body, headers=PROOF)
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
        assert problem(answer)["code"] == "unavailable"
    return answer.status_code, time.monotonic() - began


@contextmanager
def waiting(
    web: httpx.Client, connection: psycopg.Connection, bodies: list[bytes]
) -> Iterator[list[Future[tuple[int, float]]]]:
    """Post them all at once, each from a client of its own, and wait until one waits in the database."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    limits = httpx.Limits(max_connections=len(bodies))
    with (
        ThreadPoolExecutor(len(bodies)) as pool,
        httpx.Client(base_url=web.base_url, timeout=60, trust_env=False, limits=limits) as many,
    ):
        posted = [pool.submit(post, many, body) for body in bodies]
        eventually(lambda: connection.execute(query).fetchone() != (0,))
        yield posted


def events(connection: psycopg.Connection, call: str) -> int:
    query = "select count(*) from call_events e join calls c on c.id = e.call_id where provider_call_id = %s"
    return int(connection.execute(query, [call]).fetchone()[0])


def assert_nobody_else_waits(web: httpx.Client, others: list[str]) -> None:
    for other in others:
        status, seconds = post(web, report(other))
        assert (status, seconds < SOON) == (200, True), seconds
    began = time.monotonic()
    assert web.get("/api/health").status_code == 200
    assert web.get("/api/campaigns", headers=BEARER).status_code == 200
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("crowd", [16, 64])
def test_it_lets_nobody_else_wait_when_a_call_is_locked(web, desk, connection, database_url, crowd: int) -> None:
    stuck, *others = calls(desk, 9)
    with (
        locked(database_url, "select from calls where provider_call_id = %s for update", stuck),
        waiting(web, connection, [report(stuck, n) for n in range(crowd)]) as posted,
    ):
        assert_nobody_else_waits(web, others)
        answers = [future.result() for future in posted]

    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < intake.TRY_FOR_SECONDS + SOON
    assert events(connection, stuck) == 0
    assert [post(web, report(stuck, n))[0] for n in range(4)] == [200] * 4
    assert events(connection, stuck) == 4


def test_it_holds_a_connection_for_one_message_of_a_locked_call(web, desk, connection, database_url) -> None:
    (stuck,) = calls(desk, 1)
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with (
        locked(database_url, "select from calls where provider_call_id = %s for update", stuck),
        waiting(web, connection, [report(stuck, n) for n in range(32)]) as posted,
    ):
        most = 0
        while not all(future.done() for future in posted):
            most = max(most, *connection.execute(query).fetchone())

    assert most == 1


@pytest.mark.parametrize("row", ["campaign", "settings"])
def test_it_lets_nobody_else_wait_when_what_many_calls_share_is_locked(
    web, desk, connection, database_url, row: str
) -> None:
    stuck, others = calls(desk, 50), calls(desk, 8)
    query, bodies = {
        "campaign": (
            "select from campaigns where id = (select campaign_id from calls where provider_call_id = %s) for update",
            [report(call) for call in stuck],
        ),
        "settings": (
            "select from settings where %s <> '' for update",
            [messages.report(call, endedReason=WITHOUT_LINE) for call in stuck],
        ),
    }[row]
    with locked(database_url, query, stuck[0]) as holder, waiting(web, connection, bodies) as posted:
        assert_nobody_else_waits(web, others)
        holder.rollback()
        answers = [future.result() for future in posted]

    assert Counter(status for status, _ in answers)[200] + Counter(status for status, _ in answers)[503] == 50
    for call, (status, _) in zip(stuck, answers, strict=True):
        assert events(connection, call) == (status == 200), call
    again = [post(web, body)[0] for body, (status, _) in zip(bodies, answers, strict=True) if status == 503]
    assert set(again) <= {200}
    assert [events(connection, call) for call in stuck] == [1] * 50


def test_it_applies_what_waited_when_the_lock_is_let_go_in_time(web, desk, connection, database_url) -> None:
    (stuck,) = calls(desk, 1)
    bodies = [report(stuck, n) for n in range(8)]
    with (
        locked(database_url, "select from calls where provider_call_id = %s for update", stuck) as holder,
        waiting(web, connection, bodies) as posted,
    ):
        holder.rollback()
        statuses = [future.result()[0] for future in posted]

    assert events(connection, stuck) == statuses.count(200)
    assert 200 in statuses


def test_it_counts_a_message_of_no_use_though_its_count_is_locked(web, connection, database_url) -> None:
    unused = messages.body({"type": "speech-update"})
    assert post(web, unused)[0] == 200
    with locked(database_url, "select from message_counts for update"):
        assert [post(web, unused)[0] for _ in range(8)] == [200] * 8

    assert connection.execute("select sum(count) from message_counts").fetchone() == (9,)


REFUSE = """
create sequence public.refusals;
grant usage on sequence public.refusals to public;
create function public.refuse() returns trigger language plpgsql as $$
begin
    if nextval('public.refusals') <= {times} then
        raise exception 'no' using errcode = '{code}';
    end if;
    return new;
end $$;
create trigger refuse before insert on public.call_events for each row execute function public.refuse();
"""


@pytest.mark.parametrize("code", ["40P01", "40001", "55P03"])
@pytest.mark.parametrize(("times", "status"), [(1, 200), (1_000_000, 503)])
def test_it_tries_again_when_the_database_takes_a_message_back(
    web, desk, connection, code: str, times: int, status: int
) -> None:
    (call,) = calls(desk, 1)
    connection.execute(REFUSE.format(times=times, code=code))

    assert post(web, report(call))[0] == status

    assert events(connection, call) == (status == 200)


ACTIONS: dict[str, Callable[[httpx.Client, str], httpx.Response]] = {
    action: lambda web, campaign, action=action: web.post(  # type: ignore[misc]
        f"/api/campaigns/{campaign}/{action}", headers=BEARER
    )
    for action in ("start", "pause", "resume", "stop")
}


@pytest.mark.parametrize("action", ACTIONS)
def test_it_says_so_when_a_person_waits_for_a_locked_campaign(web, desk, database_url, action: str) -> None:
    campaign, (other,) = desk.campaign(1, started=False), calls(desk, 1)
    with (
        locked(database_url, "select from campaigns where id = %s for update", campaign) as holder,
        ThreadPoolExecutor(40) as pool,
    ):
        asked = [pool.submit(ACTIONS[action], web, campaign) for _ in range(40)]
        eventually(lambda: any(future.done() for future in asked))
        assert post(web, report(other)) < (201, 0)
        assert web.get("/api/health").status_code == 200
        answers = [future.result() for future in asked]
        holder.rollback()

    assert {answer.status_code for answer in answers} == {503}
    assert {int(answer.headers["retry-after"]) > 0 for answer in answers} == {True}
    assert problem(answers[0])["message"] in {
        "Somebody else is changing this just now; please try again.",
        "Every database connection is busy; please try again.",
    }
    assert ACTIONS["start"](web, campaign).status_code == 200
