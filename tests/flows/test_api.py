"""Who may ask the API, what it answers while others are away, and a whole campaign by it alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from rig.forking import running
from rig.product import Product
from rig.waiting import eventually
from tests.support.api_requests import LINES, new_assistant, upload
from tests.support.web import BEARER, CRON_SECRET, configured, problem, serving

# -- the provider is away, or refuses ------------------------------------------------------------------


def test_it_answers_503_when_the_provider_is_away(database_url) -> None:
    with serving(configured(database_url)) as http:
        answer = http.get("/api/phone-numbers", headers=BEARER)

    assert (answer.status_code, problem(answer)["code"]) == (503, "provider_unavailable")
    assert answer.headers["retry-after"] == "5"


def test_it_answers_502_when_the_provider_refuses(api, database_url, simulator) -> None:
    refused = api.post("/api/assistants", json={"name": "Ada", "config": {"madeUp": 1}})
    httpx.patch(f"{simulator}/_simulator/knobs", json={"api_key": "another"}).raise_for_status()
    try:
        key = api.get("/api/phone-numbers")
        with serving(configured(database_url, vapi_base_url=simulator)) as http:
            check = http.get("/api/health").json()["checks"]["provider"]
    finally:
        httpx.patch(f"{simulator}/_simulator/knobs", json={"api_key": None}).raise_for_status()

    assert (refused.status_code, problem(refused)["code"]) == (502, "provider_refused")
    assert (key.status_code, problem(key)["code"]) == (502, "provider_key_refused")
    assert (check["status"], check["code"]) == ("degraded", "provider_key_refused")
    assert api.get("/api/assistants").json()["assistants"] == []


def test_it_answers_503_when_the_database_is_away() -> None:
    with serving(configured("postgresql://somebody:hidden@127.0.0.1:1/nothing")) as http:
        answer = http.get("/api/campaigns", headers=BEARER)

    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "hidden" not in answer.text


def test_it_answers_500_with_a_neutral_sentence_when_the_mistake_is_ours(api, database_url) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "create or replace function public.get_campaign(p_id uuid) returns jsonb language sql as"
            " $$ select '{\"secret\": 1}'::jsonb $$"
        )

    answer = api.get(f"/api/campaigns/{uuid4()}")

    assert answer.status_code == 500
    assert problem(answer) == {
        "code": "internal",
        "message": "Something went wrong in AutoLynx; it has been logged.",
        "details": None,
    }


# -- who may ask ---------------------------------------------------------------------------------------

CLOSED = (
    ("GET", "/api/campaigns"),
    ("POST", "/api/campaigns"),
    ("POST", "/api/campaigns/x/start"),
    ("GET", "/api/campaigns/x/export.csv"),
    ("POST", "/api/assistants"),
    ("GET", "/api/calls/x"),
    ("GET", "/api/phone-numbers"),
    ("GET", "/api/made-up"),
    ("DELETE", "/api/health/"),
)


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_it_answers_401_when_the_token_is_missing_or_wrong(api, method, path) -> None:
    for token in (
        "",
        "Bearer",
        "Bearer wrong",
        f"Basic {BEARER['Authorization']}",
        b"Bearer \xff",
        CRON_SECRET,
    ):
        answer = api.request(method, path, headers={"Authorization": token}, content=b"{")
        assert (answer.status_code, problem(answer)["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_it_answers_401_to_everybody_when_no_token_is_configured(database_url) -> None:
    with serving(configured(database_url, api_token=None, cron_shared_secret=None)) as http:
        for headers in ({}, BEARER, {"Authorization": "Bearer"}, {"Authorization": "Bearer None"}):
            assert http.get("/api/campaigns", headers=headers).status_code == 401
            assert http.post("/api/scheduler/tick", headers=headers).status_code == 401
        assert http.post("/api/scheduler/tick", headers={"X-Cron-Secret": ""}).status_code == 401
        assert http.get("/api/health").status_code == 200


def test_it_answers_404_and_405_in_the_same_form(api) -> None:
    missing, wrong = api.get("/api/made-up"), api.put("/api/campaigns")

    assert (missing.status_code, problem(missing)["code"]) == (404, "not_found")
    assert problem(missing)["message"] == "There is nothing at GET /api/made-up."
    assert (wrong.status_code, problem(wrong)["code"]) == (405, "method_not_allowed")
    assert set(wrong.headers["allow"].split(", ")) >= {"GET"} or "POST" in wrong.headers["allow"]


# -- from the list to the export -----------------------------------------------------------------------


@pytest.fixture
def product(database_url: str, tmp_path) -> Iterator[Product]:
    with running(database_url, tmp_path, CRON_SHARED_SECRET=CRON_SECRET) as product:
        yield product


def test_it_goes_from_a_list_to_an_export_by_ticks_alone(product: Product) -> None:
    product.start_simulator(speed=200, seed=3)
    product.start_webhook_server()
    rows = "".join(f"Person {n},Firm {n},+1415555{n:04d}\n" for n in range(100, 112))
    address = f"http://127.0.0.1:{product.webhook_port}"
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {product.values['API_TOKEN']}"
        campaign = new_campaign_of(http, b"name,company,phone\n" + rows.encode())
        assert http.post(f"/api/campaigns/{campaign}/start").status_code == 200

        def tick() -> dict[str, Any]:
            answer = http.post("/api/scheduler/tick", headers={"Authorization": f"Bearer {CRON_SECRET}"})
            assert answer.status_code == 200, answer.text
            done = answer.json()["tick"]
            assert set(done) == {"claimed", "accepted", "refused", "unknown", "repaired", "checked", "hung_up"}
            return http.get(f"/api/campaigns/{campaign}").json()["campaign"]

        done = eventually(
            lambda: next((found for found in [tick()] if found["status"] == "COMPLETED"), None), "completion"
        )
        export = list(csv.DictReader(io.StringIO(http.get(f"/api/campaigns/{campaign}/export.csv").text)))
        by_header = http.post("/api/scheduler/tick", headers={"X-Cron-Secret": CRON_SECRET})

    assert by_header.json()["tick"]["claimed"] == 0
    theirs = {call["number"]: call for call in product.books()["calls"]}
    assert len(theirs) == product.books()["calls_total"] == 12
    assert {row["phone"]: row["ended_reason"] for row in export} == {
        number: call["ended_reason"] for number, call in theirs.items()
    }
    assert done["progress"]["settled"] == 12
    assert done["progress"]["cost_usd"] == pytest.approx(sum(float(row["cost_usd"] or 0) for row in export))


def new_campaign_of(http: httpx.Client, content: bytes) -> str:
    answer = upload(http, content, name="All", assistant_id=new_assistant(http)["id"], phone_number_id=LINES[0])
    assert answer.status_code == 201, answer.text
    return str(answer.json()["campaign"]["id"])
