"""The API's own description of itself, without a server, and answers held against it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
from fastapi import FastAPI

from autolynx.api.application import described_api
from tests.support.recording import Exchange

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """As `/openapi.json` answers it."""
    app: FastAPI = described_api()
    return app.openapi()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every method and path, and what it does."""
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def schema_of(exchange: Exchange) -> dict[str, Any] | None:
    """What this answer has to look like; None where there is no such route."""
    path = exchange.path.partition("?")[0]
    for method, pattern, operation in operations():
        if method == exchange.method.lower() and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            responses = operation["responses"]
            found = responses.get(str(exchange.status), responses.get("default"))
            assert found, f"{method} {pattern} does not tell of {exchange.status}"
            content = found["content"]
            assert exchange.media_type in content, f"{method} {pattern}: {exchange.media_type}"
            return dict(content[exchange.media_type]["schema"])
    return None


def complaints(value: Any, schema: dict[str, Any]) -> list[str]:
    """What in a value does not fit a schema of the document; fields that it does not name do not fit."""
    validator = jsonschema.Draft202012Validator(
        schema | {"components": _closed()}, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


@cache
def _closed() -> dict[str, Any]:
    """The document's models, none of which takes a field that it does not name."""
    components = copy.deepcopy(document()["components"])
    for model in components["schemas"].values():
        if "properties" in model:
            model.setdefault("additionalProperties", False)
    return dict(components)
