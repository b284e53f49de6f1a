"""What the provider's analysis says about an ended call, as its plan asks."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from .call import Call
from .chance import chance

_SCALES = {
    "NumericScale": ("9", "3"),
    "DescriptiveScale": ("Excellent", "Poor"),
    "PercentageScale": ("90%", "20%"),
    "LikertScale": ("Agree", "Disagree"),
    "Checklist": ("true", "false"),
    "Matrix": ("Good", "Poor"),
    "AutomaticRubric": ("pass", "fail"),
    "PassFail": ("true", "false"),
}

_CUT_SHORT = "The call was ended before it came to a result."


def analysis(call: Call, messages: int, seed: int) -> dict[str, Any]:
    """Return summary, success evaluation and structured data; empty for a call nobody answered."""
    plan: Mapping[str, Any] = call.assistant.get("analysisPlan") or {}
    if not call.fate.answered or not call.progress.started_ms or messages < plan.get("minMessagesThreshold", 2):
        return {}
    cut_short = call.progress.ended_reason != call.fate.ended_reason
    succeeded = call.fate.succeeded and not cut_short
    found: dict[str, Any] = {}
    if _section(plan, "summaryPlan").get("enabled") is not False:
        found["summary"] = _CUT_SHORT if cut_short else call.fate.summary
    evaluation = _section(plan, "successEvaluationPlan")
    if evaluation.get("enabled") is not False:
        good, bad = _SCALES[evaluation.get("rubric") or "PassFail"]
        found["successEvaluation"] = good if succeeded else bad
    structured = _section(plan, "structuredDataPlan")
    if structured.get("enabled"):
        source = chance(seed, "analysis", call.number, call.nth)
        found["structuredData"] = _extracted(structured.get("schema") or {}, call.fate.facts, source)
    return found


def _section(plan: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return plan.get(name) or {}


def _extracted(schema: Mapping[str, Any], facts: Mapping[str, Any], source: random.Random) -> dict[str, Any]:
    """Return an object that fits the schema: known facts by name, and otherwise a value of the right type."""
    properties: Mapping[str, Any] = schema.get("properties") or {}
    if not properties:
        return dict(facts)
    found = {name: _value(name, _mapping(rule), facts, source) for name, rule in properties.items()}
    return {name: value for name, value in found.items() if value is not None}


def _mapping(rule: Any) -> Mapping[str, Any]:
    return rule if isinstance(rule, Mapping) else {}


def _value(name: str, rule: Mapping[str, Any], facts: Mapping[str, Any], source: random.Random) -> Any:
    kind = rule.get("type")
    known = facts.get(_snake(name))
    if rule.get("enum"):
        return known if known in rule["enum"] else source.choice(list(rule["enum"]))
    if kind == "boolean":
        return known if isinstance(known, bool) else bool(facts.get("interested"))
    if kind in ("number", "integer"):
        return source.randint(1, 10)
    if kind == "string":
        return None if known is None else str(known)
    return None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
