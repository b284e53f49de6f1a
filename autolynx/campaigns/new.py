"""A new campaign: from the bytes of a list to what is stored. Everything is, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autolynx.access.actor import Actor, Right
from autolynx.assistants.directory import get_assistant
from autolynx.campaigns.listing import get_campaign
from autolynx.campaigns.phone_lines import choose_phone_line
from autolynx.contacts.callees import who_is_called
from autolynx.contacts.reading import read_contacts
from autolynx.database import Database
from autolynx.database.arguments import encode
from autolynx.errors import InvalidInput
from autolynx.models import CallingHours, Campaign, CampaignMode, NewCampaign
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
    new: NewCampaign,
    content: bytes,
    *,
    actor: Actor,
) -> CreatedCampaign:
    """Create a campaign from a CSV's bytes; it waits for Start. Everything is stored, or nothing.

    Raises InvalidInput with one sentence for an unusable file, or a field of which nothing can be made.
    """
    actor.require(Right.CHANGE)
    if new.mode == CampaignMode.BATCH and not settings.feature_strict_batching:
        raise InvalidInput("Strict batches are switched off on this server (FEATURE_STRICT_BATCHING).")
    region_of_numbers = region_of_list(new.region, settings.default_phone_region)
    contacts, report = _read_list(database, actor, content, settings, region_of_numbers, new.calling_hours)
    assistant = get_assistant(database, new.assistant_id, actor=actor)
    chosen = {
        "assistant_id": str(assistant.id),
        "phone_number_id": choose_phone_line(client, settings, new.phone_number_id, actor=actor),
        "cap": settings.default_concurrency_cap if new.cap is None else new.cap,
    }
    created = database.call(
        "create_campaign",
        new=_stored(new.model_copy(update=chosen)),
        list={"contacts": contacts, "import_report": report.model_dump(mode="json")},
        actor=actor.name,
    )
    return CreatedCampaign(get_campaign(database, created["id"], actor=actor), report)


def _stored(new: NewCampaign) -> dict[str, Any]:
    """What SQL takes of it; the region was the list's. A text that cannot be stored is refused by its field's name."""
    fields = new.model_dump(mode="json", by_alias=True, exclude={"region"})
    encode(fields)
    return fields


def _read_list(
    database: Database,
    actor: Actor,
    content: bytes,
    settings: Settings,
    region: str | None,
    calling_hours: CallingHours | None,
) -> tuple[list[dict[str, Any]], ImportReport]:
    limits = {"max_rows": settings.max_campaign_size, "max_bytes": settings.max_upload_mb * 1024**2}
    read = read_contacts(content, **limits, region=region)
    result = who_is_called(database, read, calling_hours, actor=actor)
    if not result.contacts:
        first = result.report.skipped[0]
        raise InvalidInput(
            f"{_nobody(result.report.total_rows)} can be called. Row {first.row}: {first.reason}",
            details=result.report.model_dump(mode="json"),
        )
    return [contact.model_dump(mode="json") for contact in result.contacts], result.report


def _nobody(rows: int) -> str:
    return f"None of the {rows:,} rows" if rows > 1 else "No row"
