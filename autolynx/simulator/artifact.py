"""What a call leaves behind: messages, transcript and recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .call import Call
from .clock import Clock, iso
from .conversation import Cast, Turn, spoken
from .links import Links
from .liquid import rendered

_OPENAI_ROLES = {"system": "system", "bot": "assistant", "user": "user"}
_LINK_LIFE_SECONDS = 3600


def heard(call: Call) -> list[Turn]:
    """Return what was said until the call ended."""
    return spoken(call.fate.turns, call.progress.talked_seconds) if call.progress.started_ms else []


def transcript(call: Call) -> str:
    """Return `AI: …` and `User: …` lines."""
    plan: Mapping[str, Any] = (call.assistant.get("artifactPlan") or {}).get("transcriptPlan") or {}
    if plan.get("enabled") is False:
        return ""
    names = {"bot": plan.get("assistantName") or "AI", "user": plan.get("userName") or "User"}
    return "".join(f"{names[turn.role]}: {turn.text}\n" for turn in heard(call))


def artifact(call: Call, links: Links, speed: float, clock: Clock) -> dict[str, Any]:
    """Return the artifact of a call; near empty when nobody answered."""
    if call.progress.started_ms is None:
        return {"messages": [], "messagesOpenAIFormatted": [], "transcript": ""}
    said = messages(call, speed, clock)
    found: dict[str, Any] = {
        "messages": said,
        "messagesOpenAIFormatted": openai_formatted(said),
        "transcript": transcript(call),
        "variableValues": call.assistant.get("variableValues") or {},
    }
    return found | _recordings(call, links, clock)


def messages(call: Call, speed: float, clock: Clock, *, only_system: bool = False) -> list[dict[str, Any]]:
    """Return the message items. `time` is the wall clock, `secondsFromStart` and `duration` are simulated."""
    start = clock.shown_ms(call.progress.started_ms or call.created_ms)
    items = [_system_item(content, start) for content in _system_prompts(call)]
    if not only_system:
        items += [_spoken_item(turn, start, speed) for turn in heard(call)]
    return items


def openai_formatted(items: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return message items as a chat model would take them."""
    return [{"role": _OPENAI_ROLES[item["role"]], "content": item["message"]} for item in items]


def is_recorded(call: Call) -> bool:
    """Tell whether there is a recording."""
    plan: Mapping[str, Any] = call.assistant.get("artifactPlan") or {}
    return call.progress.started_ms is not None and call.is_over and plan.get("recordingEnabled") is not False


def _system_prompts(call: Call) -> list[str]:
    model: Mapping[str, Any] = call.assistant.get("model") or {}
    prompts = [message for message in model.get("messages") or [] if message.get("role") == "system"]
    variables = Cast.of(call.document["customer"], call.assistant).variables
    return [rendered(str(prompt.get("content") or ""), variables) for prompt in prompts]


def _system_item(content: str, start_ms: int) -> dict[str, Any]:
    return {"role": "system", "message": content, "time": start_ms, "secondsFromStart": 0}


def _spoken_item(turn: Turn, start_ms: int, speed: float) -> dict[str, Any]:
    item: dict[str, Any] = {
        "role": turn.role,
        "message": turn.text,
        "time": round(start_ms + turn.start * 1000 / speed),
        "endTime": round(start_ms + (turn.start + turn.length) * 1000 / speed),
        "secondsFromStart": round(turn.start, 3),
        "duration": round(turn.length * 1000),
    }
    return item | ({"source": ""} if turn.role == "bot" else {})


def _recordings(call: Call, links: Links, clock: Clock) -> dict[str, Any]:
    if not is_recorded(call):
        return {}
    lasting = {kind: links.recording(call.id, kind) for kind in ("mono", "stereo", "assistant", "customer")}
    expires = clock.now_ms() + _LINK_LIFE_SECONDS * 1000
    return {
        "recordingUrl": lasting["mono"],
        "stereoRecordingUrl": lasting["stereo"],
        "recording": {
            "stereoUrl": lasting["stereo"],
            "mono": {
                "combinedUrl": lasting["mono"],
                "assistantUrl": lasting["assistant"],
                "customerUrl": lasting["customer"],
            },
        },
        "presignedMonoUrl": links.recording(call.id, "mono", expires),
        "presignedStereoUrl": links.recording(call.id, "stereo", expires),
        "presignedUrlsExpiresAt": iso(expires),
    }
