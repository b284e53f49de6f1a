"""The options of `campaign create`, made of a new campaign's fields, so that none is forgotten."""

from __future__ import annotations

import argparse
from typing import Any

from autolynx.models import WEEKDAYS, CallingHours, NewCampaign, is_required, told_fields

_HOURS = "calling_hours"
#: what an option is called where that is not its field's name
_NAMES = {
    "assistant_id": "--assistant",
    "phone_number_id": "--line",
    "from": "--calling-from",
    "until": "--calling-until",
    "days": "--calling-days",
}
_VALUES = {
    "assistant_id": "ID",
    "phone_number_id": "ID",
    "region": "CODE",
    "from": "TIME",
    "until": "TIME",
    "days": "DAYS",
    "time_zone": "ZONE",
}
#: what only the terminal needs to say
_MORE = {
    "assistant_id": "; see `assistant list`",
    "days": ", such as 1,2,3; Monday to Friday if not given",
    "time_zone": "; UTC if not given",
}


def add_options(create: argparse.ArgumentParser) -> None:
    """Add an option a field, and one for each part of the calling hours."""
    for name, told in told_fields().items():
        if name != _HOURS:
            _add(create, name, name, told["description"], required=is_required(name), **_values(name, told))
    hours = create.add_argument_group("calling hours", told_fields()[_HOURS]["description"])
    for part, field in CallingHours.model_fields.items():
        name = field.alias or part
        kind = {"type": _days} if name == "days" else {}
        _add(hours, name, _place(name), field.description or "", metavar=_VALUES.get(name), **kind)


def asked_for(options: argparse.Namespace) -> NewCampaign:
    """The campaign that the options describe. What was not given keeps its default."""
    given = {name: getattr(options, name) for name in NewCampaign.model_fields if name != _HOURS}
    parts = [field.alias or part for part, field in CallingHours.model_fields.items()]
    hours = {part: value for part in parts if (value := getattr(options, _place(part))) is not None}
    if hours:
        given[_HOURS] = {"from": "", "until": "", "days": WEEKDAYS} | hours
    return NewCampaign.model_validate({name: value for name, value in given.items() if value is not None})


def _add(parser: argparse._ActionsContainer, name: str, place: str, description: str, **more: Any) -> None:
    option = _NAMES.get(name, f"--{name.replace('_', '-')}")
    parser.add_argument(option, dest=place, help=description + _MORE.get(name, ""), **more)


def _values(name: str, told: dict[str, Any]) -> dict[str, Any]:
    """What an option takes."""
    if told["type"] == "boolean":
        return {"action": "store_true"}
    if choices := told.get("enum"):
        return {"choices": choices}
    kind = {"type": int} if told["type"] == "integer" else {}
    return {"metavar": _VALUES.get(name, name.upper())} | kind


def _place(part: str) -> str:
    """Where the options keep a part of the calling hours."""
    return f"{_HOURS}.{part}"


def _days(text: str) -> list[int]:
    try:
        return [int(day) for day in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'"{text}" given; accepted are numbers like 1,2,3') from error
