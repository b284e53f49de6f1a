"""Admission: an order is taken on, and its calls exist; or it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .call_creation import (
    customers,
    is_told_blocked,
    new_call,
    refuse_if_closed,
    refuse_if_full,
    refuse_if_odd,
    resolved_assistant,
    resolved_line,
    told_limits,
)
from .errors import Refusal
from .order import Admitted, Order
from .simulator import Simulator


def created(office: Simulator, order: Order) -> Admitted:
    """Create what an order asks for; return the answer and, if one was sent ahead of it, a message."""
    people = customers(order.body)
    assistant = resolved_assistant(office, order.body)
    line_id = resolved_line(order.body)
    if order.body.get("customers") is None:
        return _admitted(office, order, assistant, line_id, people[0])
    return _batch(office, replace(order, early_webhook=False), assistant, line_id, people), None


def _batch(
    office: Simulator,
    order: Order,
    assistant: dict[str, Any],
    line_id: str,
    people: list[dict[str, Any]],
) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for customer in people:
        try:
            refuse_if_odd(office, str(customer["number"]))
            results.append(_admitted(office, order, assistant, line_id, customer)[0])
        except Refusal as refusal:
            errors.append({"customer": customer, "error": str(refusal)})
    for result in results:
        result.pop("subscriptionLimits", None)
    blocked = any("Over Concurrency Limit" in error["error"] for error in errors)
    return {**told_limits(office, blocked=blocked), "results": results, "errors": errors}


def _admitted(
    office: Simulator, order: Order, assistant: dict[str, Any], line_id: str, customer: dict[str, Any]
) -> Admitted:
    refuse_if_closed(office, line_id, str(customer["number"]))
    if order.body.get("schedulePlan") is None:
        refuse_if_full(office)
    call = new_call(office, order, assistant, customer)
    delivery = office.exchange.admit(call, early=order.early_webhook)
    limits = told_limits(office, blocked=is_told_blocked(office, call))
    return {**limits, **call.document}, delivery
