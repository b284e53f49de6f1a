"""A form with a contact list -> what a campaign is created from."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError, field_validator
from pydantic.alias_generators import to_camel
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from autolynx.api.errors import invalid_input, too_large
from autolynx.errors import InvalidInput
from autolynx.http.json_text import OutOfBounds, read_strictly
from autolynx.models import NewCampaign, is_required, told_fields

_NO_FILE = (
    "The contact list is missing: send a multipart form with the CSV as the file field contacts "
    "(curl -F contacts=@contacts.csv)."
)
_HOURS = 'JSON like {"from": "09:00", "until": "18:00", "days": [1,2,3,4,5], "time_zone": "UTC"}'


class _Form(NewCampaign):
    """A new campaign whose calling hours are text, as all fields of a form are."""

    @field_validator("calling_hours", mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        try:
            read = read_strictly(value) if isinstance(value, str) else value
        except OutOfBounds as error:
            raise ValueError(f"{error.message} calling_hours takes {_HOURS}") from error
        except ValueError as error:
            raise ValueError(f"calling_hours takes {_HOURS}") from error
        if read is not None and not isinstance(read, dict):
            raise ValueError(f"calling_hours takes {_HOURS}")
        return read


async def read_form(request: Request, max_bytes: int) -> tuple[NewCampaign, bytes]:
    """The fields and the list's bytes. Raises InvalidInput; HTTPException for an unreadable or large form."""
    try:
        form = await request.form(max_files=1, max_fields=50)
    except HTTPException:
        raise
    except Exception as error:  # the parser has several, by the way in which a form is broken
        raise HTTPException(400, "The form cannot be read: it is no complete multipart/form-data.") from error
    try:
        return await _content(form, max_bytes)
    finally:
        await form.close()


async def _content(form: FormData, max_bytes: int) -> tuple[NewCampaign, bytes]:
    upload = form.get("contacts")
    if not isinstance(upload, UploadFile):
        raise InvalidInput(_NO_FILE)
    if (upload.size or 0) > max_bytes:
        raise too_large(max_bytes)
    given = {name: value for name, value in form.items() if isinstance(value, str) and value.strip()}
    return _campaign(given), await upload.read()


def _campaign(given: dict[str, str]) -> NewCampaign:
    try:
        return _Form.model_validate(given)
    except ValidationError as error:
        raise invalid_input([{**found, "loc": ("body", *found["loc"])} for found in error.errors()]) from error


def _property(name: str, told: dict[str, Any]) -> dict[str, Any]:
    """How a form shows a field: what is nested goes there as text, and either name does."""
    described = told["description"]
    if told["type"] == "object":
        described = f"{described}; {_HOURS}"
    if (camel_case := to_camel(name)) != name:
        described = f"{described}; {camel_case} is accepted too"
    return told | {"type": "string" if told["type"] == "object" else told["type"], "description": described}


_PROPERTIES = {name: _property(name, told) for name, told in told_fields().items()}

#: How the OpenAPI page shows the form.
FORM_SCHEMA: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["contacts", *filter(is_required, _PROPERTIES)],
                    "properties": {
                        "contacts": {"type": "string", "format": "binary", "description": "the CSV"},
                        **_PROPERTIES,
                    },
                }
            }
        },
    }
}
