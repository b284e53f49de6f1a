"""A new campaign, as it is asked for on the page, by the API and on the command line."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from autolynx.models.campaign import CallingHours, CampaignMode
from autolynx.settings import MOST_CONCURRENT

LONGEST_NAME = 120  # characters


def _names(field: str) -> AliasChoices:
    return AliasChoices(field, to_camel(field))


class NewCampaign(BaseModel):
    """All that is chosen of a campaign, its list apart.

    What each field is, its bounds and its default stand here once: the API's form and the options of `campaign create`
    are made of them. The bounds are told and not checked: the database refuses what is beyond them, with the same
    sentence whichever way it came. Names in camelCase are accepted too.
    """

    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=_names), frozen=True)

    name: str = Field(description=f"1 to {LONGEST_NAME} characters")
    assistant_id: str = Field(description="in the directory")
    phone_number_id: str | None = Field(None, description="the line; VAPI_PHONE_NUMBER_ID if not given")
    region: str | None = Field(
        None,
        description="the country (ISO 3166, such as US) as whose numbers without a country code are read; "
        "none for nobody's, DEFAULT_PHONE_REGION if not given",
    )
    cap: int | None = Field(
        None,
        description="calls at once, DEFAULT_CONCURRENCY_CAP if not given",
        json_schema_extra={"minimum": 1, "maximum": MOST_CONCURRENT},
    )
    mode: str = Field(
        CampaignMode.CONTINUOUS,
        description="a line that becomes free takes the next contact at once, or when all of its batch have ended",
        json_schema_extra={"enum": [str(mode) for mode in CampaignMode]},
    )
    quiet_line: bool = Field(False, description="dial only while no other campaign has a call on the line")
    calling_hours: CallingHours | None = Field(
        None, description="when people may be called, by the clock where they are; at any time if not given"
    )


def told_fields() -> dict[str, dict[str, Any]]:
    """What JSON Schema tells of each field: `description`, and where there are any `enum`, `default` and bounds.

    `type` is one of string, integer, boolean and object; that null stands for a field not given is left out.
    """
    schema = NewCampaign.model_json_schema(by_alias=False)
    return {name: _without_null(told, schema["$defs"]) for name, told in schema["properties"].items()}


def is_required(name: str) -> bool:
    """Whether a campaign cannot be asked for without this field."""
    return NewCampaign.model_fields[name].is_required()


def _without_null(told: dict[str, Any], nested: dict[str, dict[str, Any]]) -> dict[str, Any]:
    kinds = [kind for kind in told.get("anyOf", []) if kind != {"type": "null"}]
    kind = kinds[0] if kinds else {}
    if name := kind.get("$ref"):
        kind = {"type": nested[name.rpartition("/")[2]]["type"]}
    kept = {key: value for key, value in told.items() if key not in ("anyOf", "title") and value is not None}
    return kind | kept
