"""Of which type the parts of an assistant's configuration are, as far as anything here relies on it.

What else a field may hold is the provider's business, who says so (VapiAI/docs OpenAPI, 2026-08-18).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autolynx.errors import InvalidInput
from autolynx.secrecy.masking import masked

_LONGEST_GIVEN = 60  # characters


@dataclass(frozen=True)
class Kind:
    """A type, and how a sentence calls it."""

    accepted: str
    fits: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_OBJECT = Kind("a JSON object", lambda value: isinstance(value, dict))
_TEXT = Kind("a text", lambda value: isinstance(value, str))
_NUMBER = Kind("a number", _is_number)
_FLAG = Kind("true or false", lambda value: isinstance(value, bool))
_LIST = Kind("a list", lambda value: isinstance(value, list))


def _are(kind: Kind, paths: str) -> dict[str, Kind]:
    return dict.fromkeys(paths.split(), kind)


#: a path's `*` stands for every item of a list
_KINDS: dict[str, Kind] = {
    "model": Kind("a JSON object, or the name of a model", _OBJECT.fits),
    "voicemailDetection": Kind('a JSON object, or "off"', lambda value: isinstance(value, dict) or value == "off"),
    **_are(
        _OBJECT,
        "voice transcriber artifactPlan analysisPlan monitorPlan server metadata startSpeakingPlan stopSpeakingPlan "
        "compliancePlan keypadInputPlan backgroundSpeechDenoisingPlan observabilityPlan",
    ),
    **_are(
        _TEXT,
        "name firstMessage firstMessageMode voicemailMessage endCallMessage backgroundSound systemPrompt "
        "model.provider model.model voice.provider voice.voiceId transcriber.provider server.url",
    ),
    **_are(_NUMBER, "maxDurationSeconds silenceTimeoutSeconds model.temperature model.maxTokens server.timeoutSeconds"),
    **_are(
        _FLAG,
        "recordingEnabled firstMessageInterruptionsEnabled modelOutputInMessagesEnabled artifactPlan.recordingEnabled",
    ),
    **_are(
        _LIST,
        "hooks transportConfigurations credentials endCallPhrases serverMessages clientMessages credentialIds "
        "model.messages model.tools model.toolIds model.fallbackModels",
    ),
    **_are(_OBJECT, "hooks.* transportConfigurations.* credentials.* model.messages.* model.tools.* server.headers"),
    **_are(_TEXT, "endCallPhrases.* serverMessages.* clientMessages.* credentialIds.* model.toolIds.*"),
    "model.messages.*.role": _TEXT,
    **_are(_OBJECT, "model.tools.*.function model.tools.*.server"),
    **_are(_OBJECT, "analysisPlan.summaryPlan analysisPlan.successEvaluationPlan analysisPlan.structuredDataPlan"),
    **_are(_FLAG, "analysisPlan.summaryPlan.enabled analysisPlan.successEvaluationPlan.enabled"),
}


def check_config(config: dict[str, Any]) -> None:
    """Raise InvalidInput, in one sentence, for the first part of the wrong type. A field may be null."""
    for path, kind in _KINDS.items():
        for place, value in _at(config, path.split("."), ()):
            is_left_out = value is None and not path.endswith("*")
            if not is_left_out and not kind.fits(value):
                raise InvalidInput(f"{place} is {_given(place, value)}; accepted is {kind.accepted}.")


def _at(value: Any, path: list[str], before: tuple[str, ...]) -> list[tuple[str, Any]]:
    if not path:
        return [(".".join(before), value)]
    step, rest = path[0], path[1:]
    if step == "*" and isinstance(value, list):
        return [found for place, item in enumerate(value) for found in _at(item, rest, (*before, str(place)))]
    if isinstance(value, dict) and step in value:
        return _at(value[step], rest, (*before, step))
    return []


def _given(place: str, value: Any) -> str:
    """What was given, without the secrets in it."""
    (shown,) = masked({place.rpartition(".")[2]: value}).values()
    text = json.dumps(shown, default=str, ensure_ascii=False)
    return text if len(text) <= _LONGEST_GIVEN else f"{text[: _LONGEST_GIVEN - 3]}..."
