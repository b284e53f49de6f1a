"""What Vapi sends, as far as we use it; other fields are passed over.

Names are the wire's in snake case. Source: VapiAI/docs OpenAPI, 2026-08-18; the legacy copies beside
`artifact` and `analysis` are not in it but in captured payloads (2025-06, 2026-03). One odd field never
loses the rest.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from autolynx.vapi.lenient import (
    Anything,
    Count,
    Flag,
    Identity,
    Moment,
    Money,
    Number,
    Objects,
    OrEmpty,
    Text,
    conversation,
    moment,
    money,
    safe_link,
    text,
    verdict,
)

__all__ = [
    "CallReference",
    "CallResult",
    "ListedCall",
    "ServerMessage",
    "WireAssistant",
    "WireCall",
    "WirePhoneNumber",
    "conversation",
    "moment",
    "money",
    "safe_link",
    "verdict",
]

#: added by the server, or no longer taken by it (`serverUrlSecret`): no part of an assistant's configuration
_NOT_CONFIGURATION = frozenset(
    {"id", "orgId", "createdAt", "updatedAt", "latestVersion", "isServerUrlSecretSet", "serverUrlSecret"}
)


class Wire(BaseModel):
    """Anything that came over the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


def empty(model: type[Wire]) -> Any:
    """The default of a field that may be missing: one for all, as it is frozen; pydantic would copy it each time."""
    shared = model()
    return Field(default_factory=lambda: shared)


class Customer(Wire):
    number: Text = None
    name: Text = None
    external_id: Text = None


class Overrides(Wire):
    metadata: Anything = {}


class Monitor(Wire):
    control_url: Text = None


class Limits(Wire):
    """`subscriptionLimits`: an optional extra of the create response."""

    concurrency_blocked: Flag = False
    concurrency_limit: Count = None
    remaining_concurrent_calls: Number = None


class Analysis(Wire):
    summary: Text = None
    #: as it came: a text in the spec, sometimes a boolean
    success_evaluation: Any = None
    structured_data: Any = None


class MonoRecording(Wire):
    combined_url: Text = None


class Recording(Wire):
    stereo_url: Text = None
    mono: Annotated[MonoRecording, OrEmpty] = empty(MonoRecording)


class Artifact(Wire):
    messages: Objects = []
    transcript: Text = None
    recording: Annotated[Recording, OrEmpty] = empty(Recording)
    recording_url: Text = None
    stereo_recording_url: Text = None


class CostBreakdown(Wire):
    total: Money = None


class CallReference(Wire):
    """Which call is meant. In a server message its status is a snapshot from creation, not to be believed."""

    id: Text = None
    status: Text = None
    created_at: Moment = None
    phone_number_id: Text = None
    assistant_id: Text = None
    name: Text = None
    customer: Annotated[Customer, OrEmpty] = empty(Customer)
    assistant_overrides: Annotated[Overrides, OrEmpty] = empty(Overrides)
    monitor: Annotated[Monitor, OrEmpty] = empty(Monitor)

    @property
    def marks(self) -> set[str]:
        """What stands in the three places we write our call id to."""
        return {mark for mark in self._marks() if isinstance(mark, str)}

    @property
    def our_call_id(self) -> str | None:
        """The id we gave the call, wherever it survived; None when it is not one of ours."""
        return next((found for mark in self._marks() if (found := _uuid(mark))), None)

    def _marks(self) -> tuple[object, str | None, str | None]:
        return self.assistant_overrides.metadata.get("autolynx_call_id"), self.customer.external_id, self.name


def origin(call: CallReference, customer: Customer) -> dict[str, Any] | None:
    """What a call carries that says whom we dialed, and for which campaign where the provider repeats our metadata
    (by its schema; seen are only the customer's fields); None for one without a number."""
    metadata = call.assistant_overrides.metadata
    number = call.customer.number or customer.number
    if number is None:
        return None
    attempt = metadata.get("attempt")
    return {
        "campaign_id": _uuid(metadata.get("autolynx_campaign_id")),
        "phone": number,
        "attempt": attempt if type(attempt) is int and 1 <= attempt <= 10 else 1,
        "phone_number_id": call.phone_number_id,
        "created_at": call.created_at.isoformat() if call.created_at else None,
    }


