"""Fields whose text reaches us as it was typed: what cannot be used is said beneath, and replaced by nothing.

Streamlit's number field keeps the last number that was in range, so a form would go on with what nobody reads in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from autolynx.errors import InvalidInput
from autolynx.ui.frame.formats import plain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """What a field holds, or the sentence that says what it accepts."""

    value: T | None
    problem: str | None = None

    def checked(self) -> T:
        """What the field holds. Raises InvalidInput with its sentence where that cannot be used."""
        if self.value is None:
            raise InvalidInput(self.problem)
        return self.value


def whole_number(
    label: str,
    least: int,
    most: int,
    default: int,
    *,
    key: str,
    place: DeltaGenerator | None = None,
    help: str | None = None,
) -> Field[int]:
    """Ask for a whole number within bounds."""
    place = place or st.container()
    typed = place.text_input(label, str(default), key=key, help=help)
    field = read_whole_number(label, typed, least, most)
    _say(place, field.problem)
    return field


def read_whole_number(label: str, typed: str, least: int, most: int) -> Field[int]:
    """What was typed, if it is a whole number within bounds."""
    if re.fullmatch(r"[0-9]{1,9}", typed.strip()) and least <= int(typed) <= most:
        return Field(int(typed))
    given = f"“{typed.strip()[:40]}”" if typed.strip() else "empty"
    return Field(None, f"{label} is {given}; accepted is a whole number from {least} to {most}.")


def name(
    label: str,
    longest: int,
    *,
    key: str,
    default: str = "",
    place: DeltaGenerator | None = None,
    placeholder: str | None = None,
) -> Field[str]:
    """Ask for a name of at most so many characters; a form that needs one says so itself when it is pressed."""
    place = place or st.container()
    typed = place.text_input(label, default, key=key, placeholder=placeholder).strip()
    if len(typed) <= longest:
        return Field(typed)
    problem = f"{label} has {len(typed)} characters; accepted are at most {longest}."
    _say(place, problem)
    return Field(None, problem)


def _say(place: DeltaGenerator, problem: str | None) -> None:
    if problem:
        place.caption(f":red[:material/error: {plain(problem)}]")
