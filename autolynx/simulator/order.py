"""What one `POST /call` asked for, and when it arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .webhooks import Delivery

# The answer to an order and, if one was sent ahead of it, a message.
Admitted = tuple[dict[str, Any], Delivery | None]


@dataclass(frozen=True)
class Order:
    """An order for one call, or for a batch."""

    body: dict[str, Any]
    requested_ms: int  # real epoch milliseconds
    early_webhook: bool = False  # the first server message goes ahead of the answer

    def as_json(self) -> dict[str, Any]:
        """Return a form that JSON can hold."""
        return asdict(self)


def numbers(body: Any) -> list[str]:
    """Return the numbers that a body asks to call, of whatever form it is."""
    if not isinstance(body, Mapping):
        return []
    several = body.get("customers")
    asked = [body.get("customer"), *(several if isinstance(several, list) else [])]
    return [str(one["number"]) for one in asked if isinstance(one, Mapping) and one.get("number")]
