"""What the API answers with: JSON in which money is a number, and pages of lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from autolynx.models import Page
from autolynx.models.page import MAX_PAGE_SIZE

MAX_PAGE = 1_000_000


class Answer(Response):
    """A JSON answer."""

    media_type = "application/json"

    def __init__(self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code, headers)

    def render(self, content: Any) -> bytes:
        """Half a character is written as its escape, which JSON allows and UTF-8 does not."""
        text = json.dumps(content, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode(errors="backslashreplace")


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):  # what the database did not send, as in a list, is left out
        return value.model_dump(exclude_unset=True)
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


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


def listing(plural: str, page: Page[Any]) -> Answer:
    """Answer with a page of a list and where it stands."""
    pagination = {"page": page.page, "limit": page.limit, "total": page.total, "pages": page.pages}
    return Answer({plural: page.items, "pagination": pagination})
