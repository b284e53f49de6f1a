"""`/api/assistants`: the directory of voice assistants."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import AliasChoices, BaseModel, Field, model_validator
from starlette.responses import Response

from autolynx.api.answers import Answer, Paged, Pagination
from autolynx.api.answers.assistants import AssistantAnswer, AssistantDeleted, AssistantsAnswer
from autolynx.api.routing import api_router
from autolynx.api.services import Acting, Use
from autolynx.assistants import directory
from autolynx.models import identifier

router = api_router("/api/assistants", "assistants")

_NUL = re.compile(r"(?<!\\)(\\\\)*\\u0000")


class Body(BaseModel):
    """A request's JSON, refused as a whole when it cannot be sent on and stored as it is."""

    @model_validator(mode="before")
    @classmethod
    def _is_storable(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value  # refused for that
        try:
            text = json.dumps(value, allow_nan=False, ensure_ascii=False)
            text.encode()
        except ValueError:
            raise ValueError("The JSON holds half a character (a lone surrogate).") from None
        if _NUL.search(text):
            raise ValueError("The JSON holds a NUL character, which cannot be stored.")
        return value


class NewAssistant(Body):
    """A new assistant."""

    name: str = Field(description="1 to 40 characters")
    config: dict[str, Any] = Field(description="in Vapi's own form, or the short one of the template assistants")


class AssistantImport(Body):
    """An assistant that exists at Vapi."""

    provider_assistant_id: str = Field(
        validation_alias=AliasChoices("provider_assistant_id", "providerAssistantId"),
        description="its id at Vapi; providerAssistantId is accepted too",
    )
    name: str | None = Field(None, description="instead of its name at Vapi")


class AssistantChange(Body):
    """What shall be different; the rest stays."""

    name: str | None = None
    config: dict[str, Any] | None = None
    active: bool | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> AssistantChange:
        if self.name is None and self.config is None and self.active is None:
            raise ValueError("There is nothing to change: give name, config or active.")
        return self


class AssistantCopy(Body):
    """How the copy is called."""

    name: str | None = None


@router.post("", status_code=201, response_model=AssistantAnswer)
def create(use: Use, actor: Acting, body: NewAssistant) -> Response:
    """Create an assistant at Vapi and in the directory, or neither."""
    created = directory.create_assistant(use.database, use.client, name=body.name, config=body.config, actor=actor)
    return Answer(AssistantAnswer(assistant=created), 201)


@router.get("", response_model=AssistantsAnswer)
def list_all(
    use: Use, actor: Acting, paging: Paged, active: Annotated[bool, Query(description="only those switched on")] = False
) -> Response:
    """List the directory, own assistants first, then the templates."""
    found = directory.list_assistants(
        use.database, active_only=active, page=paging.page, limit=paging.limit, actor=actor
    )
    return Answer(AssistantsAnswer(assistants=found.items, pagination=Pagination.of(found)))


@router.post("/import", status_code=201, response_model=AssistantAnswer)
def import_(use: Use, actor: Acting, body: AssistantImport) -> Response:
    """Take an assistant from Vapi into the directory, or refresh it there. Safe to repeat."""
    imported = directory.import_assistant(
        use.database,
        use.client,
        provider_assistant_id=body.provider_assistant_id,
        name=body.name,
        actor=actor,
    )
    return Answer(AssistantAnswer(assistant=imported), 201)


@router.get("/{assistant_id}", response_model=AssistantAnswer)
def get(use: Use, actor: Acting, assistant_id: str) -> Response:
    """Show an assistant."""
    return Answer(AssistantAnswer(assistant=directory.get_assistant(use.database, assistant_id, actor=actor)))


@router.patch("/{assistant_id}", response_model=AssistantAnswer)
def update(use: Use, actor: Acting, assistant_id: str, body: AssistantChange) -> Response:
    """Change an assistant at Vapi and in the directory, or neither."""
    changed = directory.update_assistant(use.database, use.client, assistant_id, actor=actor, **body.model_dump())
    return Answer(AssistantAnswer(assistant=changed))


@router.delete("/{assistant_id}", response_model=AssistantDeleted)
def delete(use: Use, actor: Acting, assistant_id: str) -> Response:
    """Take an assistant out of the directory; Vapi keeps its own. Refused while campaigns use it."""
    wanted = identifier.identifier(assistant_id, "an assistant")
    directory.delete_assistant(use.database, wanted, actor=actor)
    return Answer(AssistantDeleted(deleted=UUID(wanted)))


@router.post("/{assistant_id}/clone", status_code=201, response_model=AssistantAnswer)
def clone(use: Use, actor: Acting, assistant_id: str, body: AssistantCopy | None = None) -> Response:
    """Copy an assistant, usually a template, into one of your own."""
    name = body.name if body else None
    copy = directory.clone_assistant(use.database, use.client, assistant_id, name=name, actor=actor)
    return Answer(AssistantAnswer(assistant=copy), 201)
