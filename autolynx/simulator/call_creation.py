"""From the body of `POST /call` to a call, or to the refusal the provider would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .call import Call
from .clock import iso, now_ms, parse_iso_ms, uuid7
from .conversation import Cast
from .errors import Refusal, bad_request
from .exchange import effective_assistant
from .fate import NO_LINE, Fate, draw, stillborn, turned_away
from .faults import rate_limited
from .lines import LINES, ORG_ID, is_free
from .order import Order
from .simulator import Simulator

_OVER_LIMIT = "Over Concurrency Limit"
_SOURCES = ("assistantId", "assistant", "squadId", "squad", "workflowId", "workflow")
_NOT_SIMULATED = ("squadId", "squad", "workflowId", "workflow", "phoneNumber", "customerId")
_ECHOED = (
    "assistantId",
    "assistant",
    "assistantVersion",
    "assistantOverrides",
    "phoneNumberId",
    "name",
    "schedulePlan",
)


def resolved_assistant(simulator: Simulator, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the one assistant a body names, or refuse it."""
    given = [name for name in _SOURCES if body.get(name) is not None]
    if len(given) != 1:
        raise bad_request(
            "Couldn't Start Call. Need Exactly One Of `assistantId`, `assistant`, `squadId`, `squad`, "
            "`workflowId` Or `workflow`."
        )
    for name in _NOT_SIMULATED:
        if body.get(name) is not None:
            raise bad_request(f"Couldn't Start Call. `{name}` Is Not Simulated.")
    if body.get("assistantVersion") is not None and "assistantId" not in given:
        raise bad_request("assistantVersion is only supported with assistantId")
    if "assistant" in given:
        return dict(body["assistant"])
    assistant = simulator.assistants.get(body["assistantId"])
    if assistant is None:
        raise bad_request(f"Couldn't Get Assistant. `assistantId` {body['assistantId']} Does Not Exist.")
    return assistant


def resolved_line(body: Mapping[str, Any]) -> str:
    """Return the id of the line a body names, or refuse it."""
    line_id = body.get("phoneNumberId")
    if line_id is None:
        raise bad_request("Couldn't Start Call. Need Either `phoneNumberId` Or `phoneNumber`.")
    if line_id not in LINES:
        raise bad_request(f"Couldn't Get Phone Number. `phoneNumberId` {line_id} Does Not Exist.")
    return str(line_id)


