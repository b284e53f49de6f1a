"""Answers to what a person may ask for."""

from __future__ import annotations

from pydantic import BaseModel

from autolynx.models import Erasure


class ErasureAnswer(BaseModel):
    """What was deleted."""

    erasure: Erasure
