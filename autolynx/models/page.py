"""Some of many."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")

#: The most that one page may hold.
MAX_PAGE_SIZE = 1000


class Page(BaseModel, Generic[T]):
    """Some of many: `items` is page `page` of `total` things, `limit` a page."""

    items: list[T]
    total: int
    page: int
    limit: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.limit))
