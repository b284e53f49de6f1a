"""Chance that can be repeated: every draw comes from the seed and what it is about, never from the order."""

from __future__ import annotations

import hashlib
import random


def chance(seed: int, *about: object) -> random.Random:
    """Return a random source that is the same for the same seed and subject, in every process."""
    subject = "\x1f".join(str(part) for part in (seed, *about))
    return random.Random(hashlib.blake2b(subject.encode(), digest_size=16).digest())
