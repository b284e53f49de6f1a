"""An assistant's configuration: the provider's own form, and the short one people and scripts may write instead."""

from __future__ import annotations

from typing import Any

from autolynx.assistants.config_types import check_config

#: short name -> the provider's name, for those that are the same thing
_RENAMED = {"maxCallDurationSeconds": "maxDurationSeconds"}
#: no equivalent at the provider; an older design had it
_DROPPED = ("endCallTimeoutSeconds",)
#: short name -> the object that it stands in
_WITHIN = {"systemPrompt": "model", "recordingEnabled": "artifactPlan"}
DEFAULT_MODEL = {"provider": "openai", "model": "gpt-4.1"}


def wire_config(config: dict[str, Any]) -> dict[str, Any]:
    """Bring a configuration into the provider's form; one already in that form is returned unchanged.

    The short form has `model` as a string, `systemPrompt`, `recordingEnabled` and `maxCallDurationSeconds` at the
    top. Raises InvalidInput for a value of the wrong type.
    """
    wire = {_RENAMED.get(key, key): value for key, value in config.items() if key not in _DROPPED}
    if isinstance(wire.get("model"), str):
        wire["model"] = {**DEFAULT_MODEL, "model": wire["model"]}
    check_config(wire)
    prompt, is_recorded = wire.pop("systemPrompt", None), wire.pop("recordingEnabled", None)
    if prompt is not None:
        wire["model"] = _with_prompt(wire.get("model") or DEFAULT_MODEL, prompt)
    if is_recorded is not None:
        wire["artifactPlan"] = {**(wire.get("artifactPlan") or {}), "recordingEnabled": is_recorded}
    return wire


def _with_prompt(model: dict[str, Any], prompt: str) -> dict[str, Any]:
    others = [message for message in model.get("messages") or [] if message.get("role") != "system"]
    return {**model, "messages": [{"role": "system", "content": prompt}, *others]}


def part(config: dict[str, Any], name: str) -> dict[str, Any]:
    """An object within a configuration; an empty one where there is none."""
    found = config.get(name)
    return found if isinstance(found, dict) else {}


def system_prompt(config: dict[str, Any]) -> str:
    """The instruction in a configuration, or an empty text."""
    messages = part(config, "model").get("messages")
    said = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    return next((str(message.get("content") or "") for message in said if message.get("role") == "system"), "")


def merged(config: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A configuration after a change: sent top-level fields replace, those sent as None are removed.

    The provider's PATCH replaces whole subtrees, so a change of the prompt keeps the rest of the model here.
    """
    for short, whole in _WITHIN.items():
        if short in changes and whole not in changes and whole in config:
            changes = {**changes, whole: config[whole]}
    result = {**config, **wire_config(changes)}
    return {key: value for key, value in result.items() if value is not None}


_COMMON: dict[str, Any] = {
    "voice": {"provider": "11labs", "voiceId": "sarah"},
    "transcriber": {"provider": "deepgram", "model": "nova-3", "language": "en"},
    "artifactPlan": {"recordingEnabled": True},
    "analysisPlan": {
        "summaryPlan": {"enabled": True},
        "successEvaluationPlan": {"enabled": True, "rubric": "PassFail"},
    },
    "silenceTimeoutSeconds": 30,
    "voicemailDetection": {"provider": "vapi"},  # off unless asked for; a machine is no conversation
}


def _template(name: str, prompt: str, first_message: str, **others: Any) -> dict[str, Any]:
    model = {**DEFAULT_MODEL, "temperature": 0.4, "messages": [{"role": "system", "content": prompt}]}
    return {"name": name, "firstMessage": first_message, "model": model, **_COMMON, **others}


#: The assistants every directory starts with.
TEMPLATES: list[dict[str, Any]] = [
    _template(
        "Voicemail-friendly",
        "You call {{name}} of {{business_name}}. Be warm and brief: whatever you say fits into thirty seconds. "
        "If a machine answers, leave the message and a number to call back. If a person answers, ask whether this "
        "is a good moment, say in one sentence why you call, and offer to call back at a better time.",
        "Hi {{name}}, this is Sarah. I have something short that may be of use to {{business_name}}.",
        endCallMessage="Thank you, and have a good day!",
        voicemailMessage="Hi {{name}}, this is Sarah. Please call us back at this number when it suits you. Thank you!",
        maxDurationSeconds=180,
    ),
    _template(
        "Short pitch",
        "You call {{name}} of {{business_name}}. Say in under a minute what we do and why it saves money, ask for "
        "permission before you go on, and ask for fifteen minutes with a colleague. Take a no for an answer, kindly.",
        "Hi {{name}}! I have a quick question that could save {{business_name}} some money - do you have a minute?",
        endCallMessage="Thanks for your time, {{name}}. Goodbye!",
        maxDurationSeconds=180,
    ),
    _template(
        "Discovery",
        "You call {{name}} of {{business_name}} to learn, not to sell. Ask how they do it today, what annoys them, "
        "who else decides, and by when something should change. Listen, repeat in your own words, and end with "
        "the next step both agree on.",
        "Hello {{name}}, I am calling to understand how {{business_name}} handles this today. Is now a good time?",
        endCallMessage="That was very helpful. Thank you, {{name}}, goodbye!",
        maxDurationSeconds=600,
    ),
]
