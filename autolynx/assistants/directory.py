"""The assistant directory: create, import, change, clone, delete - at the provider and here, both or neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog

from autolynx.access.actor import Actor, Right
from autolynx.assistants.config import TEMPLATES, merged, wire_config
from autolynx.assistants.config_types import check_config
from autolynx.assistants.secret_reach import check_reach, origins
from autolynx.assistants.unmasking import with_secrets
from autolynx.database import Database
from autolynx.errors import AutoLynxError, Conflict, InvalidInput, ProviderError, ProviderNotFound
from autolynx.models import Assistant, AssistantSource, Page, plain_config
from autolynx.models.identifier import identifier
from autolynx.secrecy.masking import masked, without_secrets_of
from autolynx.vapi.client import VapiClient

log = structlog.get_logger(__name__)

MAX_NAME_LENGTH = 40  # characters; the provider's limit


def list_assistants(
    database: Database, *, actor: Actor, active_only: bool = False, page: int = 1, limit: int = 50
) -> Page[Assistant]:
    """The directory, own assistants first, then the templates."""
    actor.require(Right.LOOK)
    found = database.call("list_assistants", active_only=active_only, page=page, limit=limit)
    items = [Assistant.model_validate(row) for row in found["assistants"]]
    return Page[Assistant](items=items, total=found["total"], page=page, limit=limit)


def get_assistant(database: Database, assistant_id: str | UUID, *, actor: Actor) -> Assistant:
    """One assistant. Raises NotFound."""
    actor.require(Right.LOOK)
    return Assistant.model_validate(database.call("get_assistant", id=identifier(assistant_id, "an assistant")))


def create_assistant(
    database: Database,
    client: VapiClient,
    *,
    actor: Actor,
    name: str,
    config: dict[str, Any],
    source: AssistantSource = AssistantSource.LOCAL,
) -> Assistant:
    """Create an assistant at the provider, then in the directory; if the second fails the first is undone.

    `config` may have the provider's form or the short one. Raises InvalidInput or a ProviderError, and then
    neither side has it.
    """
    actor.require(Right.CHANGE)
    _check_name(name)
    wanted = with_secrets(wire_config(config), {})
    with _telling_no_secret(wanted):
        created = client.create_assistant({**wanted, "name": name.strip()})
    try:
        return _save(database, name, source, created.id, created.config, actor)
    except AutoLynxError:
        _undo_creation(client, created.id)
        raise


def _undo_creation(client: VapiClient, provider_assistant_id: str) -> None:
    try:
        client.delete_assistant(provider_assistant_id)
    except ProviderError:
        log.exception("assistant_left_at_provider", provider_assistant_id=provider_assistant_id)


def import_assistant(
    database: Database, client: VapiClient, *, actor: Actor, provider_assistant_id: str, name: str | None = None
) -> Assistant:
    """Take an assistant that exists at the provider into the directory, or refresh it there.

    Raises InvalidInput when the provider has no such assistant.
    """
    actor.require(Right.CHANGE)
    wanted = provider_assistant_id.strip()
    if not wanted:
        raise InvalidInput("No assistant id was given; accepted is the id of an assistant in your Vapi account.")
    if name:
        _check_name(name)
    try:
        found = client.get_assistant(wanted)
    except ProviderNotFound as error:
        raise InvalidInput(f"Vapi has no assistant with the id {wanted}; copy the id from its dashboard.") from error
    title = (name or (found.name or f"Imported {wanted[:8]}")[:MAX_NAME_LENGTH]).strip()
    return _save(database, title, AssistantSource.IMPORTED, found.id, found.config, actor)


def update_assistant(
    database: Database,
    client: VapiClient,
    assistant_id: str | UUID,
    *,
    actor: Actor,
    name: str | None = None,
    config: dict[str, Any] | None = None,
    active: bool | None = None,
) -> Assistant:
    """Change what is given. The provider is asked first; what it refuses changes nothing here either.

    Raises NotFound, Conflict for a template, InvalidInput or a ProviderError.
    """
    actor.require(Right.CHANGE)
    row = database.call("get_assistant", id=identifier(assistant_id, "an assistant"))
    before, stored = Assistant.model_validate(row), plain_config(row["config_json"])
    if name is not None:
        _check_name(name)
    changes = {**(config or {}), **({"name": name.strip()} if name is not None else {})}
    after = _changed_config(stored, changes) if changes else None
    if after is not None and after != stored and before.source is not AssistantSource.TEMPLATE:
        sent = _changed(stored, after)
        if not origins(after) <= origins(stored):
            _check_theirs(client.get_assistant(before.provider_assistant_id).config, sent)
        with _telling_no_secret(after):
            client.update_assistant(before.provider_assistant_id, sent)
    row = database.call("update_assistant", id=before.id, name=name, config=after, active=active, actor=actor.name)
    return Assistant.model_validate(row)


def _changed_config(stored: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The configuration after a change by somebody who was shown it masked, so that what is kept is known as such."""
    after: dict[str, Any] = with_secrets(merged(masked(stored), changes), stored)
    check_config(after)
    return after


