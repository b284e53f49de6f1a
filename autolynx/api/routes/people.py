"""`/api/people`: what a person may ask for."""

from __future__ import annotations

from pydantic import BaseModel, Field
from starlette.responses import Response

from autolynx.api.answers import Answer
from autolynx.api.answers.people import ErasureAnswer
from autolynx.api.routing import api_router
from autolynx.api.services import Acting, Use
from autolynx.contacts.erasing import erase_person

router = api_router("/api/people", "people")


class Erase(BaseModel):
    """Whom to erase."""

    phone: str = Field(description="with its country code, such as +14155550123", max_length=100)
    is_kept_out: bool = Field(True, description="keep the number, alone, on the do-not-call list")


@router.post("/erase", response_model=ErasureAnswer)
def erase(use: Use, actor: Acting, body: Erase) -> Response:
    """Erase every contact with a number, with calls, conversations and events. Safe to repeat."""
    erasure = erase_person(use.database, body.phone, actor=actor, is_kept_out=body.is_kept_out)
    return Answer(ErasureAnswer(erasure=erasure))
