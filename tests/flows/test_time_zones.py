"""Every process that can gives the database its time zones; without them nobody is called by calling hours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from autolynx.contacts.time_zone_rules import VERSION
from rig.forking import running
from rig.product import Product
from rig.waiting import eventually
from tests.support.command_line import answer, run
from tests.support.web import BEARER, configured, serving

HOURS = {"from": "09:00", "until": "18:00", "days": [1, 2, 3, 4, 5, 6, 7], "time_zone": "UTC"}
NOWHERE, EVERYWHERE = "+18005550123", "+14155550123"
LIST = "name,business_name,phone\nAda,Firm,{}\nBob,Shop,12\nCy,Bar,{}\n"


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        yield product


@pytest.fixture
def api(product: Product) -> Iterator[httpx.Client]:
    product.start_simulator()
    settings = configured(product.values["DATABASE_URL"], vapi_base_url=product.values["VAPI_BASE_URL"])
    with serving(settings) as http:
        http.headers.update(BEARER)
        yield http


def forget(connection: psycopg.Connection) -> None:
    """As after a migration by the Supabase CLI, before any process of ours has started."""
    connection.execute("delete from public.time_zone_rules")
    connection.execute("update public.settings set time_zones_version = null, time_zones_until = null")


def version(product: Product) -> str | None:
    found: str | None = product.database.call("time_zones_version")["version"]
    return found


def checked(product: Product) -> tuple[bool, str]:
    found = json.loads(run(product, "check", "--json").stdout)["checks"]
    return next((each["is_ok"], each["sentence"]) for each in found if each["part"] == "time zones")


def test_it_loads_the_rules_when_a_scheduler_starts(product: Product, connection: psycopg.Connection) -> None:
    forget(connection)
    product.start_simulator()

    product.start_scheduler()

    eventually(lambda: version(product) == VERSION, "the time zones")


def test_it_loads_the_rules_when_a_webhook_server_starts(product: Product, connection: psycopg.Connection) -> None:
    forget(connection)

    product.start_webhook_server()

    def told() -> str | None:  # an answer may be half a second old
        health = httpx.get(f"{product.values['WEBHOOK_PUBLIC_URL']}/api/health", trust_env=False, timeout=30).json()
        return health["checks"]["time_zones"]["version"]

    eventually(lambda: told() == VERSION, "the time zones")
    assert version(product) == VERSION


def test_it_loads_the_rules_when_the_database_is_brought_up_to_date(
    product: Product, connection: psycopg.Connection
) -> None:
    forget(connection)
    is_ok, sentence = checked(product)
    assert not is_ok
    assert "No time zone rules are loaded" in sentence

    assert f"Loaded the time zone rules {VERSION}." in answer(product, "migrate")

    assert "Loaded" not in answer(product, "migrate")
    assert checked(product) == (True, f"The rules are those of {VERSION}, and last until 2041-01-01.")


def test_it_skips_whom_the_hours_never_reach_and_says_so_before_the_start(api: httpx.Client) -> None:
    created = create(api, LIST.format(NOWHERE, EVERYWHERE), calling_hours=json.dumps(HOURS))

    assert created.status_code == 201, created.text
    campaign, report = created.json()["campaign"], created.json()["import_report"]
    assert (campaign["total_contacts"], report["total_rows"], report["accepted"]) == (1, 3, 1)
    assert [row["row"] for row in report["skipped"]] == [1, 2]
    assert report["skipped"][0]["reason"] == (
        "The number may lie in 42 time zones that share no time of 09:00 to 18:00 on the calling days: "
        "it would never be called."
    )
    assert report["skipped"][0]["data"] == {"name": "Ada", "business_name": "Firm", "phone": NOWHERE}
    contacts = api.get(f"/api/campaigns/{campaign['id']}/contacts").json()["contacts"]
    assert [(contact["phone"], contact["time_zones"]) for contact in contacts] == [
        (EVERYWHERE, ["America/Los_Angeles"])
    ]


def test_it_takes_everybody_when_a_campaign_has_no_hours(api: httpx.Client) -> None:
    created = create(api, LIST.format(NOWHERE, EVERYWHERE))

    assert created.json()["import_report"]["accepted"] == 2


def test_it_refuses_a_list_of_which_the_hours_reach_nobody(api: httpx.Client) -> None:
    refused = create(api, LIST.format(NOWHERE, "+18885550123"), calling_hours=json.dumps(HOURS))

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (422, "invalid_input")
    assert error["message"].startswith("None of the 3 rows can be called. Row 1: The number may lie in 42 time zones")


def create(api: httpx.Client, content: str, **fields: str) -> httpx.Response:
    assistant = api.post("/api/assistants", json={"name": "Ada", "config": {"firstMessage": "Hi"}}).json()["assistant"]
    given = {"name": "Spring", "assistant_id": assistant["id"]} | fields
    return api.post("/api/campaigns", data=given, files={"contacts": ("contacts.csv", content, "text/csv")})
