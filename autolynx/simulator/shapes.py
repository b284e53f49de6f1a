"""What a body may look like: JSON Schema documents in `schemas`, answered in the words of NestJS's class-validator.

They are of draft 2020-12 but for two things, and so name no `$schema`: a null counts as absent, as with the provider;
and `discriminator` is OpenAPI's, which of several shapes a value has, by one of its fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

_FORMATS = {
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
    "e164": re.compile(r"\+[1-9]\d{6,14}"),
    "any number": re.compile(r"\+?[a-zA-Z0-9]+"),
}
_NO_NUMBER = (
    "must be a valid phone number in the E.164 format. Hot tip, you may be missing the country code (Eg. US: +1)."
)
_FORMAT_TEXTS = {"uuid": "must be a UUID", "e164": _NO_NUMBER, "any number": _NO_NUMBER}
_TYPE_TEXTS = {
    "string": "must be a string",
    "number": "must be a number conforming to the specified constraints",
    "boolean": "must be a boolean value",
    "object": "must be an object",
    "array": "must be an array",
}
#: keyword -> what the provider says of a field that does not keep to it
_TEXTS: dict[str, Callable[[Any], str]] = {
    "type": lambda wanted: _TYPE_TEXTS[wanted],
    "format": lambda wanted: _FORMAT_TEXTS[wanted],
    "enum": lambda choices: f"must be one of the following values: {', '.join(choices)}",
    "maxLength": lambda longest: f"must be shorter than or equal to {longest} characters",
    "minLength": lambda shortest: f"must be longer than or equal to {shortest} characters",
    "maximum": lambda highest: f"must not be greater than {highest:g}",
    "minimum": lambda lowest: f"must not be less than {lowest:g}",
    "required": lambda _: "should not be null or undefined",
}


def violations(body: Mapping[str, Any], shape: str) -> Iterator[str]:
    """Yield what is wrong with a body that should look like `schemas/<shape>.json`."""
    for error in _VALIDATORS[shape].iter_errors(body):
        *above, field = map(str, error.absolute_path)
        if error.validator == "additionalProperties":
            yield ".".join([*above, f"property {field} should not exist"])
        else:
            yield f"{'.'.join([*above, field])} {_TEXTS[str(error.validator)](error.validator_value)}"


def _properties(validator: Any, shapes: Mapping[str, Any], value: Any, _schema: object) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for name, shape in shapes.items():
            if value.get(name) is not None:
                yield from validator.descend(value[name], shape, path=name)


def _required(_validator: object, names: list[str], value: Any, _schema: object) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        yield from (ValidationError(name, path=[name]) for name in names if value.get(name) is None)


def _no_more(_validator: object, _more: bool, value: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        yield from (ValidationError(name, path=[name]) for name in value if name not in schema["properties"])


def _discriminator(validator: Any, told: Mapping[str, Any], value: Any, _schema: object) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    name, shapes = told["propertyName"], told["mapping"]
    kind = value.get(name)
    if isinstance(kind, str) and kind in shapes:
        yield from validator.descend(value, {"$ref": shapes[kind]})
    else:
        yield ValidationError(name, path=[name], validator="enum", validator_value=list(shapes))


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, pattern in _FORMATS.items():
        checker.checks(name)(partial(_fits, pattern))
    return checker


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _validators() -> dict[str, Any]:
    keywords = {
        "properties": _properties,
        "required": _required,
        "additionalProperties": _no_more,
        "discriminator": _discriminator,
    }
    ours = extend(Draft202012Validator, keywords)
    files = (Path(__file__).parent / "schemas").glob("*.json")
    schemas = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], DRAFT202012.create_resource(schema)) for schema in schemas.values()
    )
    checker = _formats()
    return {name: ours(schema, registry=registry, format_checker=checker) for name, schema in schemas.items()}


_VALIDATORS = _validators()
