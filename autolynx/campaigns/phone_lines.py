"""The account's phone lines, as a campaign chooses one."""

from __future__ import annotations

from autolynx.access.actor import Actor, Right
from autolynx.contacts.phones import read_phone
from autolynx.errors import InvalidInput, ProviderError, ProviderKeyRefused
from autolynx.models import PhoneLine
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient


def list_phone_lines(client: VapiClient, settings: Settings, *, actor: Actor) -> list[PhoneLine]:
    """The account's lines, the best choice first. Raises a ProviderError.

    First the configured default; lines bought at Vapi come after a carrier's, as they may make only a few calls a
    day (VapiAI/docs, 2026-08). Lines that are equally good come by what a person reads of them.
    """
    actor.require(Right.LOOK)
    lines = [
        PhoneLine(id=n.id, number=n.number, name=n.name, provider=n.provider, is_active=n.status in (None, "active"))
        for n in client.list_phone_numbers()
    ]
    return sorted(
        lines,
        key=lambda line: (
            line.id != settings.vapi_phone_number_id,
            not line.is_active,
            line.provider == "vapi",
            line.label.casefold(),
            line.id,
        ),
    )


def country_of_line(line: PhoneLine) -> str | None:
    """The country (ISO 3166) of a line's own number, if the provider tells one."""
    try:
        return read_phone(line.number).region if line.number else None
    except InvalidInput:
        return None


def choose_phone_line(client: VapiClient, settings: Settings, phone_number_id: str | None, *, actor: Actor) -> str:
    """The line a campaign calls from: the one asked for, else VAPI_PHONE_NUMBER_ID, else the account's first.

    Raises InvalidInput for a line the account does not have or that is not active. When the provider cannot be
    asked, a line named by id is taken at its word: the first dial would say so.
    """
    actor.require(Right.LOOK)
    wanted = (phone_number_id or settings.vapi_phone_number_id or "").strip()
    if wanted and not settings.feature_phone_line_health_check:
        return wanted
    try:
        lines = list_phone_lines(client, settings, actor=actor)
    except ProviderKeyRefused:
        raise
    except ProviderError:
        if wanted:
            return wanted
        raise
    chosen = next((line for line in lines if line.id == wanted or not wanted), None)
    if chosen is None:
        known = ", ".join(line.id for line in lines) or "none"
        raise InvalidInput(f'The Vapi account has no phone line "{wanted}"; it has: {known}.')
    if not chosen.is_active and settings.feature_phone_line_health_check:
        raise InvalidInput(f"The phone line {chosen.label} is not active at Vapi; choose another or see its dashboard.")
    return chosen.id
