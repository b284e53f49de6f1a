"""A form with a contact list -> what a campaign is created from."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, BaseModel, Field, ValidationError, field_validator
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from autolynx.api.errors import invalid_input, too_large
from autolynx.errors import InvalidInput
from autolynx.http.json_text import OutOfBounds, read_strictly
from autolynx.models import CallingHours, CampaignMode
from autolynx.settings import MOST_CONCURRENT

_NO_FILE = (
    "The contact list is missing: send a multipart form with the CSV as the file field contacts "
    "(curl -F contacts=@contacts.csv)."
)


_HOURS = 'calling_hours takes JSON like {"from": "09:00", "until": "18:00", "days": [1,2,3,4,5], "time_zone": "UTC"}'


class NewCampaign(BaseModel):
    """The form's fields; the names in camelCase are accepted too."""

    name: str
    assistant_id: str = Field(validation_alias=AliasChoices("assistant_id", "assistantId"))
    phone_number_id: str | None = Field(None, validation_alias=AliasChoices("phone_number_id", "phoneNumberId"))
    region: str | None = None
    cap: int | None = None
    mode: str = CampaignMode.CONTINUOUS
    quiet_line: bool = Field(False, validation_alias=AliasChoices("quiet_line", "quietLine"))
    calling_hours: CallingHours | None = Field(None, validation_alias=AliasChoices("calling_hours", "callingHours"))

    @field_validator("calling_hours", mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        try:
            return read_strictly(value) if isinstance(value, str) else value
        except OutOfBounds as error:
            raise ValueError(f"{error.message} {_HOURS}") from error
        except ValueError as error:
            raise ValueError(_HOURS) from error


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
        return NewCampaign.model_validate(given)
    except ValidationError as error:
        raise invalid_input([{**found, "loc": ("body", *found["loc"])} for found in error.errors()]) from error


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


#: How the OpenAPI page shows the form.
FORM_SCHEMA: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["contacts", "name", "assistant_id"],
                    "properties": {
                        "contacts": {"type": "string", "format": "binary", "description": "the CSV"},
                        "name": _text("1 to 120 characters"),
                        "assistant_id": _text("in the directory; assistantId is accepted too"),
                        "phone_number_id": _text(
                            "the line; VAPI_PHONE_NUMBER_ID if not given; phoneNumberId is accepted too"
                        ),
                        "region": _text(
                            "the country (ISO 3166, such as US) as whose numbers without a country code are read; "
                            "none for nobody's, DEFAULT_PHONE_REGION if not given"
                        ),
                        "cap": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": MOST_CONCURRENT,
                            "description": "calls at once, DEFAULT_CONCURRENCY_CAP if not given",
                        },
                        "mode": {"type": "string", "enum": list(CampaignMode), "default": "continuous"},
                        "quiet_line": {
                            "type": "boolean",
                            "description": "dial only while no other campaign has a call on the line",
                        },
                        "calling_hours": _text(_HOURS),
                    },
                }
            }
        },
    }
}
