"""The organisation's phone lines: three, the same in every simulator."""

from __future__ import annotations

from typing import Any

ORG_ID = "0a000000-0000-4000-8000-000000000001"
MAIN_LINE = "0c000000-0000-4000-8000-000000000001"
SECOND_LINE = "0c000000-0000-4000-8000-000000000002"
FREE_LINE = "0c000000-0000-4000-8000-000000000003"

_BORN = "2026-01-05T09:00:0{}.000Z"


def _line(identifier: str, order: int, provider: str, number: str, name: str) -> dict[str, Any]:
    line = {
        "id": identifier,
        "orgId": ORG_ID,
        "createdAt": _BORN.format(order),
        "updatedAt": _BORN.format(order),
        "provider": provider,
        "number": number,
        "name": name,
        "status": "active",
    }
    if provider == "twilio":
        line["twilioAccountSid"] = "AC00000000000000000000000000000000"
    return line


LINES: dict[str, dict[str, Any]] = {
    line["id"]: line
    for line in (
        _line(MAIN_LINE, 1, "twilio", "+14155550100", "Main line"),
        _line(SECOND_LINE, 2, "twilio", "+12125550101", "Second line"),
        _line(FREE_LINE, 3, "vapi", "+16285550102", "Free Vapi line"),
    )
}


def is_free(line_id: str) -> bool:
    """Tell whether a line is one of Vapi's own, with a daily cap and no calls abroad."""
    return bool(LINES[line_id]["provider"] == "vapi")