class CallResult(Wire):
    """What a call came to; the properties read the current place first and its legacy copies after."""

    ended_reason: Text = None
    started_at: Moment = None
    ended_at: Moment = None
    cost: Money = None
    cost_breakdown: Annotated[CostBreakdown, OrEmpty] = empty(CostBreakdown)
    analysis: Annotated[Analysis, OrEmpty] = empty(Analysis)
    artifact: Annotated[Artifact, OrEmpty] = empty(Artifact)
    messages: Objects = []
    transcript: Text = None
    summary: Text = None
    recording_url: Text = None
    stereo_recording_url: Text = None

    @property
    def cost_usd(self) -> Decimal | None:
        """What the call cost; a 0 is nothing beside what its parts come to."""
        return self.cost or (self.cost if self.cost_breakdown.total is None else self.cost_breakdown.total)

    @property
    def success(self) -> bool | None:
        """The success evaluation, where it is a yes or a no."""
        return verdict(self.analysis.success_evaluation)

    @property
    def summary_text(self) -> str | None:
        """What was said, in a sentence or two."""
        return self.analysis.summary or self.summary

    @property
    def transcript_text(self) -> str | None:
        """What was said, line by line."""
        return self.artifact.transcript or self.transcript

    @property
    def turns(self) -> list[dict[str, Any]]:
        """What was said, turn by turn, the longer of two: see `conversation`."""
        return max(conversation(self.artifact.messages), conversation(self.messages), key=len)

    @property
    def recording_links(self) -> list[str]:
        """Every link to the recording, the best first. Not checked: see `safe_link`."""
        recording = self.artifact.recording
        links = (
            recording.mono.combined_url,
            self.artifact.recording_url,
            self.recording_url,
            recording.stereo_url,
            self.artifact.stereo_recording_url,
            self.stereo_recording_url,
        )
        return list(dict.fromkeys(link for link in links if link))

    def recording_link(self, *, allow_http_loopback: bool) -> str | None:
        """The best link to the recording that is safe to keep."""
        safe = (safe_link(link, allow_http_loopback=allow_http_loopback) for link in self.recording_links)
        return next((link for link in safe if link), None)


class WireCall(CallReference, CallResult):
    """A call as `GET /call/{id}` and `POST /call` answer it."""

    id: Identity
    subscription_limits: Annotated[Limits, OrEmpty] = empty(Limits)
    #: the whole answer, to be kept as it came
    raw: dict[str, Any] = Field(default_factory=dict, repr=False, alias="__raw__")

    @model_validator(mode="before")
    @classmethod
    def _keep_raw(cls, value: Any) -> Any:
        return {**value, "__raw__": value} if isinstance(value, dict) else value

    @property
    def measured_seconds(self) -> float | None:
        """From answer to end, where both are known."""
        return _between(self.started_at, self.ended_at)


class ListedCall(CallReference):
    """A call in a list: who it is, without what was said."""

    id: Identity

    @property
    def origin(self) -> dict[str, Any] | None:
        """What it carries of ours: see `origin`."""
        return origin(self, self.customer)

    @property
    def is_surely_ours(self) -> bool:
        """Whether no other program would mark its calls so: in a field of our own, or in two places alike."""
        ours, external_id, name = self._marks()
        return _uuid(ours) is not None or (_uuid(name) is not None and name == external_id)


class ServerMessage(CallResult):
    """The `message` of a webhook. Only its own fields are believed; `call` tells which call is meant."""

    type: Text = None
    status: Text = None
    timestamp: Moment = None
    duration_seconds: Number = None
    call: Annotated[CallReference, OrEmpty] = empty(CallReference)
    customer: Annotated[Customer, OrEmpty] = empty(Customer)

    @property
    def our_call_id(self) -> str | None:
        """The id we gave the call, wherever it survived; None when it is not one of ours."""
        return self.call.our_call_id or _uuid(self.customer.external_id)

    @property
    def origin(self) -> dict[str, Any] | None:
        """What the call carries of ours, its campaign included: a message alone does not tell it by a number."""
        found = origin(self.call, self.customer)
        return found if found and found["campaign_id"] else None

    @property
    def measured_seconds(self) -> float | None:
        """How long the call took: by its times, else as the provider says."""
        measured = _between(self.started_at, self.ended_at)
        return self.duration_seconds if measured is None else measured


class WireAssistant(Wire):
    """An assistant: its id, and the configuration in the provider's own form, secrets included: see `masking`."""

    id: str
    name: Text = None
    created_at: Moment = None
    updated_at: Moment = None
    config: dict[str, Any] = Field(default_factory=dict, repr=False, alias="__config__")

    @model_validator(mode="before")
    @classmethod
    def _keep_configuration(cls, value: Any) -> Any:
        return {**value, "__config__": _configuration(value)} if isinstance(value, dict) else value


class WirePhoneNumber(Wire):
    """A phone line. What the provider may add, a carrier's tokens among it, is dropped here."""

    id: str
    number: Text = None
    name: Text = None
    provider: Annotated[str, BeforeValidator(lambda value: text(value) or "unknown")] = "unknown"
    status: Text = None
    created_at: Moment = None


def _configuration(assistant: dict[str, Any]) -> dict[str, Any]:
    """What is sent back when the assistant is changed: a part that was left out would be lost at the provider."""
    return {key: value for key, value in assistant.items() if key not in _NOT_CONFIGURATION and value is not None}


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else max((end - start).total_seconds(), 0.0)


def _uuid(value: object) -> str | None:
    try:
        return str(UUID(value)) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None
