"""A new campaign: from the bytes of a list to what is stored. Everything is, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from autolynx.assistants.directory import get_assistant
from autolynx.campaigns.listing import get_campaign
from autolynx.campaigns.phone_lines import choose_phone_line
from autolynx.contacts.callees import who_is_called
from autolynx.contacts.reading import read_contacts
from autolynx.database import Database
from autolynx.errors import InvalidInput
from autolynx.models import CallingHours, Campaign, CampaignMode
from autolynx.models.import_report import ImportReport
from autolynx.regions import region_of_list
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient


@dataclass(frozen=True, slots=True)
class CreatedCampaign:
    """A new campaign and what became of its list."""

    campaign: Campaign
    import_report: ImportReport


def create_campaign(
    database: Database,
    client: VapiClient,
    settings: Settings,
    *,
    content: bytes,
    name: str,
    assistant_id: str | UUID,
    actor: str,
    phone_number_id: str | None = None,
    cap: int | None = None,
    mode: str = CampaignMode.CONTINUOUS,
    quiet_line: bool = False,
    calling_hours: CallingHours | None = None,
    region: str | None = None,
) -> CreatedCampaign:
    """Create a campaign from a CSV's bytes; it waits for Start. Everything is stored, or nothing.

    `region`: the country (ISO 3166) as whose the list's numbers without a country code are read; "none" for nobody's,
    None for DEFAULT_PHONE_REGION. Raises InvalidInput with one sentence for an unusable file, assistant, line, cap,
    mode or region.
    """
    if mode == CampaignMode.BATCH and not settings.feature_strict_batching:
        raise InvalidInput("Strict batches are switched off on this server (FEATURE_STRICT_BATCHING).")
    region_of_numbers = region_of_list(region, settings.default_phone_region)
    contacts, report = _read_list(database, content, settings, region_of_numbers, calling_hours)
    assistant = get_assistant(database, assistant_id)
    created = database.call(
        "create_campaign",
        name=name,
        mode=str(mode),
        cap=settings.default_concurrency_cap if cap is None else cap,
        assistant_id=assistant.id,
        phone_number_id=choose_phone_line(client, settings, phone_number_id),
        contacts=contacts,
        import_report=report.model_dump(mode="json"),
        actor=actor,
        quiet_line=quiet_line,
        calling_hours=calling_hours.model_dump(by_alias=True) if calling_hours else None,
    )
    return CreatedCampaign(get_campaign(database, created["id"]), report)


def _read_list(
    database: Database, content: bytes, settings: Settings, region: str | None, calling_hours: CallingHours | None
) -> tuple[list[dict[str, Any]], ImportReport]:
    limits = {"max_rows": settings.max_campaign_size, "max_bytes": settings.max_upload_mb * 1024**2}
    result = who_is_called(database, read_contacts(content, **limits, region=region), calling_hours)
    if not result.contacts:
        first = result.report.skipped[0]
        raise InvalidInput(
            f"{_nobody(result.report.total_rows)} can be called. Row {first.row}: {first.reason}",
            details=result.report.model_dump(mode="json"),
        )
    return [contact.model_dump(mode="json") for contact in result.contacts], result.report


def _nobody(rows: int) -> str:
    return f"None of the {rows:,} rows" if rows > 1 else "No row"
