"""`/api/calls` and `/api/phone-numbers`."""

from __future__ import annotations

from starlette.responses import Response

from autolynx.api.answers import Answer, Paged, Pagination
from autolynx.api.answers.calls import CallAnswer, PhoneNumbersAnswer
from autolynx.api.answers.campaigns import ExplanationAnswer
from autolynx.api.routing import api_router
from autolynx.api.services import Acting, Use
from autolynx.calls.hanging_up import hang_up_call
from autolynx.calls.reading import get_call
from autolynx.campaigns.explanations import explain_contact
from autolynx.campaigns.phone_lines import list_phone_lines
from autolynx.models import Page, PhoneLine

router = api_router("/api")


@router.get("/calls/{call_id}", response_model=CallAnswer, tags=["calls"])
def get(use: Use, actor: Acting, call_id: str) -> Response:
    """Show a call with its conversation and timeline."""
    return Answer(CallAnswer(call=get_call(use.database, call_id, actor=actor)))


@router.post("/calls/{call_id}/hang-up", response_model=CallAnswer, tags=["calls"])
def hang_up(use: Use, actor: Acting, call_id: str) -> Response:
    """End a live call. Safe to repeat; the call's status changes when the provider says that it is over."""
    hang_up_call(use.database, call_id, actor=actor)
    return Answer(CallAnswer(call=get_call(use.database, call_id, actor=actor)))


@router.get("/contacts/{contact_id}/explanation", response_model=ExplanationAnswer, tags=["calls"])
def explain(use: Use, actor: Acting, contact_id: str) -> Response:
    """Say why a contact is not being called, in plain words, by the scheduler's own rules."""
    return Answer(ExplanationAnswer(explanation=explain_contact(use.database, contact_id, actor=actor)))


@router.get("/phone-numbers", response_model=PhoneNumbersAnswer, tags=["phone numbers"])
def list_lines(use: Use, actor: Acting, paging: Paged) -> Response:
    """List the Vapi account's phone numbers, the configured default first."""
    lines = list_phone_lines(use.client, use.settings, actor=actor)
    first = (paging.page - 1) * paging.limit
    some = lines[first : first + paging.limit]
    found = Page[PhoneLine](items=some, total=len(lines), page=paging.page, limit=paging.limit)
    return Answer(PhoneNumbersAnswer(phone_numbers=some, pagination=Pagination.of(found)))
