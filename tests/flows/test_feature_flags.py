"""Each feature flag changes what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from autolynx import campaigns, reports
from autolynx.assistants import create_assistant
from autolynx.errors import Forbidden, InvalidInput
from autolynx.settings import Settings
from autolynx.vapi.dialing import call_request
from tests.product import Product, running

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
    assistant = create_assistant(desk.database, desk.client, name="Ada", config={}, actor="Eva")
    created = campaigns.create_campaign(
        desk.database, desk.client, settings, content=CSV, name="Spring", assistant_id=assistant.id, actor="Eva",
        phone_number_id=line, mode=mode,
    )  # fmt: skip
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
        reports.require_export(Settings(_env_file=None, feature_export_functionality=False))


def test_it_asks_for_no_analysis_when_that_is_switched_off(desk: Product) -> None:
    assistant = create_assistant(desk.database, desk.client, name="Ada", config={}, actor="Eva")
    order = ORDER | {"provider_assistant_id": assistant.provider_assistant_id}

    plan = call_request(order, webhook_url="http://x", webhook_secret=None, is_analyzed=False)

    assert not plan.body["assistantOverrides"]["analysisPlan"]["summaryPlan"]["enabled"]
    answer = httpx.post(
        f"{desk.values['VAPI_BASE_URL']}/call", json=plan.body, headers={"Authorization": "Bearer simulator"}
    )
    assert answer.status_code == 201
