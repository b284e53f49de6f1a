"""What a call costs: each part by simulated minutes or words, in USD, rounded to four places."""

from __future__ import annotations

from typing import Any

from .call import Call

_TRANSPORT, _TRANSCRIBER, _VAPI = 0.014, 0.0105, 0.05  # a minute
_PROMPT_TOKEN, _COMPLETION_TOKEN, _CHARACTER = 2e-6, 8e-6, 5e-5
_ANALYSIS = ("summary", "successEvaluation", "structuredData")


def costs(call: Call, analyses: tuple[str, ...], provider: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the cost items and the breakdown of an ended call; both have the same total."""
    if not call.fate.answered or call.progress.started_ms is None:
        return [], _breakdown({}, (0, 0, 0), ())
    minutes = round(call.progress.talked_seconds / 60, 4)
    usage = _usage(call)
    prompt, completion, characters = usage
    parts = {
        "transport": round(minutes * _TRANSPORT, 4),
        "stt": round(minutes * _TRANSCRIBER, 4),
        "llm": round(prompt * _PROMPT_TOKEN + completion * _COMPLETION_TOKEN, 4),
        "tts": round(characters * _CHARACTER, 4),
        "vapi": round(minutes * _VAPI, 4),
    }
    model = _named(call.assistant, "model", "openai", "gpt-4.1")
    items: list[dict[str, Any]] = [
        {"type": "transport", "provider": provider, "minutes": minutes, "cost": parts["transport"]},
        {
            "type": "transcriber",
            "transcriber": _named(call.assistant, "transcriber", "deepgram", "nova-3"),
            "minutes": minutes,
            "cost": parts["stt"],
        },
        {
            "type": "model",
            "model": model,
            "promptTokens": prompt,
            "completionTokens": completion,
            "cost": parts["llm"],
        },
        {"type": "voice", "voice": _voice(call.assistant), "characters": characters, "cost": parts["tts"]},
        {"type": "vapi", "subType": "normal", "minutes": minutes, "cost": parts["vapi"]},
    ]
    items += [_analysis_item(name, model, prompt) for name in analyses]
    return items, _breakdown(parts, usage, analyses)


def _usage(call: Call) -> tuple[int, int, int]:
    """Return prompt tokens, completion tokens and spoken characters: about four characters a token."""
    said = [turn.text for turn in call.fate.turns if turn.role == "bot"]
    heard = [turn.text for turn in call.fate.turns if turn.role == "user"]
    characters = sum(map(len, said))
    context = len(str(call.assistant.get("model", {}).get("messages", "")))
    prompt = (len(said) * context + sum(map(len, heard)) * 2) // 4
    return prompt, characters // 4, characters


def _breakdown(parts: dict[str, float], usage: tuple[int, int, int], analyses: tuple[str, ...]) -> dict[str, Any]:
    prompt, completion, characters = usage
    analysis: dict[str, Any] = {}
    for name in _ANALYSIS:
        made = name in analyses
        analysis[name] = 0.0001 if made else 0
        analysis[f"{name}PromptTokens"] = prompt // 4 if made else 0
        analysis[f"{name}CompletionTokens"] = 30 if made else 0
    total = sum(parts.values()) + sum(analysis[name] for name in _ANALYSIS)
    names = ("transport", "stt", "llm", "tts", "vapi")
    return {
        **{name: parts.get(name, 0) for name in names},
        "chat": 0,
        "total": round(total, 4),
        "llmPromptTokens": prompt,
        "llmCompletionTokens": completion,
        "llmCachedPromptTokens": 0,
        "ttsCharacters": characters,
        "voicemailDetectionCost": 0,
        "knowledgeBaseCost": 0,
        "analysisCostBreakdown": analysis,
    }


def _analysis_item(name: str, model: dict[str, Any], prompt: int) -> dict[str, Any]:
    return {
        "type": "analysis",
        "analysisType": name,
        "model": model,
        "promptTokens": prompt // 4,
        "completionTokens": 30,
        "cost": 0.0001,
    }


def _named(assistant: dict[str, Any], part: str, provider: str, model: str) -> dict[str, Any]:
    chosen = assistant.get(part) or {}
    return {"provider": chosen.get("provider", provider), "model": chosen.get("model", model)}


def _voice(assistant: dict[str, Any]) -> dict[str, Any]:
    chosen = assistant.get("voice") or {}
    return {"provider": chosen.get("provider", "vapi"), "voiceId": chosen.get("voiceId", "Elliot")}