def customers(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the people a body asks to call."""
    one, several = body.get("customer"), body.get("customers")
    if one is not None and several is not None:
        raise bad_request("Couldn't Start Call. Provide Either `customer` Or `customers`, Not Both.")
    if one is None and not several:
        raise bad_request("Couldn't Start Call. Need `customer` Or `customers`.")
    found = [one] if one is not None else list(several or [])
    if any(not customer.get("number") for customer in found):
        raise bad_request(["customer.number should not be null or undefined"])
    return found


def refuse_if_odd(simulator: Simulator, number: str) -> None:
    """Refuse a number that a knob has a complaint about."""
    complaint = simulator.knobs.odd_numbers.get(number)
    if complaint is not None:
        raise bad_request(complaint)


def refuse_if_closed(simulator: Simulator, line_id: str, number: str) -> None:
    """Refuse a call that the account or the line does not allow now."""
    knobs = simulator.knobs
    if knobs.out_of_credit and knobs.out_of_credit_as == "refuse_400":
        raise bad_request("Couldn't Start Call. Wallet Balance Is -0.02. Purchase More Credits Or Upgrade Your Plan.")
    if is_free(line_id):
        if not number.startswith("+1"):
            raise bad_request("Couldn't start call. Free Vapi numbers do not support international calls.")
        if simulator.exchange.calls_today(line_id) >= knobs.free_line_daily_cap:
            raise bad_request(
                "Couldn't Start Call. Numbers Bought On Vapi Have A Daily Outbound Call Limit. "
                "Import Your Own Twilio Numbers To Scale Without Limits."
            )


def refuse_if_full(simulator: Simulator) -> None:
    """Refuse a call when the organisation's lines are all taken and the knob says refuse."""
    if not simulator.exchange.is_full():
        return
    knobs = simulator.knobs
    if knobs.over_limit == "refuse_400":
        more = {"subscriptionLimits": _limits(simulator, blocked=True)} if knobs.limits_in_refusal else None
        raise Refusal(400, _OVER_LIMIT, more=more)
    if knobs.over_limit == "refuse_429":
        raise rate_limited(knobs.retry_after)
    if knobs.over_limit == "refuse_429_concurrency":
        raise rate_limited(knobs.retry_after, _OVER_LIMIT)


def new_call(simulator: Simulator, order: Order, assistant: dict[str, Any], customer: dict[str, Any]) -> Call:
    """Return a call that can be admitted; nothing is dialed yet."""
    body, created = order.body, now_ms()
    overrides = customer.get("assistantOverrides") or body.get("assistantOverrides") or {}
    effective = effective_assistant(assistant, overrides)
    number = str(customer["number"])
    nth = simulator.exchange.calls_to(number)
    fate = draw(simulator.seed, number, nth, effective, Cast.of(customer, effective), simulator.knobs)
    plan = body.get("schedulePlan")
    planned = _planned(simulator, plan) if plan else None
    if_full = _fate_if_full(simulator, number, nth, fate)
    progress, fate = simulator.exchange.first_progress(fate, if_full, created, planned)
    document = _document(simulator, body, customer, created, effective)
    document["status"] = progress.status
    return Call(document, effective, number, nth, order.requested_ms, created, fate, progress)


def is_told_blocked(simulator: Simulator, call: Call) -> bool:
    """Tell whether the answer to a call says that no line was free for it."""
    return call.fate.ended_reason == NO_LINE and simulator.knobs.over_limit != "accept_then_end"


def told_limits(simulator: Simulator, *, blocked: bool) -> dict[str, Any]:
    """Return the part of a 201 with `subscriptionLimits` as of now; nothing when the knob says so."""
    is_told = simulator.knobs.limits_told
    return {"subscriptionLimits": _limits(simulator, blocked=blocked)} if is_told else {}


def _limits(simulator: Simulator, *, blocked: bool) -> dict[str, Any]:
    knobs = simulator.knobs
    free = knobs.concurrency_limit - knobs.inbound_calls - simulator.exchange.active
    return {
        "concurrencyBlocked": blocked,
        "concurrencyLimit": knobs.concurrency_limit,
        "remainingConcurrentCalls": max(0, free),
    }


def _fate_if_full(simulator: Simulator, number: str, nth: int, fate: Fate) -> Fate:
    if simulator.knobs.over_limit == "wait":
        return fate
    if simulator.knobs.over_limit == "accept_then_end":
        return turned_away(simulator.seed, number, nth)
    return stillborn(NO_LINE)


def _planned(simulator: Simulator, plan: Mapping[str, Any]) -> float:
    try:
        return simulator.clock.real_ms(parse_iso_ms(plan["earliestAt"]))
    except ValueError as error:
        raise bad_request(["schedulePlan.earliestAt must be a valid ISO 8601 date string"]) from error


def _document(
    simulator: Simulator,
    body: Mapping[str, Any],
    customer: dict[str, Any],
    created: int,
    effective: Mapping[str, Any],
) -> dict[str, Any]:
    shown = simulator.clock.shown_ms(created)
    identifier = uuid7(shown)
    line = LINES[body["phoneNumberId"]]
    echoed = {name: body[name] for name in _ECHOED if body.get(name) is not None}
    document = {
        "id": identifier,
        "orgId": ORG_ID,
        "type": "outboundPhoneCall",
        "status": "queued",
        "createdAt": iso(shown),
        "updatedAt": iso(shown),
        **echoed,
        "customer": customer,
        "cost": 0,
        "phoneCallProvider": line["provider"],
        "phoneCallTransport": "pstn",
        "phoneCallProviderId": f"CA{identifier.replace('-', '')}",
        "monitor": _monitor(simulator, identifier, effective.get("monitorPlan") or {}),
        "transport": {"conversationType": "voice", "provider": line["provider"]},
    }
    if "twilioAccountSid" in line:
        document["transport"]["accountSid"] = line["twilioAccountSid"]
    return document


def _monitor(simulator: Simulator, identifier: str, plan: Mapping[str, Any]) -> dict[str, str]:
    monitor = {}
    if plan.get("listenEnabled") is not False:
        monitor["listenUrl"] = simulator.links.listen(identifier)
    if plan.get("controlEnabled") is not False:
        monitor["controlUrl"] = simulator.links.control(identifier)
    return monitor