def _check_theirs(theirs: dict[str, Any], sent: dict[str, Any]) -> None:
    """The same of the provider's copy, whose dashboard may have added a secret or an address that ours lacks."""
    check_reach({**masked(theirs), **sent}, {**theirs, **sent}, theirs)


@contextmanager
def _telling_no_secret(config: dict[str, Any]) -> Iterator[None]:
    """Let the provider's refusal quote no secret of what was sent."""
    try:
        yield
    except ProviderError as error:
        told = without_secrets_of(error.message, config)
        if told != error.message or isinstance(error.details, str):
            raise type(error)(told, hint=error.hint) from None
        raise


def clone_assistant(
    database: Database, client: VapiClient, assistant_id: str | UUID, *, actor: Actor, name: str | None = None
) -> Assistant:
    """Copy an assistant, usually a template, into one of your own."""
    actor.require(Right.CHANGE)
    row = database.call("get_assistant", id=identifier(assistant_id, "an assistant"))
    title = name or f"{row['name'][: MAX_NAME_LENGTH - 5]} copy"
    return create_assistant(database, client, name=title, config=plain_config(row["config_json"]), actor=actor)


def delete_assistant(database: Database, assistant_id: str | UUID, *, actor: Actor) -> None:
    """Take an assistant out of the directory; the provider keeps its own. Raises Conflict while campaigns use it."""
    actor.require(Right.CHANGE)
    database.call("delete_assistant", id=identifier(assistant_id, "an assistant"), actor=actor.name)


def seed_templates(database: Database, client: VapiClient, *, actor: Actor) -> list[Assistant]:
    """Add the template assistants that the directory lacks; the ones added. Safe to repeat, and at once."""
    actor.require(Right.CHANGE)
    listed = list_assistants(database, actor=actor, limit=1000).items
    present = {one.name for one in listed if one.source is AssistantSource.TEMPLATE}
    added = (_seed(database, client, template, actor) for template in TEMPLATES if template["name"] not in present)
    return [assistant for assistant in added if assistant]


def _seed(database: Database, client: VapiClient, template: dict[str, Any], actor: Actor) -> Assistant | None:
    try:
        return create_assistant(
            database,
            client,
            actor=actor,
            name=str(template["name"]),
            config=template,
            source=AssistantSource.TEMPLATE,
        )
    except Conflict:  # another process was faster
        return None


def _save(
    database: Database, name: str, source: AssistantSource, provider_id: str, config: dict[str, Any], actor: Actor
) -> Assistant:
    check_config(config)
    row = database.call(
        "save_assistant",
        name=name,
        source=str(source),
        provider_assistant_id=provider_id,
        config=config,
        actor=actor.name,
    )
    return Assistant.model_validate(row)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    removed = {key: None for key in before if key not in after}
    return removed | {key: value for key, value in after.items() if before.get(key) != value}


def _check_name(name: str) -> None:
    if not 1 <= len(name.strip()) <= MAX_NAME_LENGTH:
        raise InvalidInput(
            f'The name "{name}" has {len(name.strip())} characters; an assistant\'s name has 1 to {MAX_NAME_LENGTH}.'
        )
