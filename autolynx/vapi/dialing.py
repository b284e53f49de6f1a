"""A dial: the request that rings a phone, and its three ends - accepted, refused, unknown.

Nothing here does I/O. Source: VapiAI/docs OpenAPI, 2026-08-18, `POST /call`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypedDict

from autolynx.vapi.wire import WireCall

SERVER_MESSAGES = ("status-update", "end-of-call-report")
LONGEST_LABEL = 40  # characters of `name`, `customer.name` and `customer.externalId`
#: answers of our webhook server that a repetition would not change
_NOT_REPEATED = (400, 401, 403, 404, 413, 422)
_NO_ANALYSIS = {"summaryPlan": {"enabled": False}, "successEvaluationPlan": {"enabled": False}}
_BLOCKED_REASON = "concurrency-limit-reached"
_ZERO_WIDTH_JOINER = "\u200d"


class DialOrder(TypedDict):
    """What `claim_calls` answers for one contact."""

    call_id: str
    campaign_id: str
    contact_id: str
    attempt: int
    phone_number_id: str
    provider_assistant_id: str
    phone: str
    name: str
    business_name: str | None
    variables: dict[str, Any] | None


@dataclass(frozen=True)
class CallRequest:
    """The body of `POST /call`, and the id it carries in three places."""

    call_id: str
    body: dict[str, Any]


class RefusalKind(StrEnum):
    """Whose fault a refusal is, and so what is to be done about it."""

    BAD_CONTACT = "bad_contact"  # for good: this number cannot be called
    OVER_LIMIT = "over_limit"  # the organisation's lines are all busy
    RATE_LIMITED = "rate_limited"  # too many requests, repeats included
    KEY_REFUSED = "key_refused"
    NO_CREDIT = "no_credit"
    ASSISTANT_MISSING = "assistant_missing"
    LINE_REFUSED = "line_refused"  # the phone line is missing, at its daily cap, or cannot call abroad
    REQUEST_REFUSED = "request_refused"  # in words we do not know: this contact's fault, or every one's
    UNREACHABLE = "unreachable"  # nothing was sent
    NOT_SENT = "not_sent"  # nor was it to be: the campaign was stopped, the number may not be called, it was late


@dataclass(frozen=True)
class Accepted:
    """The provider has the call. With `is_blocked` it has ended it at once, for want of a line."""

    provider_call_id: str
    control_url: str | None
    status: str | None
    concurrency_limit: int | None
    is_blocked: bool
    ended_reason: str | None


@dataclass(frozen=True)
class Refused:
    """The provider surely has no call. `reason` is short and fixed, `sentence` is for a manager."""

    kind: RefusalKind
    reason: str
    sentence: str
    retry_after_seconds: float | None = None
    concurrency_limit: int | None = None


@dataclass(frozen=True)
class Unknown:
    """The answer was lost: the phone may be ringing. Never repeated blindly.

    `is_fault`: the provider did answer, with a 5xx: it will hardly make the call a minute later.
    """

    reason: str
    is_fault: bool = False


Dialed = Accepted | Refused | Unknown


def call_request(
    order: DialOrder | Mapping[str, Any], *, webhook_url: str, webhook_secret: str | None, is_analyzed: bool = True
) -> CallRequest:
    """Write the request for one dial order; our call id goes where the provider will give it back.

    `is_analyzed`: let the provider sum up and judge the conversation, as the assistant has it; False switches it off.
    """
    call_id = str(order["call_id"])
    customer = {"number": order["phone"], "name": label(order["name"]), "externalId": call_id}
    body: dict[str, Any] = {
        "assistantId": order["provider_assistant_id"],
        "phoneNumberId": order["phone_number_id"],
        "name": call_id,
        "customer": {key: value for key, value in customer.items() if value},
        "assistantOverrides": {
            "variableValues": _variables(order),
            "metadata": {
                "autolynx_call_id": call_id,
                "autolynx_campaign_id": str(order["campaign_id"]),
                "attempt": order["attempt"],
            },
            "server": _server(webhook_url, webhook_secret),
            "serverMessages": list(SERVER_MESSAGES),
        },
    }
    if not is_analyzed:
        body["assistantOverrides"]["analysisPlan"] = _NO_ANALYSIS
    return CallRequest(call_id, body)


def _server(url: str, secret: str | None) -> dict[str, Any]:
    server: dict[str, Any] = {
        "url": url,
        "timeoutSeconds": 20,
        "backoffPlan": {
            "type": "exponential",
            "maxRetries": 5,
            "baseDelaySeconds": 1,
            "excludedStatusCodes": list(_NOT_REPEATED),
        },
    }
    return {**server, "headers": {"X-Vapi-Secret": secret}} if secret else server


def _variables(order: DialOrder | Mapping[str, Any]) -> dict[str, str]:
    own = {"name": order["name"], "business_name": order.get("business_name")}
    return {key: _spoken(value) for key, value in {**(order.get("variables") or {}), **own}.items()}


def _spoken(value: Any) -> str:
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)


def label(value: str | None) -> str:
    """Cut a name to what the provider takes (40 UTF-16 units), never through a character and its accents."""
    found = " ".join((value or "").split())
    end = len(found)
    while len(found[:end].encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_LABEL:
        end -= 1
    while 0 < end < len(found) and _continues(found, end):
        end -= 1
    return found[:end].strip()


def _continues(name: str, at: int) -> bool:
    return bool(unicodedata.combining(name[at])) or _ZERO_WIDTH_JOINER in name[at - 1 : at + 1]


def accepted(call: WireCall) -> Accepted:
    """Read the provider's answer to a dial it took."""
    limits = call.subscription_limits
    has_no_line = limits.concurrency_blocked or _BLOCKED_REASON in (call.ended_reason or "")
    return Accepted(
        provider_call_id=call.id,
        control_url=call.monitor.control_url,
        status=call.status,
        concurrency_limit=limits.concurrency_limit,
        # a blocked call that has not ended may only be waiting for a line, and ring yet
        is_blocked=call.status == "ended" and has_no_line,
        ended_reason=call.ended_reason,
    )
