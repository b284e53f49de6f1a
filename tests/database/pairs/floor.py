"""A call or a contact in the state that a pair begins with, and what is looked at in the end."""

from __future__ import annotations

from typing import Any

from tests.support.desk import NOON, Desk, later


def code(answer: Any) -> Any:
    """The SQLSTATE of a refusal; another answer as it is."""
    return getattr(answer, "sqlstate", answer)


def claimed(desk: Desk, **others: Any) -> tuple[str, dict[str, Any]]:
    campaign = desk.campaign(1, **others)
    return campaign, desk.claim(1)[0]


def dialing(desk: Desk) -> tuple[str, dict[str, Any]]:
    campaign, order = claimed(desk)
    assert desk.begin(order)
    return campaign, order


def in_doubt(desk: Desk) -> tuple[str, dict[str, Any]]:
    campaign, order = claimed(desk)
    desk.in_doubt(order)
    return campaign, order


def looked_for(desk: Desk) -> tuple[str, dict[str, Any]]:
    """A dial in doubt that needs one absent look more to be given up."""
    campaign, order = in_doubt(desk)
    assert {desk.absent(order, at) for at in (60, 120, 240)} == {"nothing"}
    return campaign, order


def contact(desk: Desk, campaign: str) -> tuple[Any, ...]:
    (found,) = desk.all_contacts(campaign)
    return found["state"], found["outcome"], found["attempts"]


def call(desk: Desk, order: dict[str, Any], *fields: str) -> Any:
    """Some columns of a call's row; None when it has none."""
    rows = desk.execute("select to_jsonb(c) from public.calls c where id = %s", order["call_id"])
    if not rows:
        return None
    values = tuple(rows[0][0][field] for field in fields or ("status", "dial_state"))
    return values if len(values) > 1 else values[0]


def provider_calls(desk: Desk) -> list[str]:
    """The provider's calls that have a row."""
    rows = desk.execute("select provider_call_id from public.calls where provider_call_id is not null order by 1")
    return [provider_call_id for (provider_call_id,) in rows]


def repairs(desk: Desk, at: float) -> tuple[int, int]:
    taken = desk.database.call("take_repairs", now=later(at))
    return len(taken["calls"]), taken["given_back"]


def origin(desk: Desk, campaign: str) -> dict[str, Any]:
    return {
        "campaign_id": campaign,
        "phone": desk.all_contacts(campaign)[0]["phone"],
        "attempt": 1,
        "phone_number_id": "line-1",
        "created_at": NOON.isoformat(),
    }


def release(desk: Desk, order: dict[str, Any], **others: Any) -> bool:
    answer = desk.database.call("release_call", call_id=order["call_id"], now=NOON, **others)
    return bool(answer["changed"])


def block(desk: Desk, order: dict[str, Any]) -> bool:
    return bool(desk.database.call("block_call", call_id=order["call_id"], reason="x", now=NOON)["changed"])
