"""Which fields of an assistant the provider knows: its OpenAPI file of 2026-08 and its own Python client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .shapes import (
    Rule,
    anything,
    flag,
    many,
    mapping,
    number,
    one_of,
    text,
    thing,
)


def loose(names: str) -> dict[str, Rule]:
    """Name fields whose content is not looked at."""
    return dict.fromkeys(names.split(), anything)


MESSAGE = thing(
    {"role": one_of("system", "user", "assistant", "function", "tool"), **loose("content name toolCalls")},
    ("role",),
)

_MODEL_COMMON: dict[str, Rule] = {
    "provider": text(),
    "model": text(),
    "messages": many(MESSAGE),
    "temperature": number(0, 2),
    "maxTokens": number(50, 10000),
    "emotionRecognitionEnabled": flag,
    "numFastTurns": number(0),
    **loose("tools toolIds toolRefs knowledgeBase"),
}
_MODEL_EXTRAS = {
    "anthropic": "thinking",
    "anthropic-bedrock": "fallbackModels thinking",
    "anyscale": "",
    "cerebras": "",
    "custom-llm": "metadataSendMode headers url wordLevelConfidenceEnabled timeoutSeconds",
    "deepinfra": "",
    "deep-seek": "",
    "google": "realtimeConfig",
    "groq": "",
    "inflection-ai": "",
    "minimax": "",
    "openai": (
        "speaker reasoner fallbackModels toolStrictCompatibilityMode promptCacheRetention "
        "promptCacheKey serviceTier reasoningEffort"
    ),
    "openrouter": "",
    "perplexity-ai": "",
    "together-ai": "",
    "xai": "",
    "vapi": "version workflowId workflow",
}
_VOICE_EXTRAS = {
    "11labs": ("optimizeStreamingLatency enableSsmlParsing autoMode model language pronunciationDictionaryLocators"),
    "azure": "",
    "cartesia": "model language experimentalControls generationConfig pronunciationDictId",
    "custom-voice": "server",
    "deepgram": "model mipOptOut expressivity",
    "hume": "model isCustomHumeVoice description",
    "inworld": "model languageCode temperature speakingRate",
    "lmnt": "language",
    "microsoft": "style styleDegree role",
    "minimax": "model emotion subtitleType pitch volume region languageBoost textNormalizationEnabled",
    "neuphonic": "model language",
    "openai": "model instructions",
    "playht": "temperature emotion voiceGuidance styleGuidance textGuidance model language",
    "rime-ai": ("model pauseBetweenBrackets phonemizeBetweenBrackets reduceLatency inlineSpeedAlpha language"),
    "sesame": "model",
    "smallest-ai": "model",
    "tavus": "personaId callbackUrl conversationName conversationalContext customGreeting properties",
    "vapi": "version language pronunciationDictionary",
    "wellsaid": "model enableSsml libraryIds",
    "xai": "language",
}
_VOICE_WITHOUT_SPEED = {"custom-voice", "cartesia", "hume", "inworld", "sesame", "tavus", "wellsaid"}
_ELEVEN_LABS: dict[str, Rule] = {
    "stability": number(0, 1),
    "similarityBoost": number(0, 1),
    "style": number(0, 1),
    "speed": number(0.7, 1.2),
    "useSpeakerBoost": flag,
}
_TRANSCRIBER_EXTRAS = {
    "assembly-ai": (
        "confidenceThreshold formatTurns endOfTurnConfidenceThreshold minEndOfTurnSilenceWhenConfident "
        "wordFinalizationMaxWaitTime maxTurnSilence vadAssistedEndpointingEnabled mode prompt agentContext "
        "agentContextAutoUpdateEnabled languageCodes speechModel realtimeUrl wordBoost keytermsPrompt "
        "endUtteranceSilenceThreshold disablePartialTranscripts"
    ),
    "azure": "segmentationStrategy segmentationSilenceTimeoutMs segmentationMaximumTimeMs",
    "custom-transcriber": "server",
    "deepgram": (
        "model smartFormat mipOptOut numerals profanityFilter redaction confidenceThreshold eotThreshold "
        "eotTimeoutMs languages keywords keyterm endpointing"
    ),
    "11labs": ("model silenceThresholdSeconds confidenceThreshold minSpeechDurationMs minSilenceDurationMs"),
    "gladia": (
        "model languageBehaviour languages transcriptionHint prosody audioEnhancer confidenceThreshold "
        "endpointing speechThreshold customVocabularyEnabled customVocabularyConfig region "
        "receivePartialTranscripts"
    ),
    "google": "model",
    "speechmatics": (
        "model operatingPoint region enableDiarization maxDelay customVocabulary numeralStyle "
        "endOfTurnSensitivity removeDisfluencies minimumSpeechDuration"
    ),
    "talkscriber": "model",
    "openai": "model",
    "cartesia": "model",
    "soniox": (
        "model languages languageHintsStrict maxEndpointDelayMs endpointSensitivity "
        "endpointLatencyAdjustmentLevel customVocabulary contextGeneral confidenceThreshold"
    ),
    "xai": "model",
    "vapi": "version languages keywords turnTaking",
}


def _model(value: Any, path: str) -> Iterator[str]:
    """Accept a model object of a known provider; a bare name such as `gpt-4` is refused."""
    yield from mapping(value, path)
    if not isinstance(value, dict):
        return
    provider = value.get("provider")
    yield from one_of(*_MODEL_EXTRAS)(provider, f"{path}.provider")
    if provider in _MODEL_EXTRAS:
        required = () if provider == "vapi" else ("model",)
        if provider == "custom-llm":
            required = (*required, "url")
        yield from thing({**_MODEL_COMMON, **loose(_MODEL_EXTRAS[provider])}, required)(value, path)


def _voice(value: Any, path: str) -> Iterator[str]:
    """Accept a voice object of a known provider."""
    yield from mapping(value, path)
    if not isinstance(value, dict):
        return
    provider = value.get("provider")
    yield from one_of(*_VOICE_EXTRAS)(provider, f"{path}.provider")
    if provider not in _VOICE_EXTRAS:
        return
    fields: dict[str, Rule] = {
        "voiceId": text(),
        **loose("provider cachingEnabled chunkPlan fallbackPlan"),
        **loose(_VOICE_EXTRAS[provider]),
    }
    if provider not in _VOICE_WITHOUT_SPEED:
        fields["speed"] = number(0)
    if provider == "11labs":
        fields |= _ELEVEN_LABS
    needs = {"neuphonic": ("language",), "sesame": ("model",), "custom-voice": ("server",)}
    identity = () if provider == "custom-voice" else ("voiceId",)
    yield from thing(fields, identity + needs.get(provider, ()))(value, path)


def _transcriber(value: Any, path: str) -> Iterator[str]:
    """Accept a transcriber object of a known provider."""
    yield from mapping(value, path)
    if not isinstance(value, dict):
        return
    provider = value.get("provider")
    yield from one_of(*_TRANSCRIBER_EXTRAS)(provider, f"{path}.provider")
    if provider in _TRANSCRIBER_EXTRAS:
        known = f"provider language fallbackPlan {_TRANSCRIBER_EXTRAS[provider]}"
        yield from thing(loose(known))(value, path)


_DETECTION = thing(
    {
        "provider": one_of("vapi", "google", "openai"),
        "type": one_of("audio", "transcript"),
        "beepMaxAwaitSeconds": number(0, 30),
        "backoffPlan": thing(
            {"startAtSeconds": number(0), "frequencySeconds": number(2.5), "maxRetries": number(1, 10)}
        ),
    },
    ("provider",),
)
_TWILIO_DETECTION = thing(
    {
        "provider": one_of("twilio"),
        "enabled": flag,
        "voicemailDetectionTypes": many(text()),
        "machineDetectionTimeout": number(3, 59),
        **loose("machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout"),
    },
    ("provider",),
)


def _voicemail_detection(value: Any, path: str) -> Iterator[str]:
    """Accept `off` or a detection plan."""
    if value == "off":
        return
    twilio = isinstance(value, dict) and value.get("provider") == "twilio"
    yield from (_TWILIO_DETECTION if twilio else _DETECTION)(value, path)


SERVER = thing(
    {
        "url": text(),
        "timeoutSeconds": number(1, 300),
        "credentialId": text(),
        "headers": mapping,
        "staticIpAddressesEnabled": flag,
        "encryptedPaths": many(text()),
        "backoffPlan": thing(
            {
                "type": one_of("fixed", "exponential"),
                "maxRetries": number(0, 10),
                "baseDelaySeconds": number(0, 10),
                "excludedStatusCodes": many(number()),
            },
            ("type", "maxRetries", "baseDelaySeconds"),
        ),
    }
)
SERVER_MESSAGES = (
    "assistant.started",
    "assistant.speechStarted",
    "call.artifact.upload",
    "call.deleted",
    "call.delete.failed",
    "chat.created",
    "chat.deleted",
    "conversation-update",
    "end-of-call-report",
    "function-call",
    "handoff-destination-request",
    "hang",
    "language-change-detected",
    "language-changed",
    "model-output",
    "phone-call-control",
    "session.created",
    "session.deleted",
    "session.updated",
    "speech-update",
    "status-update",
    "tool-calls",
    "transcript",
    'transcript[transcriptType="final"]',
    "transfer-destination-request",
    "transfer-update",
    "user-interrupted",
    "voice-input",
)
_TIMED_PLAN: dict[str, Rule] = {"messages": many(anything), "enabled": flag, "timeoutSeconds": number(1, 60)}
_RUBRICS = (
    "NumericScale",
    "DescriptiveScale",
    "Checklist",
    "Matrix",
    "PercentageScale",
    "LikertScale",
    "AutomaticRubric",
    "PassFail",
)
_STRUCTURED_PLAN = thing({**_TIMED_PLAN, "schema": mapping})
ANALYSIS_PLAN = thing(
    {
        "minMessagesThreshold": number(0),
        "summaryPlan": thing(_TIMED_PLAN),
        "structuredDataPlan": _STRUCTURED_PLAN,
        "structuredDataMultiPlan": many(thing({"key": text(), "plan": _STRUCTURED_PLAN}, ("key", "plan"))),
        "successEvaluationPlan": thing({**_TIMED_PLAN, "rubric": one_of(*_RUBRICS)}),
        "outcomeIds": many(text()),
    }
)
ARTIFACT_PLAN = thing(
    {
        "recordingEnabled": flag,
        "recordingFormat": one_of("wav;l16", "mp3"),
        "videoRecordingEnabled": flag,
        "fullMessageHistoryEnabled": flag,
        "pcapEnabled": flag,
        "loggingEnabled": flag,
        "structuredOutputIds": many(text()),
        "transcriptPlan": thing({"enabled": flag, "assistantName": text(), "userName": text()}),
        **loose(
            "recordingUseCustomStorageEnabled pcapS3PathPrefix pcapUseCustomStorageEnabled "
            "loggingUseCustomStorageEnabled recordingPath structuredOutputs scorecardIds scorecards "
            "loggingPath"
        ),
    }
)
_MONITOR_PLAN = thing(
    {
        "listenEnabled": flag,
        "listenAuthenticationEnabled": flag,
        "controlEnabled": flag,
        "controlAuthenticationEnabled": flag,
        "monitorIds": many(text()),
    }
)
ASSISTANT: dict[str, Rule] = {
    "name": text(40),
    "firstMessage": text(),
    "firstMessageMode": one_of(
        "assistant-speaks-first",
        "assistant-speaks-first-with-model-generated-message",
        "assistant-waits-for-user",
    ),
    "firstMessageInterruptionsEnabled": flag,
    "model": _model,
    "voice": _voice,
    "transcriber": _transcriber,
    "voicemailDetection": _voicemail_detection,
    "voicemailMessage": text(1000),
    "endCallMessage": text(1000),
    "endCallPhrases": many(text(140, 2)),
    "maxDurationSeconds": number(10, 43200),
    "silenceTimeoutSeconds": number(10, 3600),
    "backgroundSound": text(),
    "modelOutputInMessagesEnabled": flag,
    "transportConfigurations": many(
        thing(
            {
                "provider": one_of("twilio"),
                "timeout": number(1, 600),
                "record": flag,
                "recordingChannels": one_of("mono", "dual"),
            },
            ("provider",),
        )
    ),
    "serverMessages": many(one_of(*SERVER_MESSAGES)),
    "clientMessages": many(text()),
    "server": SERVER,
    "metadata": mapping,
    "analysisPlan": ANALYSIS_PLAN,
    "artifactPlan": ARTIFACT_PLAN,
    "monitorPlan": _MONITOR_PLAN,
    "credentialIds": many(text()),
    "hooks": many(mapping),
    "startSpeakingPlan": thing(
        loose(
            "waitSeconds smartEndpointingEnabled smartEndpointingPlan customEndpointingRules "
            "transcriptionEndpointingPlan"
        )
    ),
    "stopSpeakingPlan": thing(loose("numWords voiceSeconds backoffSeconds acknowledgementPhrases interruptionPhrases")),
    "compliancePlan": thing(loose("hipaaEnabled pciEnabled securityFilterPlan recordingConsentPlan")),
    "keypadInputPlan": thing(loose("enabled timeoutSeconds delimiters")),
    "backgroundSpeechDenoisingPlan": thing(loose("smartDenoisingPlan fourierDenoisingPlan")),
    **loose("credentials observabilityPlan"),
}
OVERRIDES: dict[str, Rule] = {**ASSISTANT, "variableValues": mapping, "tools:append": many(mapping)}
