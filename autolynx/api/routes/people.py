"""`/api/people`: what a person may ask for."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from autolynx.api.answers import Answer
from autolynx.api.answers.people import ErasureAnswer
from autolynx.api.errors import ErrorAnswer
from autolynx.api.reading import BoundedRoute
from autolynx.api.services import Acting, Use
from autolynx.api.tokens import ShowsToken
from autolynx.contacts.erasing import erase_person

router = APIRouter(
    prefix="/api/people",
    tags=["people"],
    dependencies=[ShowsToken],
    route_class=BoundedRoute,
    responses={"default": {"model": ErrorAnswer, "description": "What went wrong"}},
)


class Erase(BaseModel):
    """Whom to erase."""

    phone: str = Field(description="with its country code, such as +14155550123", max_length=100)
    is_kept_out: bool = Field(True, description="keep the number, alone, on the do-not-call list")


@router.post("/erase", response_model=ErasureAnswer)
def erase(use: Use, actor: Acting, body: Erase) -> Response:
    """Erase every contact with a number, with calls, conversations and events. Safe to repeat."""
    erasure = erase_person(use.database, body.phone, actor=actor, is_kept_out=body.is_kept_out)
    return Answer(ErasureAnswer(erasure=erasure))
