"""Every error answers `{"error": {"code", "message", "details"}}`, with a sentence fit for a user."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from autolynx.api.answers import Answer
from autolynx.errors import (
    RETRY_AFTER_SECONDS,
    AutoLynxError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    Unauthorized,
    Unavailable,
)
from autolynx.models import CampaignStatus

log = structlog.get_logger(__name__)

STOPPING = "The server is stopping; please try again."
SOMETHING_WENT_WRONG = "Something went wrong in AutoLynx; it has been logged."

#: The first class that an error is an instance of; any other is our own mistake.
_STATUSES: dict[type[AutoLynxError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    Conflict: 409,
    Unauthorized: 401,
    Forbidden: 403,
    Unavailable: 503,
    ProviderUnavailable: 503,
    ProviderError: 502,
}
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_AFTER_SECONDS)}}
_CODES = {404: "not_found", 405: "method_not_allowed", 408: "too_slow", 413: "too_large"}
_KINDS = {
    "int_parsing": "it must be a whole number",
    "int_type": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "string_type": "it must be a text",
    "dict_type": "it must be a JSON object",
    "bool_parsing": "it must be true or false",
    "bool_type": "it must be true or false",
    "greater_than_equal": "at least {ge} is accepted",
    "less_than_equal": "at most {le} is accepted",
}
#: a file, an address, or a host with its port: for the terminal and the log alone
_PLACE = re.compile(r"(^|\s)[~.]?/\S|://|\b\d{1,3}(\.\d{1,3}){3}\b|\S:\d{2,5}\b")
_NO_OBJECT = "The request needs a JSON object as its body, with the header Content-Type: application/json."


class WrongField(BaseModel):
    """A field that cannot be used, and why."""

    field: str
    problem: str


class InTheWay(BaseModel):
    """A campaign because of which something cannot be done."""

    id: UUID
    name: str
    status: CampaignStatus


class Problem(BaseModel):
    """What was wrong: a code, a sentence for people, and what else there is to say."""

    code: str
    message: str
    details: list[WrongField] | list[InTheWay] | dict[str, Any] | None


class ErrorAnswer(BaseModel):
    """What every error looks like."""

    error: Problem


def handle_errors(app: FastAPI) -> None:
    """Let an application answer every error in the one form."""
    app.add_exception_handler(AutoLynxError, _refused)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _not_valid)


def error_answer(
    status: int, code: str, message: str, details: Any = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """The one form of an error."""
    problem = {"code": code, "message": message, "details": details}
    return Answer({"error": problem}, status, {**_HEADERS.get(status, {}), **(headers or {})})


def refusal_answer(error: AutoLynxError) -> Answer:
    """Answer one of our own errors; what only we can mend is logged, and so are a driver's or the provider's words."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 500)
    if status == 500:
        log.error("request_failed", exc_info=error)
        return error_answer(500, "internal", SOMETHING_WENT_WRONG)
    is_away = isinstance(error, Unavailable)
    is_told = not is_away and not isinstance(error.details, str)
    if not is_told:
        log.warning("request_refused", status=status, error=error.message, details=error.details)
    message = (error.__doc__ or "") if is_away and _PLACE.search(error.message) else error.message
    return error_answer(status, error.code, message, error.details if is_told else None)


def too_large(limit_bytes: int) -> HTTPException:
    """A body over the limit, as FastAPI lets it pass while it reads a body."""
    return HTTPException(413, f"The request is larger than {limit_bytes // 1024**2} MB, the most that is accepted.")


def invalid_input(errors: Sequence[Any]) -> InvalidInput:
    """What pydantic found -> one sentence about the first thing, and all of them as details."""
    details = [{"field": _field(error), "problem": _problem(error)} for error in errors]
    first = errors[0]
    if first["type"] == "missing" and len(first["loc"]) > 1:
        return InvalidInput(f"{_field(first)} is missing.", details=details)
    if len(first["loc"]) <= 1 and first["type"] != "value_error":
        return InvalidInput(_NO_OBJECT, details=details)
    if first["type"] == "value_error":
        return InvalidInput(_problem(first), details=details)
    return InvalidInput(f"{_field(first)} is {_given(first['input'])}; {_problem(first)}.", details=details)


async def _refused(_request: Request, error: Exception) -> Answer:
    assert isinstance(error, AutoLynxError)
    return refusal_answer(error)


async def _http_error(request: Request, error: Exception) -> Answer:
    assert isinstance(error, HTTPException)
    sentence = {
        404: f"There is nothing at {request.method} {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
    }.get(error.status_code, error.detail)
    return error_answer(
        error.status_code, _CODES.get(error.status_code, "invalid_input"), sentence, headers=error.headers
    )


async def _not_valid(_request: Request, error: Exception) -> Answer:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        sentence = f"The body is no JSON: {first['ctx']['error']} at character {first['loc'][-1]}."
        return error_answer(400, InvalidInput.code, sentence)
    return refusal_answer(invalid_input(error.errors()))


def _field(error: Any) -> str:
    return ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path"))


def _problem(error: Any) -> str:
    if kind := _KINDS.get(error["type"]):
        return kind.format(**error.get("ctx", {}))
    text = str(error["msg"]).removeprefix("Value error, ")
    return text if error["type"] == "value_error" else text[:1].lower() + text[1:]


def _given(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
