"""Every environment variable AutoLynx reads, checked once at start.

The names are a contract: see `.env.example`, which explains each and is tested against this class.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from autolynx.errors import InvalidInput
from autolynx.http.loopback import is_loopback
from autolynx.regions import ACCEPTED as REGION_ACCEPTED
from autolynx.regions import read_region
from autolynx.secrecy.guessing import ACCEPTED, why_guessable

Port = Annotated[int, Field(ge=1, le=65535)]
SHORTEST_VISIBILITY_SECONDS = 300  # of a dial in doubt at the real provider
MOST_CONCURRENT = 50  # calls of one campaign
#: the secrets that open something of ours to whoever knows them
GUARDING = ("webhook_shared_secret", "api_token", "cron_shared_secret", "metrics_token")


HTTP_ADDRESS = "an address that begins with http:// or https://"


class WrongSetting(Exception):
    """A setting cannot be used."""


@lru_cache(maxsize=10)  # asked for each message
def _leads_to_this_machine(address: str) -> bool:
    return is_loopback(urlsplit(address).hostname)


class Settings(BaseSettings):
    """The configuration of one process. Empty variables count as not set."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    supabase_url: str | None = None
    supabase_service_role_key: SecretStr | None = None
    supabase_anon_key: SecretStr | None = None
    database_url: SecretStr | None = None

    vapi_api_key: SecretStr | None = None
    vapi_phone_number_id: str | None = None
    vapi_base_url: str | None = None

    webhook_shared_secret: SecretStr | None = None
    webhook_public_url: str | None = None
    cron_shared_secret: SecretStr | None = None
    api_token: SecretStr | None = None
    metrics_token: SecretStr | None = None

    default_concurrency_cap: Annotated[int, Field(ge=1, le=MOST_CONCURRENT)] = 8
    organization_concurrency_cap: Annotated[int, Field(ge=1, le=1000)] = 10
    dials_per_minute: Annotated[int, Field(ge=1, le=10_000)] | None = None
    default_cron_cadence: Annotated[int, Field(ge=1, le=3600)] = 60
    claim_lease_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    dial_visibility_seconds: Annotated[int, Field(ge=1, le=86_400)] = 600
    reconcile_after_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    default_phone_region: str | None = None
    max_campaign_size: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    max_upload_mb: Annotated[int, Field(ge=1, le=200)] = 10

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    autolynx_home: Path = Path(".autolynx")
    app_host: str = "127.0.0.1"
    app_port: Port = 8501
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8502
    simulator_port: Port = 8503
    simulator_seed: int | None = None
    simulator_speed: Annotated[float, Field(gt=0, le=10_000)] = 1.0

    feature_strict_batching: bool = True
    feature_phone_line_health_check: bool = True
    feature_transcript_analysis: bool = True
    feature_cost_tracking: bool = True
    feature_export_functionality: bool = True

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("default_phone_region")
    @classmethod
    def _country(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        try:
            return read_region(value)
        except InvalidInput as error:
            raise ValueError(f"{REGION_ACCEPTED}; or nothing") from error

    @field_validator("supabase_url", "vapi_base_url", "webhook_public_url")
    @classmethod
    def _http_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not _is_http_address(value):
            raise ValueError(HTTP_ADDRESS)
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _postgres_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("an address that begins with postgresql://")
        return value

    @model_validator(mode="after")
    def _supabase_is_whole(self) -> Settings:
        if (self.supabase_url is None) != (self.supabase_service_role_key is None) and not self.database_url:
            raise ValueError("SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY go together; only one is set.")
        return self

    @model_validator(mode="after")
    def _doubt_lasts(self) -> Settings:
        if self.dial_visibility_seconds < SHORTEST_VISIBILITY_SECONDS and not self.is_provider_local:
            raise ValueError(
                f"DIAL_VISIBILITY_SECONDS is {self.dial_visibility_seconds}; accepted is a whole number from "
                f"{SHORTEST_VISIBILITY_SECONDS} to 86400, less only for a provider on this machine."
            )
        return self

    @model_validator(mode="after")
    def _secrets_are_secret(self) -> Settings:
        """Where real calls are at stake. No value is ever part of the sentence."""
        if self.vapi_api_key is None or self.is_provider_local:
            return self
        values = {name: getattr(self, name) for name in type(self).model_fields if name not in GUARDING}
        others = {_bare(value): name.upper() for name, value in values.items() if value is not None}
        for name in GUARDING:
            secret: SecretStr | None = getattr(self, name)
            if secret is None:
                continue
            same = others.get(_bare(secret))
            reason = f"is the same as {same}" if same else why_guessable(secret.get_secret_value().strip())
            if reason:
                raise ValueError(f"{name.upper()} {reason}; accepted is {ACCEPTED}.")
            others[_bare(secret)] = name.upper()
        return self

    @property
    def is_provider_local(self) -> bool:
        """True where the provider answers on this machine, as the simulator does."""
        return _leads_to_this_machine(self.provider_url)

    @property
    def transport(self) -> Literal["supabase", "postgres", "embedded"]:
        """Which database transport these settings choose."""
        if self.supabase_url and self.supabase_service_role_key:
            return "supabase"
        return "postgres" if self.database_url else "embedded"

    @property
    def is_simulated(self) -> bool:
        """True when the simulator stands in for Vapi: no VAPI_API_KEY is configured."""
        return self.vapi_api_key is None

    @property
    def provider_url(self) -> str:
        """The address of Vapi's API, or of the simulator that stands in."""
        if self.vapi_base_url:
            return self.vapi_base_url
        return f"http://127.0.0.1:{self.simulator_port}" if self.is_simulated else "https://api.vapi.ai"

    @property
    def provider_key(self) -> str:
        """The key sent to the provider; the simulator takes any."""
        return self.vapi_api_key.get_secret_value() if self.vapi_api_key else "simulator"

    @property
    def webhook_url(self) -> str:
        """Where Vapi shall report to."""
        return f"{self.webhook_public_url or f'http://127.0.0.1:{self.webhook_port}'}/webhooks/vapi"

    @property
    def webhook_secret(self) -> str | None:
        """What a Vapi message must prove; with the simulator alone, one is derived from the home folder."""
        if self.webhook_shared_secret:
            return self.webhook_shared_secret.get_secret_value()
        if self.is_simulated:
            home = str(self.autolynx_home.resolve())
            return hashlib.sha256(f"autolynx simulator {home}".encode()).hexdigest()
        return None


def _bare(value: object) -> str:
    """A value for comparing: nobody guesses worse for blanks, capitals or an address's last slash."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return text.strip().lower().rstrip("/")


def _is_http_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when out of range
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)


def _sentence(error: ValidationError) -> str:
    """One line for the first thing that is wrong."""
    first = error.errors()[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return reason
    name = str(first["loc"][0])
    field = Settings.model_fields[name]
    accepted = reason if first["type"] == "value_error" else _accepted(field)
    return f"{name.upper()} is {_given(field, first['input'])}; accepted is {accepted}."


def _given(field: FieldInfo, value: object) -> str:
    """What was set, never a secret: not a secret's value, nor a password inside an address."""
    if "SecretStr" in str(field.annotation):
        return "set to something else (not shown)"
    text = re.sub(r"://[^/@]*@", "://…@", str(value))
    return repr(text if len(text) <= 60 else f"{text[:20]}…")


def _accepted(field: FieldInfo) -> str:
    kinds = [kind for kind in get_args(field.annotation) if kind is not type(None)]
    if get_origin(field.annotation) is Literal:
        return f"{', '.join(kinds[:-1])} or {kinds[-1]}"
    kind = kinds[0] if kinds else field.annotation
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _bounds(field)
    return "a text"


def _bounds(field: FieldInfo) -> str:
    limits: dict[str, Any] = {}
    for limit in field.metadata:
        limits |= {sign: getattr(limit, sign) for sign in ("ge", "gt", "le") if hasattr(limit, sign)}
    if "ge" in limits:
        return f" from {limits['ge']} to {limits['le']}"
    return f" above {limits['gt']}, at most {limits['le']}" if limits else ""


def load_settings(**values: object) -> Settings:
    """Read the environment and `.env`.

    Raises WrongSetting with one line that names the variable, what was given and what is accepted.
    """
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        raise WrongSetting(_sentence(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f".env cannot be read ({error}); accepted is a UTF-8 text file.") from error


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()


def environment_names() -> list[str]:
    """The variables `.env.example` must explain, in the order of the class."""
    return [name.upper() for name in Settings.model_fields]
