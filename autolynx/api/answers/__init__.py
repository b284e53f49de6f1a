"""What the API answers with, a file a noun: one thing as `{"<singular>": …}`, many with where the page stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from autolynx.models import Page
from autolynx.models.page import MAX_PAGE_SIZE
from autolynx.models.serialization import sent_json

MAX_PAGE = 1_000_000


class Answer(Response):
    """A JSON answer."""

    media_type = "application/json"

    def __init__(self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code, headers)

    def render(self, content: Any) -> bytes:
        """Half a character is written as its escape, which JSON allows and UTF-8 does not."""
        return sent_json(content).encode(errors="backslashreplace")


class Paging(BaseModel):
    """Which part of a list is wanted."""

    page: int
    limit: int


def _paging(
    page: Annotated[int, Query(ge=1, le=MAX_PAGE, description="the first page is 1")] = 1,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="how many a page")] = 50,
) -> Paging:
    return Paging(page=page, limit=limit)


Paged = Annotated[Paging, Depends(_paging)]


class Pagination(BaseModel):
    """Where a page of a list stands."""

    page: int
    limit: int
    total: int
    pages: int

    @classmethod
    def of(cls, page: Page[Any]) -> Pagination:
        """Where this one stands."""
        return cls(page=page.page, limit=page.limit, total=page.total, pages=page.pages)


def text_content(media_type: str, description: str) -> dict[str, Any]:
    """How an answer that is no JSON is described; its route's class is Response, so that its errors still are JSON."""
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}
