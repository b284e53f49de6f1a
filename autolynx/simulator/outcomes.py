"""The ways a simulated call can go, and how often each happens when nobody says otherwise."""

from __future__ import annotations

CUSTOM_PREFIX = "reason:"

# Weights of a plausible cold-calling list; they need not add up to anything.
DEFAULT_RATES: dict[str, float] = {
    "demo_booked": 9,
    "interested": 7,
    "callback": 9,
    "not_interested": 15,
    "do_not_call": 2,
    "wrong_person": 3,
    "gatekeeper": 7,
    "hangup": 7,
    "voicemail": 19,
    "no_answer": 13,
    "busy": 4,
    "failed_to_connect": 1.5,
    "misdialed": 1,
    "silence": 1,
    "max_duration": 0.5,
    "pipeline_error": 1,
}


def is_outcome(name: object) -> bool:
    """Tell whether a name is an outcome, or `reason:<endedReason>`, which ends a call with just that."""
    if not isinstance(name, str):
        return False
    return name in DEFAULT_RATES or (name.startswith(CUSTOM_PREFIX) and len(name) > len(CUSTOM_PREFIX))
