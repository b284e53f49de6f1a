"""How models are written, the same for the API, for `--json` and for exports.

Money and lengths are JSON numbers, in a table plain decimals, always with the digits that are stored; times are
ISO 8601 with the offset; enums are their codes.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue

#: US dollars.
Usd = Annotated[Decimal, WithJsonSchema({"type": "number", "description": "US dollars"})]
#: A length.
Seconds = Annotated[Decimal, WithJsonSchema({"type": "number", "description": "seconds"})]


class ShownAs:
    """What is passed on as the database sends it, shown in schemas as the model that it fits."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def __get_pydantic_json_schema__(self, _schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """As pydantic asks for it."""
        return handler(self._model.__pydantic_core_schema__)


def sent_json(value: Any) -> str:
    """JSON without white space. What the database did not send of a model, as in a list, is left out."""
    return json.dumps(value, default=_sent, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def whole_json(value: Any) -> str:
    """JSON for people and scripts, on many lines, with every field of every model."""
    return json.dumps(value, default=_whole, ensure_ascii=False, allow_nan=False, indent=2)


def cell(value: object) -> str:
    """A value in a table of text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else _text(value)


def _sent(value: Any) -> Any:
    return value.model_dump(exclude_unset=True) if isinstance(value, BaseModel) else _scalar(value)


def _whole(value: Any) -> Any:
    return value.model_dump() if isinstance(value, BaseModel) else _scalar(value)


def _scalar(value: object) -> float | str:
    """A float's shortest text has the digits that the decimal had, up to fifteen of them."""
    return float(value) if isinstance(value, Decimal) else _text(value)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
