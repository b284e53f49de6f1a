"""The ways a simulated call can go, and how often each happens when nobody says otherwise."""

from __future__ import annotations

from . import scripts

CUSTOM_PREFIX = "reason:"

DEFAULT_RATES = scripts.WEIGHTS


def is_outcome(name: object) -> bool:
    """Tell whether a name is an outcome, or `reason:<endedReason>`, which ends a call with just that."""
    if not isinstance(name, str):
        return False
    return name in DEFAULT_RATES or (name.startswith(CUSTOM_PREFIX) and len(name) > len(CUSTOM_PREFIX))
