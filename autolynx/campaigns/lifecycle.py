"""Campaigns: create, start, pause, resume, stop; and what pages and scripts read of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from autolynx.assistants.directory import get_assistant, identifier
from autolynx.campaigns.phone_lines import choose_phone_line
from autolynx.contacts.callees import who_is_called
from autolynx.contacts.import_report import ImportReport
from autolynx.contacts.reading import read_contacts
from autolynx.database import Database
from autolynx.errors import InvalidInput
from autolynx.models import Call, CallingHours, Campaign, CampaignMode, Contact, Explanation, Page
from autolynx.regions import region_of_list
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient

MAX_PAGE_SIZE = 1000


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


def list_campaigns(database: Database, *, page: int = 1, limit: int = 50) -> Page[Campaign]:
    """Every campaign, newest first."""
    found = database.call("list_campaigns", page=page, limit=limit)
    items = [Campaign.model_validate(row) for row in found["campaigns"]]
    return Page[Campaign](items=items, total=found["total"], page=page, limit=limit)


def get_campaign(database: Database, campaign_id: str | UUID) -> Campaign:
    """One campaign with its progress and the calls on its lines now. Raises NotFound."""
    return Campaign.model_validate(database.call("get_campaign", id=identifier(campaign_id, "a campaign")))


def start_campaign(database: Database, campaign_id: str | UUID, *, actor: str) -> Campaign:
    """Dial. Safe to repeat. Raises NotFound, or Conflict when it is over or paused."""
    return _change(database, "start_campaign", campaign_id, actor=actor)


def pause_campaign(database: Database, campaign_id: str | UUID, *, actor: str) -> Campaign:
    """Take no new calls; those under way finish. Safe to repeat. Raises NotFound or Conflict."""
    return _change(database, "pause_campaign", campaign_id, actor=actor)


def resume_campaign(database: Database, campaign_id: str | UUID, *, actor: str) -> Campaign:
    """Dial on after a pause. Safe to repeat. Raises NotFound or Conflict."""
    return _change(database, "resume_campaign", campaign_id, actor=actor)


def stop_campaign(database: Database, campaign_id: str | UUID, *, actor: str, hang_up: bool = False) -> Campaign:
    """End a campaign for good. Safe to repeat.

    Calls under way finish and are recorded; with `hang_up` the schedulers end them.
    """
    return _change(database, "stop_campaign", campaign_id, actor=actor, hang_up=hang_up)


def _change(database: Database, function: str, campaign_id: str | UUID, *, actor: str, **others: Any) -> Campaign:
    wanted = identifier(campaign_id, "a campaign")
    database.call(function, id=wanted, actor=actor, **others)
    return get_campaign(database, wanted)


def explain_campaign(database: Database, campaign_id: str | UUID) -> Explanation:
    """Why a campaign is not dialing, by the scheduler's own rules. Raises NotFound."""
    return Explanation.model_validate(database.call("explain_campaign", id=identifier(campaign_id, "a campaign")))


def explain_contact(database: Database, contact_id: str | UUID) -> Explanation:
    """Why one contact is not being called, by the scheduler's own rules. Raises NotFound."""
    return Explanation.model_validate(database.call("explain_contact", id=identifier(contact_id, "a contact")))


def hang_up_call(database: Database, call_id: str | UUID, *, actor: str) -> None:
    """Have a call ended by the next scheduler that looks. Safe to repeat. Raises NotFound, Conflict when over."""
    database.call("hang_up_call", id=identifier(call_id, "a call"), actor=actor)


def list_contacts(
    database: Database,
    campaign_id: str | UUID,
    *,
    filter_by: str | None = None,
    search: str | None = None,
    page: int = 1,
    limit: int = 50,
) -> Page[Contact]:
    """A campaign's contacts in the order of the list.

    `filter_by`: waiting, calling, settled or an outcome; `search`: part of a name, business or number.
    """
    found = database.call(
        "list_contacts",
        campaign_id=identifier(campaign_id, "a campaign"),
        filter=filter_by,
        search=search or None,
        page=page,
        limit=limit,
    )
    items = [Contact.model_validate(row) for row in found["contacts"]]
    return Page[Contact](items=items, total=found["total"], page=page, limit=limit)


def get_call(database: Database, call_id: str | UUID) -> Call:
    """One call with its conversation and timeline. Raises NotFound."""
    return Call.model_validate(database.call("get_call", id=identifier(call_id, "a call")))
