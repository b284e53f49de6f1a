"""`/api/campaigns`: create from a CSV, start, pause, resume, stop, read, export."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from autolynx.analysis.exports import export_csv, export_file_name, require_export
from autolynx.api.answers import Answer, Paged, Pagination, text_content
from autolynx.api.answers.campaigns import (
    CampaignAnswer,
    CampaignCreated,
    CampaignDeleted,
    CampaignsAnswer,
    ContactsAnswer,
    ExplanationAnswer,
)
from autolynx.api.routing import api_router
from autolynx.api.services import Acting, Use
from autolynx.api.uploads import FORM_SCHEMA, read_form
from autolynx.campaigns import lifecycle
from autolynx.campaigns.deleting import delete_campaign
from autolynx.campaigns.explanations import explain_campaign
from autolynx.campaigns.listing import get_campaign, list_campaigns
from autolynx.campaigns.new import create_campaign
from autolynx.contacts import listing as contacts_listing
from autolynx.models import CallOutcome, ContactState

router = api_router("/api/campaigns", "campaigns")

_LINES_A_PIECE = 500


@router.post("", status_code=201, response_model=CampaignCreated, openapi_extra=FORM_SCHEMA)
async def create(request: Request, use: Use, actor: Acting) -> Response:
    """Create a campaign from a contact list. Nobody is called before it is started."""
    new, content = await read_form(request, use.settings.max_upload_mb * 1024**2)
    created = await run_in_threadpool(
        create_campaign,
        use.database,
        use.client,
        use.settings,
        new,
        content,
        actor=actor,
    )
    return Answer(CampaignCreated(campaign=created.campaign, import_report=created.import_report), 201)


@router.get("", response_model=CampaignsAnswer)
def list_all(use: Use, actor: Acting, paging: Paged) -> Response:
    """List the campaigns with their progress, newest first."""
    found = list_campaigns(use.database, page=paging.page, limit=paging.limit, actor=actor)
    return Answer(CampaignsAnswer(campaigns=found.items, pagination=Pagination.of(found)))


@router.get("/{campaign_id}", response_model=CampaignAnswer)
def get(use: Use, actor: Acting, campaign_id: str) -> Response:
    """Show a campaign with its progress, import report and the calls on its lines now."""
    return Answer(CampaignAnswer(campaign=get_campaign(use.database, campaign_id, actor=actor)))


@router.post("/{campaign_id}/start", response_model=CampaignAnswer)
def start(use: Use, actor: Acting, campaign_id: str) -> Response:
    """Start dialing. Safe to repeat."""
    return Answer(CampaignAnswer(campaign=lifecycle.start_campaign(use.database, campaign_id, actor=actor)))


@router.post("/{campaign_id}/pause", response_model=CampaignAnswer)
def pause(use: Use, actor: Acting, campaign_id: str) -> Response:
    """Take no new calls; those under way finish. Safe to repeat."""
    return Answer(CampaignAnswer(campaign=lifecycle.pause_campaign(use.database, campaign_id, actor=actor)))


@router.post("/{campaign_id}/resume", response_model=CampaignAnswer)
def resume(use: Use, actor: Acting, campaign_id: str) -> Response:
    """Dial on after a pause. Safe to repeat."""
    return Answer(CampaignAnswer(campaign=lifecycle.resume_campaign(use.database, campaign_id, actor=actor)))


@router.post("/{campaign_id}/stop", response_model=CampaignAnswer)
def stop(use: Use, actor: Acting, campaign_id: str, hang_up: bool = False) -> Response:
    """End a campaign for good; calls under way finish, or are hung up with hang_up=true. Safe to repeat."""
    stopped = lifecycle.stop_campaign(use.database, campaign_id, actor=actor, hang_up=hang_up)
    return Answer(CampaignAnswer(campaign=stopped))


@router.delete("/{campaign_id}", response_model=CampaignDeleted)
def delete(use: Use, actor: Acting, campaign_id: str) -> Response:
    """Delete a campaign that is over or was never started, with its contacts, calls and conversations, for good."""
    erasure = delete_campaign(use.database, campaign_id, actor=actor)
    return Answer(CampaignDeleted(deleted=campaign_id, erasure=erasure))


@router.get("/{campaign_id}/explanation", response_model=ExplanationAnswer)
def explain(use: Use, actor: Acting, campaign_id: str) -> Response:
    """Say why a campaign is not dialing, in plain words, by the scheduler's own rules."""
    return Answer(ExplanationAnswer(explanation=explain_campaign(use.database, campaign_id, actor=actor)))


@router.get("/{campaign_id}/contacts", response_model=ContactsAnswer)
def list_contacts(
    use: Use,
    actor: Acting,
    campaign_id: str,
    paging: Paged,
    state: Annotated[str | None, Query(description=f"one of {', '.join(ContactState)}")] = None,
    outcome: Annotated[str | None, Query(description=f"of who is settled: one of {', '.join(CallOutcome)}")] = None,
    search: Annotated[str | None, Query(description="part of a name, business or number")] = None,
) -> Response:
    """List a campaign's contacts, in the order of the list, with what the last call came to."""
    found = contacts_listing.list_contacts(
        use.database,
        campaign_id,
        actor=actor,
        state=state,
        outcome=outcome,
        search=search,
        page=paging.page,
        limit=paging.limit,
    )
    return Answer(ContactsAnswer(contacts=found.items, pagination=Pagination.of(found)))


@router.get(
    "/{campaign_id}/export.csv",
    response_class=Response,
    responses={200: text_content("text/csv", "A row a contact, header first")},
)
def export(use: Use, actor: Acting, campaign_id: str) -> Response:
    """Export a campaign's results as CSV, a row a contact."""
    require_export(use.settings)
    name = get_campaign(use.database, campaign_id, actor=actor).name
    lines = export_csv(use.database, campaign_id, actor=actor)
    headers = {"Content-Disposition": f'attachment; filename="{export_file_name(name)}"'}
    return StreamingResponse(_pieces(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """Many lines at once: each piece is a turn on a thread."""
    while piece := "".join(islice(lines, _LINES_A_PIECE)):
        yield piece
