"""Each feature flag changes what it says."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_type_hints

import httpx
import pytest

from autolynx import models
from autolynx.analysis import exports
from autolynx.assistants.directory import create_assistant
from autolynx.campaigns.new import create_campaign
from autolynx.database import Database, connect
from autolynx.errors import Forbidden, InvalidInput
from autolynx.models import NewCampaign
from autolynx.settings import Settings
from autolynx.vapi.dialing import call_request
from rig.actors import EVA
from rig.forking import running
from rig.product import Product
from tests.support import command_line
from tests.support.desk import Desk as CallingDesk
from tests.support.web import BEARER, configured, serving

CSV = b"name,business_name,phone\nAna,Firm,+14155550123\n"
ORDER = {
    "call_id": "00000000-0000-4000-8000-000000000001", "campaign_id": "c", "contact_id": "k", "attempt": 1,
    "phone_number_id": "0c000000-0000-4000-8000-000000000001", "provider_assistant_id": "", "phone": "+14155550123",
    "name": "Ana", "business_name": "Firm", "variables": {},
}  # fmt: skip


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        product.start_simulator()
        yield product


def create(desk: Product, line: str, mode: str = "continuous", **flags: bool) -> str:
    settings = desk.settings.model_copy(update=flags)
    assistant = create_assistant(desk.database, desk.client, name="Ada", config={}, actor=EVA)
    new = NewCampaign(name="Spring", assistant_id=str(assistant.id), phone_number_id=line, mode=mode)
    created = create_campaign(desk.database, desk.client, settings, new, CSV, actor=EVA)
    return created.campaign.phone_number_id


def test_it_checks_the_phone_line_unless_told_not_to(desk: Product) -> None:
    with pytest.raises(InvalidInput, match='no phone line "nowhere"'):
        create(desk, "nowhere")

    assert create(desk, "nowhere", feature_phone_line_health_check=False) == "nowhere"


def test_it_takes_no_batches_when_they_are_switched_off(desk: Product) -> None:
    with pytest.raises(InvalidInput, match="FEATURE_STRICT_BATCHING"):
        create(desk, desk.line(), "batch", feature_strict_batching=False)

    assert create(desk, desk.line(), "batch") == desk.line()


def test_it_exports_nothing_when_that_is_switched_off() -> None:
    with pytest.raises(Forbidden, match="FEATURE_EXPORT_FUNCTIONALITY"):
        exports.require_export(Settings(_env_file=None, feature_export_functionality=False))


def test_it_asks_for_no_analysis_when_that_is_switched_off(desk: Product) -> None:
    assistant = create_assistant(desk.database, desk.client, name="Ada", config={}, actor=EVA)
    order = ORDER | {"provider_assistant_id": assistant.provider_assistant_id}

    plan = call_request(order, webhook_url="http://x", webhook_secret=None, is_analyzed=False)

    assert not plan.body["assistantOverrides"]["analysisPlan"]["summaryPlan"]["enabled"]
    answer = httpx.post(
        f"{desk.values['VAPI_BASE_URL']}/call", json=plan.body, headers={"Authorization": "Bearer simulator"}
    )
    assert answer.status_code == 201


# -- costs -----------------------------------------------------------------------------------------------------


def ended_campaign(database: Database) -> tuple[str, str]:
    """A campaign of one call that has cost something, and that call."""
    desk = CallingDesk(database)
    campaign = desk.campaign(1)
    order = desk.claim(1)[0]
    desk.begin(order)
    desk.report(desk.confirm(order))
    return campaign, str(order["call_id"])


def costs(answer: Any) -> list[Any]:
    """Everything that an answer holds under a name about costs."""
    left, found = [answer], []
    while left:
        item = left.pop()
        if isinstance(item, dict):
            found += [value for name, value in item.items() if "cost" in name.lower()]
            left += item.values()
        elif isinstance(item, list):
            left += item
    return found


def test_it_tells_no_costs_when_they_are_switched_off(database: Database, database_url: str) -> None:
    campaign, call = ended_campaign(database)
    paths = [
        "/api/campaigns", f"/api/campaigns/{campaign}", f"/api/campaigns/{campaign}/contacts", f"/api/calls/{call}",
    ]  # fmt: skip
    with (
        serving(configured(database_url)) as shown,
        serving(configured(database_url, feature_cost_tracking=False)) as hidden,
    ):
        for path in paths:
            assert 0.05 in costs(shown.get(path, headers=BEARER).json())
            assert set(costs(hidden.get(path, headers=BEARER).json())) == {None}
        rows = [
            next(csv.DictReader(io.StringIO(http.get(f"{paths[1]}/export.csv", headers=BEARER).text)))
            for http in (shown, hidden)
        ]
        metrics = hidden.get("/metrics").text

    assert [row["cost_usd"] for row in rows] == ["0.0500", ""]
    assert rows[1] | {"cost_usd": "0.0500"} == rows[0]
    assert "cost" not in metrics


def test_it_tells_no_costs_on_the_command_line_when_they_are_switched_off(desk: Product) -> None:
    campaign, _ = ended_campaign(desk.database)

    def said(*arguments: str, flag: str) -> str:
        return command_line.answer(desk, "campaign", *arguments, FEATURE_COST_TRACKING=flag)

    assert "0.05" in said("status", campaign, flag="true")
    assert "USD" not in said("status", campaign, flag="false")
    assert set(costs(json.loads(said("status", campaign, "--json", flag="false")))) == {None}
    assert next(csv.DictReader(io.StringIO(said("export", campaign, flag="false"))))["cost_usd"] == ""


def test_it_keeps_what_people_call_a_cost_when_costs_are_switched_off(database_url: str) -> None:
    settings = configured(database_url, feature_cost_tracking=False)
    with connect(settings) as database:
        desk = CallingDesk(database)
        contact = desk.contacts(1)[0] | {"variables": {"cost_usd": "12"}}
        desk.campaign(1, contacts=[contact], import_report={"skipped": [{"data": {"cost_usd": "7"}}]})

        assert desk.claim(1)[0]["variables"] == {"cost_usd": "12"}


def test_it_has_no_model_that_needs_a_cost() -> None:
    kinds = [kind for kind in vars(models).values() if isinstance(kind, type) and issubclass(kind, models.Row)]
    fields = [get_type_hints(kind)["cost_usd"] for kind in kinds if "cost_usd" in kind.model_fields]

    assert len(fields) > 4
    assert set(fields) == {Decimal | None}


def test_it_records_costs_though_they_are_switched_off(database: Database, database_url: str) -> None:
    with connect(configured(database_url, feature_cost_tracking=False)) as hiding:
        campaign, call = ended_campaign(hiding)
        assert hiding.call("get_call", id=call)["cost_usd"] is None

    assert database.call("get_call", id=call)["cost_usd"] == Decimal("0.05")
    assert database.call("get_campaign", id=campaign)["progress"]["cost_usd"] == Decimal("0.05")
