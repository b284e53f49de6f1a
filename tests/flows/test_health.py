"""The server's health and its metrics: what they say, to whom, and that they never say what is secret."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from autolynx.operations.probe import Probe
from rig.waiting import eventually
from tests.support.desk import Desk
from tests.support.web import BEARER, PROOF, SECRET, configured, problem, run, serving
from tests.support.webhooks import post, status_update


@pytest.fixture
def web(database_url: str) -> Iterator[httpx.Client]:
    with serving(configured(database_url)) as http:
        yield http


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


def test_it_is_healthy_though_provider_and_scheduler_are_away(web) -> None:
    answer = web.get("/api/health")

    report = answer.json()
    assert (answer.status_code, report["status"]) == (200, "healthy")
    assert {name: check["status"] for name, check in report["checks"].items()} == {
        "database": "healthy",
        "provider": "degraded",
        "scheduler": "degraded",
        "alarms": "healthy",
        "time_zones": "healthy",
    }


def test_it_says_how_long_ago_the_scheduler_was_alive(web, database) -> None:
    database.call("beat", process="s1", kind="scheduler")

    check = eventually(
        lambda: next(
            found for found in [web.get("/api/health").json()["checks"]["scheduler"]] if found["status"] == "healthy"
        )
    )

    assert check["seconds_since_heartbeat"] < 60


def raise_alarm(connection, subject: str = "a", code: str = "call_turned_up") -> None:
    connection.execute(
        "select internal.raise_alarm(%s, %s, 'A call that Vapi had not shown turned up.', now())", (code, subject)
    )


def test_it_names_open_alarms_but_nobody_and_stays_healthy(web, desk, connection) -> None:
    desk.campaign(1, name="Autumn")
    order = desk.claim(1)[0]
    raise_alarm(connection, order["call_id"])

    answer = web.get("/api/health")

    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
    check = answer.json()["checks"]["alarms"]
    assert (check["status"], check["total"]) == ("degraded", 1)
    assert [(alarm["code"], alarm["text"]) for alarm in check["open"]] == [
        ("call_turned_up", "A call that Vapi had not shown turned up.")
    ]
    assert not [private for private in (order["phone"], order["name"], "Autumn") if private in answer.text]


def test_it_names_the_newest_alarms_when_there_are_very_many(web, connection) -> None:
    for n in range(25):
        raise_alarm(connection, str(n))

    check = web.get("/api/health").json()["checks"]["alarms"]

    assert (check["total"], len(check["open"])) == (25, 20)


def test_it_counts_open_alarms_by_code(web, connection) -> None:
    assert "autolynx_open_alarms 0.0" in web.get("/metrics").text
    raise_alarm(connection, "a")
    raise_alarm(connection, "b")
    raise_alarm(connection, "provider", "clocks_differ")

    def lines() -> set[str] | None:
        found = set(web.get("/metrics").text.splitlines())
        return found if "autolynx_open_alarms 3.0" in found else None

    assert eventually(lines) >= {
        'autolynx_alarms{code="call_turned_up"} 2.0',
        'autolynx_alarms{code="clocks_differ"} 1.0',
    }


def test_it_is_unhealthy_when_the_database_is_away() -> None:
    with serving(configured("postgresql://somebody:password@127.0.0.1:1/nothing")) as web:
        answer = web.get("/api/health")

        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        assert "autolynx_database_up 0.0" in web.get("/metrics").text


def test_it_reveals_no_secret_in_its_health() -> None:
    settings = configured("postgresql://somebody:hidden@127.0.0.1:1/nothing", vapi_api_key="another-hidden")
    with serving(settings) as web:
        text = web.get("/api/health").text + web.get("/metrics").text

    for secret in ("hidden", "somebody", SECRET, "127.0.0.1"):
        assert secret not in text


def test_it_answers_in_bounded_time_when_a_check_hangs() -> None:
    goes_on = threading.Event()
    began: list[float] = []

    def check() -> dict[str, Any]:
        began.append(time.monotonic())
        goes_on.wait(60)
        return {"status": "healthy"}

    probe = Probe(check, fresh_seconds=60, patience_seconds=0.01)

    def answer() -> dict[str, Any] | None:
        return run(probe.answer())

    assert [answer() for _ in range(5)] == [None] * 5
    assert len(began) == 1  # one thread waits, not one a question
    goes_on.set()
    assert eventually(answer) == {"status": "healthy"}
    assert len(began) == 1


def test_it_counts_in_its_metrics(web, desk) -> None:
    _, provider_call_id = desk.dialed()
    post(web, status_update(provider_call_id))
    post(web, status_update(provider_call_id))
    post(web, status_update(provider_call_id), headers={})

    def lines() -> set[str] | None:
        found = set(web.get("/metrics").text.splitlines())
        return found if "autolynx_active_calls 1.0" in found else None

    assert eventually(lines) >= {
        'autolynx_webhook_requests_total{result="applied"} 1.0',
        'autolynx_webhook_requests_total{result="duplicate"} 1.0',
        'autolynx_webhook_requests_total{result="unproven"} 1.0',
        "autolynx_webhook_seconds_count 3.0",
        "autolynx_database_up 1.0",
        "autolynx_campaigns_dialing 1.0",
    }


@pytest.mark.parametrize("given", [{}, BEARER, PROOF, {"Authorization": "Bearer"}, {"Authorization": "metrics"}])
def test_it_shows_no_figures_when_a_token_is_set_and_not_sent(database_url, given) -> None:
    with serving(configured(database_url, metrics_token="a-token-for-metrics")) as web:
        answer = web.get("/metrics", headers=given)
        heard = web.get("/metrics", headers={"Authorization": "Bearer a-token-for-metrics"})

    assert (answer.status_code, problem(answer)["code"]) == (401, "unauthorized")
    assert "METRICS_TOKEN" in problem(answer)["message"]
    assert (heard.status_code, "autolynx_database_up 1.0" in heard.text) == (200, True)


def test_it_shows_figures_to_everybody_when_no_token_is_set(web) -> None:
    assert web.get("/metrics").status_code == 200


def test_it_shows_every_route_with_a_summary_on_its_page(web) -> None:
    assert web.get("/docs").status_code == 200
    routes = web.get("/openapi.json").json()["paths"]

    assert all(operation.get("description") for methods in routes.values() for operation in methods.values())
    assert {"/webhooks/vapi", "/api/campaigns", "/api/scheduler/tick", "/api/health", "/metrics"} <= set(routes)


def test_it_is_healthy_between_two_ticks_of_a_cron_that_comes_once_a_minute(web, database, connection) -> None:
    database.call("beat", process="tick:a", kind="scheduler", details={"beats_every_seconds": 60})
    connection.execute("update public.heartbeats set seen_at = now() - interval '100 seconds'")

    def told() -> tuple[str, bool]:
        check = web.get("/api/health").json()["checks"]["scheduler"]
        return check["status"], "autolynx_scheduler_alive 1.0" in web.get("/metrics").text

    assert eventually(lambda: told() == ("healthy", True))
