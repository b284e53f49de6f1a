"""The API's description: whole, and true of every answer that was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autolynx.api.uploads import FORM_SCHEMA, NewCampaign
from tests.support.openapi import complaints, document, operations, schema_of
from tests.support.recording import Exchange, read

RECORDING = Path(__file__).parents[1] / "flows" / "data" / "api_answers.txt"
OPERATIONS = {f"{method} {path}": operation for method, path, operation in operations()}
MODELS: dict[str, dict[str, Any]] = document()["components"]["schemas"]
ERROR = {"$ref": "#/components/schemas/ErrorAnswer"}


def told(schema: dict[str, Any]) -> bool:
    """Whether a schema says more than "some object"."""
    if schema.get("type") == "object":
        return bool(schema.get("properties") or schema.get("additionalProperties"))
    return any(schema.get(word) for word in ("$ref", "type", "anyOf", "enum", "const"))


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_says_what_an_operation_answers(name: str) -> None:
    responses = OPERATIONS[name]["responses"]
    schemas = [
        content["schema"]
        for status, response in responses.items()
        if status.startswith("2")
        for content in response["content"].values()
    ]

    assert schemas
    assert all(told(schema) for schema in schemas), schemas
    assert responses["default"]["content"]["application/json"]["schema"] == ERROR
    assert OPERATIONS[name].get("description")


@pytest.mark.parametrize("name", MODELS)
def test_it_describes_every_model_and_types_every_property(name: str) -> None:
    model = MODELS[name]

    assert model.get("description"), name
    for field, schema in model.get("properties", {}).items():
        assert told(schema), f"{name}.{field} has no type: {schema}"


def test_it_names_every_field_of_the_form() -> None:
    content = FORM_SCHEMA["requestBody"]["content"]["multipart/form-data"]
    form = content["schema"]

    assert set(form["properties"]) == set(NewCampaign.model_fields) | {"contacts"}
    needed = {name for name, field in NewCampaign.model_fields.items() if field.is_required()}
    assert set(form["required"]) == needed | {"contacts"}


def test_it_writes_money_and_lengths_as_numbers() -> None:
    found = {
        (name, field): schema
        for name, model in MODELS.items()
        for field, schema in model.get("properties", {}).items()
        if field.endswith(("_usd", "_seconds")) and not field.endswith("_since_heartbeat")
    }

    assert found
    for place, schema in found.items():
        kinds = {option["type"] for option in schema.get("anyOf", [schema])}
        assert kinds <= {"number", "null"}, place


def test_it_is_true_of_every_answer_that_was_recorded() -> None:
    wrong, seen = [], set()
    for exchange in read(RECORDING):
        local = Exchange(**{**vars(exchange), "path": exchange.path.removeprefix("http://127.0.0.1:8502")})
        schema = schema_of(local)
        seen.add((local.status < 300, schema is not None))
        value = json.loads(local.body) if local.media_type == "application/json" else local.body.decode()
        wrong += [f"{local.method} {local.path}: {line}" for line in complaints(value, schema or ERROR)]

    assert not wrong, "\n".join(wrong)
    assert (True, False) not in seen


def test_it_has_an_answer_of_every_operation() -> None:
    unheard = {name for name in OPERATIONS if not any(_is_of(name, exchange) for exchange in read(RECORDING))}

    assert not unheard


def _is_of(name: str, exchange: Exchange) -> bool:
    method, _, path = name.partition(" ")
    wanted, asked = path.split("/"), exchange.path.partition("?")[0].split("/")
    fits = len(wanted) == len(asked) and all(
        one == other or one.startswith("{") for one, other in zip(wanted, asked, strict=True)
    )
    return fits and exchange.method.lower() == method and exchange.status < 300
