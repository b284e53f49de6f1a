"""What the API and the server messages say about a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import artifact as artifacts
from .analysis import analysis
from .call import Call
from .clock import Clock
from .costs import costs
from .lines import LINES
from .links import Links
from .padding import Padding


@dataclass(frozen=True)
class Reporter:
    """Describes calls on the wire."""

    links: Links
    seed: int
    speed: float
    clock: Clock

    def shown(self, call: Call) -> tuple[dict[str, Any], Padding | None]:
        """Return the Call object of `GET /call/{id}`, and what makes it longer."""
        return self._as_document(call), Padding.of(call, self.clock)

    def as_document(self, call: Call) -> dict[str, Any]:
        """Return the Call object of `GET /call/{id}` at its full length."""
        document, padding = self.shown(call)
        return document if padding is None else padding.lengthened(document)

    def _as_document(self, call: Call) -> dict[str, Any]:
        progress = call.progress
        document = {
            **call.document,
            "status": progress.status,
            "updatedAt": self.clock.iso(progress.updated_ms),
        }
        document.pop("subscriptionLimits", None)
        if progress.name is not None:
            document["name"] = progress.name
        document |= call.times(self.clock)
        if progress.status == "in-progress":
            document["artifact"] = self._opening_artifact(call)
        if not call.is_over:
            return document
        document["endedReason"] = progress.ended_reason
        document["artifact"] = artifacts.artifact(call, self.links, self.speed, self.clock)
        document["messages"] = document["artifact"]["messages"]
        document["analysis"] = {}
        return document | (self._findings(call) if progress.is_reported else {})

    def status_update(self, call: Call, status: str) -> dict[str, Any]:
        """Return a status-update message."""
        content: dict[str, Any] = {"status": status}
        if status == "in-progress":
            content["artifact"] = self._opening_artifact(call)
        if status == "ended":
            content["endedReason"] = call.progress.ended_reason
            said = artifacts.messages(call, self.speed, self.clock) if call.progress.started_ms else []
            content["artifact"] = {
                "messages": said,
                "messagesOpenAIFormatted": artifacts.openai_formatted(said),
            }
        return self._message(call, "status-update", content)

    def end_of_call_report(self, call: Call) -> dict[str, Any]:
        """Return the end-of-call-report message, without its padding."""
        artifact = artifacts.artifact(call, self.links, self.speed, self.clock)
        found = self._findings(call)
        milliseconds = duration_ms(call)
        content = {
            "endedReason": call.progress.ended_reason,
            "artifact": artifact,
            **found,
            **call.times(self.clock),
            "durationMs": milliseconds,
            "durationSeconds": round(milliseconds / 1000, 3),
            "durationMinutes": round(milliseconds / 60000, 4),
            "transcript": artifact["transcript"],
            "messages": artifact["messages"],
        }
        if "summary" in found["analysis"]:
            content["summary"] = found["analysis"]["summary"]
        for name in ("recordingUrl", "stereoRecordingUrl"):
            if name in artifact:
                content[name] = artifact[name]
        return self._message(call, "end-of-call-report", content)

    def findings(self, call: Call) -> dict[str, Any]:
        """Return analysis and costs once the report is due, and nothing before."""
        return self._findings(call) if call.progress.is_reported else {}

    def _findings(self, call: Call) -> dict[str, Any]:
        """Return analysis and costs."""
        found = analysis(call, len(artifacts.messages(call, self.speed, self.clock)), self.seed)
        made = tuple(name for name in ("summary", "successEvaluation", "structuredData") if name in found)
        items, breakdown = costs(call, made, LINES[call.line_id]["provider"])
        return {"analysis": found, "cost": breakdown["total"], "costBreakdown": breakdown, "costs": items}

    def _opening_artifact(self, call: Call) -> dict[str, Any]:
        prompts = artifacts.messages(call, self.speed, self.clock, only_system=True)
        return {"messages": prompts, "messagesOpenAIFormatted": artifacts.openai_formatted(prompts)}

    def _message(self, call: Call, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Wrap a message. Its `call` is the snapshot of the creation, stale, as on the real wire."""
        snapshot = {key: value for key, value in call.document.items() if key != "subscriptionLimits"}
        return {
            "message": {
                "timestamp": self.clock.now_ms(),
                "type": kind,
                **content,
                "call": snapshot,
                "phoneNumber": LINES[call.line_id],
                "customer": call.document["customer"],
                "assistant": _public(call.assistant),
            }
        }


def duration_ms(call: Call) -> int:
    """Return the wall-clock length of the talk."""
    progress = call.progress
    if progress.started_ms is None or progress.ended_ms is None:
        return 0
    return progress.ended_ms - progress.started_ms


def _public(assistant: dict[str, Any]) -> dict[str, Any]:
    """Return an assistant without the secrets that travel in its server headers."""
    return {key: value for key, value in assistant.items() if key not in ("server", "credentials")}
