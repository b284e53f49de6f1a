"""The directory against the provider: both sides have an assistant, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autolynx import assistants
from autolynx.assistant_config import TEMPLATES, system_prompt, wire_config
from autolynx.errors import AutoLynxError, Conflict, InvalidInput, ProviderError, ProviderKeyRefused
from autolynx.models import AssistantSource
from tests.product import Product, running

CONFIG = {
    "model": "gpt-4",
    "systemPrompt": "You are kind.",
    "voice": {"provider": "11labs", "voiceId": "sarah"},
    "firstMessage": "Hi!",
    "recordingEnabled": True,
    "silenceTimeoutSeconds": 30,
    "maxCallDurationSeconds": 120,
    "endCallTimeoutSeconds": 30,
}


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with running(database_url, tmp_path) as product:
        product.start_simulator()
        yield product


def create(desk: Product, name: str = "Ada", **config: object) -> assistants.Assistant:
    return assistants.create_assistant(desk.database, desk.client, name=name, config=CONFIG | config, actor="Eva")


def at_provider(desk: Product) -> list[str | None]:
    return sorted(str(one.name) for one in desk.client.list_assistants())


def test_it_creates_an_assistant_from_the_short_form_on_both_sides(desk: Product) -> None:
    created = create(desk)

    found = desk.client.get_assistant(created.provider_assistant_id)
    assert system_prompt(found.config) == "You are kind."
    assert found.config["model"]["model"] == "gpt-4"
    assert found.config["artifactPlan"] == {"recordingEnabled": True}
    assert found.config["maxDurationSeconds"] == 120
    assert created.config_json == found.config


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("", {}),
        ("x" * 41, {}),
        ("Ada", {"silenceTimeoutSeconds": 1}),
        ("Ada", {"nonsense": 1}),
        ("Ada", {"systemPrompt": 7}),
    ],
)
def test_it_leaves_nothing_behind_when_an_assistant_is_refused(desk: Product, name: str, config: dict) -> None:
    with pytest.raises((InvalidInput, ProviderError)):
        create(desk, name, **config)

    assert at_provider(desk) == []
    assert assistants.list_assistants(desk.database).total == 0


def test_it_takes_the_provider_copy_back_when_the_directory_refuses(desk: Product) -> None:
    template = {"name": "Discovery", "config": TEMPLATES[2], "actor": "Eva", "source": AssistantSource.TEMPLATE}
    assistants.create_assistant(desk.database, desk.client, **template)

    with pytest.raises(Conflict):
        assistants.create_assistant(desk.database, desk.client, **template)

    assert at_provider(desk) == ["Discovery"]


def test_it_seeds_the_templates_once(desk: Product) -> None:
    assert len(assistants.seed_templates(desk.database, desk.client)) == 3
    assert assistants.seed_templates(desk.database, desk.client) == []

    assert at_provider(desk) == ["Discovery", "Short pitch", "Voicemail-friendly"]


def test_it_clones_a_template_with_its_fractional_numbers(desk: Product) -> None:
    template = assistants.seed_templates(desk.database, desk.client)[0]

    clone = assistants.clone_assistant(desk.database, desk.client, template.id, actor="Eva")

    assert clone.source is AssistantSource.LOCAL
    assert clone.config_json["model"]["temperature"] == 0.4
    assert clone.provider_assistant_id != template.provider_assistant_id


def test_it_changes_the_prompt_and_keeps_the_rest_of_the_model(desk: Product) -> None:
    created = create(desk)

    changed = assistants.update_assistant(
        desk.database, desk.client, created.id, actor="Eva", name="Eve", config={"systemPrompt": "Be brief."}
    )

    found = desk.client.get_assistant(created.provider_assistant_id)
    assert (found.name, system_prompt(found.config), found.config["model"]["model"]) == ("Eve", "Be brief.", "gpt-4")
    assert (changed.name, changed.version) == ("Eve", 2)


def test_it_changes_nothing_here_when_the_provider_refuses(desk: Product) -> None:
    created = create(desk)

    with pytest.raises(ProviderError):
        assistants.update_assistant(
            desk.database, desk.client, created.id, actor="Eva", config={"silenceTimeoutSeconds": 1}
        )

    assert assistants.get_assistant(desk.database, created.id).config_json == created.config_json


def test_it_changes_no_template(desk: Product) -> None:
    template = assistants.seed_templates(desk.database, desk.client)[0]

    with pytest.raises(Conflict, match="clone it"):
        assistants.update_assistant(desk.database, desk.client, template.id, actor="Eva", config={"firstMessage": "Yo"})

    assert desk.client.get_assistant(template.provider_assistant_id).config["firstMessage"] != "Yo"


def test_it_imports_what_the_provider_has_and_refreshes_it_when_repeated(desk: Product) -> None:
    theirs = desk.client.create_assistant(wire_config(CONFIG) | {"name": "Theirs"})

    first, second = (
        assistants.import_assistant(desk.database, desk.client, provider_assistant_id=theirs.id, actor="Eva")
        for _ in range(2)
    )

    assert (first.id, first.source, first.name) == (second.id, AssistantSource.IMPORTED, "Theirs")


@pytest.mark.parametrize("wanted", ["", "00000000-0000-4000-8000-000000000000", "../call"])
def test_it_says_so_when_the_provider_has_no_such_assistant(desk: Product, wanted: str) -> None:
    with pytest.raises(InvalidInput, match="assistant"):
        assistants.import_assistant(desk.database, desk.client, provider_assistant_id=wanted, actor="Eva")


def test_it_says_one_sentence_when_the_key_is_refused(desk: Product) -> None:
    desk.knobs(api_key="another")

    with pytest.raises(ProviderKeyRefused, match="VAPI_API_KEY") as refusal:
        create(desk)

    assert isinstance(refusal.value, AutoLynxError)
    assert assistants.list_assistants(desk.database).total == 0
