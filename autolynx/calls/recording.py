"""A call's recording, as the provider streams it."""

from __future__ import annotations

from uuid import UUID

from autolynx.access.actor import Actor, Right
from autolynx.calls.reading import get_call
from autolynx.database import Database
from autolynx.errors import NotFound, ProviderNotFound
from autolynx.vapi.client import VapiClient
from autolynx.vapi.recording import RecordingStream

_NONE = "There is no recording of this call."


def open_recording(
    database: Database, client: VapiClient, call_id: str | UUID, *, actor: Actor, byte_range: str | None = None
) -> RecordingStream:
    """A call's recording, to be read to the end or closed. Raises NotFound or a ProviderError.

    `byte_range`: as the header Range says it.
    """
    actor.require(Right.LOOK)
    call = get_call(database, call_id, actor=actor)
    if call.provider_call_id is None:
        raise NotFound(_NONE)
    try:
        return client.open_recording(call.provider_call_id, byte_range=byte_range)
    except ProviderNotFound as error:
        raise NotFound(_NONE) from error
