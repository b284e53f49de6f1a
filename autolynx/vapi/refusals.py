"""What the provider's refusals mean: an answer that is no success becomes a `Refused`, or an error.

The status code decides first, then the wording; a 400 stands for limits, validation and missing things alike.
Wordings: captured answers, 2025-06 to 2026-08; the bodies of 402, 404 and 429 are not documented anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from autolynx.errors import ProviderError, ProviderKeyRefused, ProviderNotFound, ProviderUnavailable
from autolynx.vapi.dialing import Dialed, RefusalKind, Refused, Unknown
from autolynx.vapi.lenient import http_date, read_json, text
from autolynx.vapi.wire import Limits

LONGEST_RETRY_AFTER_SECONDS = 30.0
_LONGEST_MESSAGE = 300
_GATEWAY_TIMED_OUT = 408  # the request may have been passed on


@dataclass(frozen=True)
class Rule:
    """A wording of a 400 and what it stands for. In the sentence `{}` is the provider's own message."""

    wording: re.Pattern[str]
    kind: RefusalKind
    reason: str
    sentence: str


def _rule(wording: str, kind: RefusalKind, reason: str, sentence: str) -> Rule:
    return Rule(re.compile(wording, re.IGNORECASE), kind, reason, sentence)


_OVER_LIMIT = _rule(
    r"\b(over|limit|max\w*|exceed\w*|many)\b.*\bconcurren|concurren(cy|t)\b.*(limit|reach|exceed|block|max)",
    RefusalKind.OVER_LIMIT,
    "over-concurrency-limit",
    "All lines of the Vapi account are busy.",
)
_NO_CREDIT = _rule(
    r"\b(credits?|billing|wallet|frozen|insufficient (funds|balance))\b",
    RefusalKind.NO_CREDIT,
    "no-credit",
    "The Vapi account cannot pay for calls: {} Add credit in the Vapi dashboard, then resume.",
)
#: the first that matches decides
RULES = (
    _OVER_LIMIT,
    _NO_CREDIT,
    _rule(
        r"\bdaily\b.*\blimit\b",
        RefusalKind.LINE_REFUSED,
        "line-daily-limit",
        "The phone line was bought at Vapi and has made all the calls it may make today. "
        "A line imported from a carrier has no such limit.",
    ),
    _rule(
        r"\binternational calls?\b|\bcall\w* international",
        RefusalKind.LINE_REFUSED,
        "line-not-international",
        "The phone line was bought at Vapi and cannot call abroad. Choose a line imported from a carrier.",
    ),
    _rule(
        r"\bcustomers?(\.\d+)?\.number\b|\bcustomer.{0,20}\bphone number\b",
        RefusalKind.BAD_CONTACT,
        "bad-number",
        "Vapi cannot call this number: {}",
    ),
    _rule(
        r"\bget assistant\b|\bassistantId\b|\bassistant\b.{0,60}(not exist|not found)",
        RefusalKind.ASSISTANT_MISSING,
        "assistant-missing",
        "Vapi no longer has the assistant of this campaign: {}",
    ),
    _rule(
        r"\bget phone number\b|\bphoneNumberId\b|\bphone number\b.{0,60}(not (exist|found|active)|blocked)",
        RefusalKind.LINE_REFUSED,
        "line-missing",
        "Vapi cannot use the phone line of this campaign: {}",
    ),
)


def refused(response: httpx.Response, *, now: datetime | None = None) -> Dialed:
    """Read the answer to a dial that is no success: the provider said no, or nobody knows."""
    status = response.status_code
    if not 400 <= status < 500 or status == _GATEWAY_TIMED_OUT:
        return Unknown(f"Vapi answered {status}: {provider_message(response)}", is_fault=500 <= status < 600)
    message = provider_message(response)
    if status in (401, 403):
        return Refused(RefusalKind.KEY_REFUSED, f"http-{status}", _key_refused(message))
    if status == 402:
        return _by_rule(_NO_CREDIT, response, message)
    if is_too_fast(response):
        sentence = "Vapi takes no more requests for the moment."
        wait = retry_after_seconds(response, now=now)
        return Refused(RefusalKind.RATE_LIMITED, "rate-limited", sentence, retry_after_seconds=wait)
    rule = next((rule for rule in RULES if rule.wording.search(message)), None)
    if rule is not None:
        return _by_rule(rule, response, message)
    return Refused(RefusalKind.REQUEST_REFUSED, f"http-{status}", f"Vapi refused the call: {message}")


def is_too_fast(response: httpx.Response) -> bool:
    """Whether the provider asks for patience, and not for lines: those get no sooner free by repeating."""
    is_429 = response.status_code == httpx.codes.TOO_MANY_REQUESTS
    return is_429 and not _OVER_LIMIT.wording.search(provider_message(response))


def _by_rule(rule: Rule, response: httpx.Response, message: str) -> Refused:
    body = _body(response)
    limits = body.get("subscriptionLimits") if isinstance(body, dict) else None
    told = Limits.model_validate(limits).concurrency_limit if isinstance(limits, dict) else None
    return Refused(rule.kind, rule.reason, rule.sentence.replace("{}", message), concurrency_limit=told)


def provider_error(response: httpx.Response) -> ProviderError:
    """Make the error for an answer outside a dial that is no success."""
    status, message = response.status_code, provider_message(response)
    if status in (401, 403):
        return ProviderKeyRefused(_key_refused(message))
    if status == 404:
        return ProviderNotFound(f"Vapi does not know this: {message}")
    if status == 429:
        return ProviderUnavailable("Vapi takes no more requests for the moment; please try again in a minute.")
    if not 400 <= status < 500 or status == _GATEWAY_TIMED_OUT:
        return ProviderUnavailable(f"Vapi has a fault of its own ({status}); please try again.", details=message)
    return ProviderError(f"Vapi refused the request: {message}", details={"status": status})


def _key_refused(message: str) -> str:
    return f"{ProviderKeyRefused.__doc__} Vapi says: {message}"


def provider_message(response: httpx.Response) -> str:
    """The provider's own words as one sentence: `message` may be a text or a list, a body may be no JSON."""
    body = _body(response)
    said = body.get("message") or body.get("error") if isinstance(body, dict) else body
    parts = [part for part in said if isinstance(part, str)] if isinstance(said, list) else [text(said)]
    found = "; ".join(" ".join(part.split()).rstrip(".") for part in parts if part)
    found = found or response.reason_phrase or f"HTTP {response.status_code}"
    return f"{found[:_LONGEST_MESSAGE].rstrip()}{'…' if len(found) > _LONGEST_MESSAGE else '.'}"


def _body(response: httpx.Response) -> Any:
    """The parsed JSON; of plain text the text itself, of a gateway's HTML page nothing."""
    try:
        return read_json(response)
    except ValueError:
        return None if "<" in response.text[:200] else response.text


def retry_after_seconds(response: httpx.Response, *, now: datetime | None = None) -> float | None:
    """How long `Retry-After` asks to wait, at most 30 s; in seconds or as an HTTP date (RFC 9110)."""
    value = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        at = http_date(value)
        if at is None:
            return None
        seconds = (at - (now or datetime.now(UTC))).total_seconds()
    return min(seconds, LONGEST_RETRY_AFTER_SECONDS) if seconds > 0 else None
