"""The directory against the provider: both sides have an assistant, or neither."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autolynx.assistants import directory
from autolynx.assistants.config import DEFAULT_MODEL, TEMPLATES, merged, system_prompt, wire_config
from autolynx.errors import AutoLynxError, Conflict, InvalidInput, ProviderError, ProviderKeyRefused
from autolynx.models import AssistantSource
from rig.actors import EVA
from rig.forking import running
from rig.product import Product

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


def create(desk: Product, name: str = "Ada", **config: object) -> directory.Assistant:
    return directory.create_assistant(desk.database, desk.client, name=name, config=CONFIG | config, actor=EVA)


def update(desk: Product, assistant_id: object, **changes: Any) -> directory.Assistant:
    return directory.update_assistant(desk.database, desk.client, str(assistant_id), actor=EVA, **changes)


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
    assert directory.list_assistants(desk.database, actor=EVA).total == 0


WRONG = [
    ({"model": 5, "systemPrompt": "x"}, "model is 5; accepted is a JSON object, or the name of a model."),
    ({"model": [], "systemPrompt": "x"}, "model is []; accepted is a JSON object, or the name of a model."),
    ({"model": {"messages": ["a"]}, "systemPrompt": "x"}, 'model.messages.0 is "a"; accepted is a JSON object.'),
    ({"model": {"messages": [None]}, "systemPrompt": "x"}, "model.messages.0 is null; accepted is a JSON object."),
    ({"model": {"messages": 7}, "systemPrompt": "x"}, "model.messages is 7; accepted is a list."),
    ({"model": {"messages": {"role": "system"}}}, 'model.messages is {"role": "system"}; accepted is a list.'),
    ({"model": {"tools": ["a"]}}, 'model.tools.0 is "a"; accepted is a JSON object.'),
    ({"model": {"provider": {"a": 1}}}, 'model.provider is {"a": 1}; accepted is a text.'),
    ({"artifactPlan": "x", "recordingEnabled": True}, 'artifactPlan is "x"; accepted is a JSON object.'),
    ({"artifactPlan": ["x"]}, 'artifactPlan is ["x"]; accepted is a JSON object.'),
    ({"recordingEnabled": "yes"}, 'recordingEnabled is "yes"; accepted is true or false.'),
    ({"systemPrompt": 7}, "systemPrompt is 7; accepted is a text."),
    ({"voice": "sarah"}, 'voice is "sarah"; accepted is a JSON object.'),
    ({"voice": {"voiceId": 7}}, "voice.voiceId is 7; accepted is a text."),
    ({"analysisPlan": True}, "analysisPlan is true; accepted is a JSON object."),
    ({"analysisPlan": {"summaryPlan": 1}}, "analysisPlan.summaryPlan is 1; accepted is a JSON object."),
    ({"maxCallDurationSeconds": "long"}, 'maxDurationSeconds is "long"; accepted is a number.'),
    ({"firstMessage": {"a": 1}}, 'firstMessage is {"a": 1}; accepted is a text.'),
    ({"hooks": {"a": 1}}, 'hooks is {"a": 1}; accepted is a list.'),
    ({"voicemailDetection": 1}, 'voicemailDetection is 1; accepted is a JSON object, or "off".'),
    ({"server": "wss://me:hush@x.example"}, 'server is "wss://(hidden-value)@x.example"; accepted is a JSON object.'),
    ({"server": {"headers": "Bearer hush-hush-1"}}, 'server.headers is "(hidden-value)"; accepted is a JSON object.'),
]


@pytest.mark.parametrize(("config", "sentence"), WRONG, ids=[str(config)[:50] for config, _ in WRONG])
def test_it_names_the_part_of_a_configuration_that_is_of_the_wrong_type(config: dict, sentence: str) -> None:
    for act in (wire_config, lambda changes: merged(wire_config(CONFIG), changes)):
        with pytest.raises(InvalidInput) as caught:
            act(config)
        assert caught.value.message == sentence


def test_it_leaves_out_what_is_null() -> None:
    nulls = {"model": None, "systemPrompt": "x", "artifactPlan": None, "recordingEnabled": True, "voice": None}

    assert wire_config(nulls) == {
        "model": {**DEFAULT_MODEL, "messages": [{"role": "system", "content": "x"}]},
        "artifactPlan": {"recordingEnabled": True},
        "voice": None,
    }
    assert wire_config({"model": {"messages": None}, "recordingEnabled": None}) == {"model": {"messages": None}}


def test_it_keeps_the_rest_of_the_plan_when_recording_is_switched(desk: Product) -> None:
    created = create(desk, artifactPlan={"recordingFormat": "mp3"})

    update(desk, created.id, config={"recordingEnabled": False})

    kept = desk.client.get_assistant(created.provider_assistant_id).config["artifactPlan"]
    assert kept == {"recordingFormat": "mp3", "recordingEnabled": False}


def save_odd(desk: Product, config: dict[str, Any]) -> str:
    """An assistant that an older release took from the provider as it was."""
    provider_id = desk.client.create_assistant({"name": "Odd"}).id
    row = desk.database.call(
        "save_assistant", name="Odd", source="imported", provider_assistant_id=provider_id, config=config, actor="Eva"
    )
    return str(row["id"])


def test_it_says_so_when_the_configuration_it_has_is_odd(desk: Product) -> None:
    odd = save_odd(desk, {"model": 5, "voice": ["a"], "firstMessage": 7})

    with pytest.raises(InvalidInput, match="model is 5"):
        update(desk, odd, config={"systemPrompt": "x"})
    with pytest.raises(InvalidInput, match="model is 5"):
        directory.clone_assistant(desk.database, desk.client, odd, actor=EVA)
    assert directory.get_assistant(desk.database, odd, actor=EVA).config_json["model"] == 5
    assert update(desk, odd, active=False).active is False


# -- secrets ---------------------------------------------------------------------------------------------------

HUSH = "hush-7f3b9c1d-hush"
WITH_SECRETS: dict[str, Any] = {
    "name": "Theirs",
    "model": {
        "provider": "custom-llm", "model": "m", "url": f"https://m.example/v1?api_key={HUSH}", "headers": {"K": HUSH},
        "messages": [{"role": "system", "content": "You are kind."}],
        "tools": [
            {"type": "function", "function": {"name": "book"},
             "server": {"url": "https://t.example/book", "headers": {"Authorization": f"Bearer {HUSH}-book"}}},
            {"type": "apiRequest", "name": "look", "url": f"https://me:{HUSH}@l.example",
             "headers": {"type": "object", "properties": {"X-Key": {"type": "string", "value": f"{HUSH}-look"}}}},
        ],
    },
    "server": {"url": "https://s.example", "headers": {"X-Vapi-Secret": HUSH}},
    "credentials": [{"provider": "11labs", "apiKey": HUSH}],
}  # fmt: skip


def imported(desk: Product) -> directory.Assistant:
    theirs = desk.client.create_assistant(WITH_SECRETS)
    return directory.import_assistant(desk.database, desk.client, provider_assistant_id=theirs.id, actor=EVA)


def theirs(desk: Product, assistant: directory.Assistant) -> dict[str, Any]:
    return desk.client.get_assistant(assistant.provider_assistant_id).config


def test_it_shows_no_secret_of_an_imported_assistant(desk: Product) -> None:
    assistant = imported(desk)

    shown = [
        assistant,
        directory.get_assistant(desk.database, assistant.id, actor=EVA),
        *directory.list_assistants(desk.database, actor=EVA).items,
        update(desk, assistant.id, active=False),
    ]
    assert [HUSH in one.model_dump_json() + repr(one) for one in shown] == [False] * 4
    assert theirs(desk, assistant) == WITH_SECRETS


def test_it_keeps_every_secret_at_the_provider_when_what_was_shown_is_sent_back(desk: Product) -> None:
    assistant = imported(desk)
    back = assistant.config_json | {"firstMessage": "New"}

    changed = update(desk, assistant.id, config=back)

    assert theirs(desk, assistant) == WITH_SECRETS | {"firstMessage": "New"}
    assert HUSH not in changed.model_dump_json()
    changed.config_json["model"]["tools"][0]["server"]["headers"]["Authorization"] = "Bearer new-secret"
    update(desk, assistant.id, config={"model": changed.config_json["model"]}, name="Ours")
    first, second = theirs(desk, assistant)["model"]["tools"]
    assert first["server"]["headers"] == {"Authorization": "Bearer new-secret"}
    assert second == WITH_SECRETS["model"]["tools"][1]


def test_it_keeps_secrets_when_the_prompt_alone_is_changed(desk: Product) -> None:
    assistant = imported(desk)

    update(desk, assistant.id, config={"systemPrompt": "Be brief."})

    expected = copy.deepcopy(WITH_SECRETS)
    expected["model"]["messages"][0]["content"] = "Be brief."
    assert theirs(desk, assistant) == expected


def test_it_copies_an_assistant_with_its_secrets_and_shows_none(desk: Product) -> None:
    copied = directory.clone_assistant(desk.database, desk.client, imported(desk).id, name="Copy", actor=EVA)

    assert theirs(desk, copied) == WITH_SECRETS | {"name": "Copy"}
    assert HUSH not in copied.model_dump_json()


def test_it_creates_nothing_from_what_was_shown(desk: Product) -> None:
    shown = imported(desk).config_json

    with pytest.raises(InvalidInput, match="no secret is stored in its place"):
        directory.create_assistant(desk.database, desk.client, name="Stolen", config=shown, actor=EVA)

    assert at_provider(desk) == ["Theirs"]


def test_it_sends_no_secret_to_an_address_that_was_changed(desk: Product) -> None:
    assistant = imported(desk)
    shown = assistant.config_json
    shown["server"]["url"] = "https://evil.example"

    with pytest.raises(InvalidInput, match=r"server\.url leads to another server"):
        update(desk, assistant.id, config={"server": shown["server"]})

    assert theirs(desk, assistant) == WITH_SECRETS


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"model": {"provider": "custom-llm", "url": "https://evil.example/v1", "model": "m"}}, "model.url"),
        ({"server": {"url": "https://evil.example/hook"}}, "server.url"),
        ({"serverUrl": "https://evil.example/hook"}, "serverUrl"),
    ],
)
def test_it_sends_no_secret_that_was_not_sent_back_to_another_server(desk: Product, changes: dict, place: str) -> None:
    assistant = imported(desk)
    copied = directory.clone_assistant(desk.database, desk.client, assistant.id, name="Copy", actor=EVA)

    for each in (assistant, copied):
        with pytest.raises(InvalidInput, match=rf"{place} leads to another server than before"):
            update(desk, each.id, config=changes)
    desk.client.update_assistant(assistant.provider_assistant_id, WITH_SECRETS | {"name": "Newer"})
    directory.import_assistant(
        desk.database, desk.client, provider_assistant_id=assistant.provider_assistant_id, actor=EVA
    )
    with pytest.raises(InvalidInput, match="leads to another server"):
        update(desk, assistant.id, config=changes)
    assert theirs(desk, copied) == WITH_SECRETS | {"name": "Copy"}
    assert theirs(desk, assistant) == WITH_SECRETS | {"name": "Newer"}


def test_it_sends_no_secret_that_only_the_provider_knows_to_another_server(desk: Product) -> None:
    assistant = create(desk)
    added = {"credentials": [{"provider": "11labs", "apiKey": HUSH}]}
    desk.client.update_assistant(assistant.provider_assistant_id, added)

    with pytest.raises(InvalidInput, match=r"server\.url leads to another server.*credentials\.0\.apiKey"):
        update(desk, assistant.id, config={"server": {"url": "https://evil.example"}})

    assert "server" not in theirs(desk, assistant)


def test_it_takes_the_provider_copy_back_when_the_directory_refuses(desk: Product) -> None:
    template = {"name": "Discovery", "config": TEMPLATES[2], "actor": EVA, "source": AssistantSource.TEMPLATE}
    directory.create_assistant(desk.database, desk.client, **template)

    with pytest.raises(Conflict):
        directory.create_assistant(desk.database, desk.client, **template)

    assert at_provider(desk) == ["Discovery"]


def test_it_seeds_the_templates_once(desk: Product) -> None:
    assert len(directory.seed_templates(desk.database, desk.client, actor=EVA)) == 3
    assert directory.seed_templates(desk.database, desk.client, actor=EVA) == []

    assert at_provider(desk) == ["Discovery", "Short pitch", "Voicemail-friendly"]


def test_it_clones_a_template_with_its_fractional_numbers(desk: Product) -> None:
    template = directory.seed_templates(desk.database, desk.client, actor=EVA)[0]

    clone = directory.clone_assistant(desk.database, desk.client, template.id, actor=EVA)

    assert clone.source is AssistantSource.LOCAL
    assert clone.config_json["model"]["temperature"] == 0.4
    assert clone.provider_assistant_id != template.provider_assistant_id


def test_it_changes_the_prompt_and_keeps_the_rest_of_the_model(desk: Product) -> None:
    created = create(desk)

    changed = directory.update_assistant(
        desk.database, desk.client, created.id, actor=EVA, name="Eve", config={"systemPrompt": "Be brief."}
    )

    found = desk.client.get_assistant(created.provider_assistant_id)
    assert (found.name, system_prompt(found.config), found.config["model"]["model"]) == ("Eve", "Be brief.", "gpt-4")
    assert (changed.name, changed.version) == ("Eve", 2)


def test_it_changes_nothing_here_when_the_provider_refuses(desk: Product) -> None:
    created = create(desk)

    with pytest.raises(ProviderError):
        directory.update_assistant(
            desk.database, desk.client, created.id, actor=EVA, config={"silenceTimeoutSeconds": 1}
        )

    assert directory.get_assistant(desk.database, created.id, actor=EVA).config_json == created.config_json


def test_it_changes_no_template(desk: Product) -> None:
    template = directory.seed_templates(desk.database, desk.client, actor=EVA)[0]

    with pytest.raises(Conflict, match="clone it"):
        directory.update_assistant(desk.database, desk.client, template.id, actor=EVA, config={"firstMessage": "Yo"})

    assert desk.client.get_assistant(template.provider_assistant_id).config["firstMessage"] != "Yo"


def test_it_imports_what_the_provider_has_and_refreshes_it_when_repeated(desk: Product) -> None:
    theirs = desk.client.create_assistant(wire_config(CONFIG) | {"name": "Theirs"})

    first, second = (
        directory.import_assistant(desk.database, desk.client, provider_assistant_id=theirs.id, actor=EVA)
        for _ in range(2)
    )

    assert (first.id, first.source, first.name) == (second.id, AssistantSource.IMPORTED, "Theirs")


@pytest.mark.parametrize("wanted", ["", "00000000-0000-4000-8000-000000000000", "../call"])
def test_it_says_so_when_the_provider_has_no_such_assistant(desk: Product, wanted: str) -> None:
    with pytest.raises(InvalidInput, match="assistant"):
        directory.import_assistant(desk.database, desk.client, provider_assistant_id=wanted, actor=EVA)


def test_it_says_one_sentence_when_the_key_is_refused(desk: Product) -> None:
    desk.knobs(api_key="another")

    with pytest.raises(ProviderKeyRefused, match="VAPI_API_KEY") as refusal:
        create(desk)

    assert isinstance(refusal.value, AutoLynxError)
    assert directory.list_assistants(desk.database, actor=EVA).total == 0
