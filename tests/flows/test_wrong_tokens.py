"""Whoever shouts wrong tokens is logged, audited, counted and slowed; a right token passes all the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from autolynx.api.wrong_tokens import MOST_OF_A_SOURCE
from rig.forking import running
from rig.product import Product
from rig.waiting import eventually
from tests.support.web import CRON_SECRET

PATHS = {"api": "/api/campaigns", "cron": "/api/scheduler/tick", "metrics": "/metrics", "webhook": "/webhooks/vapi"}
METRICS_TOKEN = "a-token-for-the-figures"
GUESS = "a-guess-that-is-wrong"


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    tokens = {"CRON_SHARED_SECRET": CRON_SECRET, "METRICS_TOKEN": METRICS_TOKEN}
    with running(database_url, tmp_path, LOG_FORMAT="json", **tokens) as product:
        product.start_simulator()
        product.start_webhook_server()
        yield product


@pytest.fixture
def web(product: Product) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{product.webhook_port}", timeout=60, trust_env=False) as http:
        yield http


def ask(web: httpx.Client, door: str, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    method = "GET" if door in ("api", "metrics") else "POST"
    return web.request(method, PATHS[door], headers=headers, content=b'{"message": {}}')


def lines(product: Product) -> list[dict[str, Any]]:
    text = (product.home / "webhook.log").read_text()
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in found if line["event"].startswith("wrong_token")]


@pytest.mark.parametrize("door", PATHS)
def test_it_slows_down_wrong_tokens_and_lets_the_right_one_pass(
    product: Product, web: httpx.Client, connection: psycopg.Connection, door: str
) -> None:
    values = product.values
    right = {
        "api": values["API_TOKEN"],
        "cron": CRON_SECRET,
        "metrics": METRICS_TOKEN,
        "webhook": values["WEBHOOK_SHARED_SECRET"],
    }

    answers = [ask(web, door, f"{GUESS}-{n}") for n in range(MOST_OF_A_SOURCE + 50)]

    assert Counter(answer.status_code for answer in answers) == {401: MOST_OF_A_SOURCE, 429: 50}
    assert {answer.status_code for answer in answers[:MOST_OF_A_SOURCE]} == {401}
    last = answers[-1]
    assert last.json()["error"]["code"] == "too_many_attempts"
    assert 1 <= int(last.headers["retry-after"]) <= 60
    assert ask(web, door, right[door]).status_code == 200
    assert ask(web, door, None).status_code == 429
    told = lines(product)
    assert [(line["event"], line["count"]) for line in told] == [
        ("wrong_token", 1), ("wrong_tokens_limited", MOST_OF_A_SOURCE + 1)
    ]  # fmt: skip
    assert {(line["door"], line["source"]) for line in told} == {(door, "127.0.0.1")}
    rows = eventually(lambda: audited(connection, 2), "the audit log")
    assert [(subject, details["count"]) for subject, details in rows] == [(door, 1), (door, MOST_OF_A_SOURCE + 1)]
    counted = web.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    assert f'autolynx_wrong_tokens_total{{answer="401",door="{door}"}} {MOST_OF_A_SOURCE}.0' in counted
    assert f'autolynx_wrong_tokens_total{{answer="429",door="{door}"}} 51.0' in counted
    assert GUESS not in (product.home / "webhook.log").read_text() + str(rows)


def audited(connection: psycopg.Connection, count: int) -> list[tuple[str, dict[str, Any]]] | None:
    found = connection.execute(
        "select subject_id, details from public.audit_log where action = 'token.refused' order by id"
    ).fetchall()
    return found if len(found) >= count else None


def test_it_counts_a_source_behind_the_proxy_by_itself(product: Product, web: httpx.Client) -> None:
    one, other = ({"X-Forwarded-For": address} for address in ("203.0.113.7", "203.0.113.8"))

    flood = [web.get(PATHS["api"], headers=one).status_code for _ in range(MOST_OF_A_SOURCE + 1)]

    assert flood[-1] == 429
    assert web.get(PATHS["api"], headers=other).status_code == 401
    assert {line["source"] for line in lines(product)} == {"203.0.113.7", "203.0.113.8"}
