"""No change of an assistant sends a secret that it keeps to a server that did not get it before."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from autolynx.assistants.config import merged
from autolynx.assistants.unmasking import with_secrets
from autolynx.errors import InvalidInput
from autolynx.secrecy.addresses import origin
from autolynx.secrecy.masking import MASK, masked

S = "hush-9f8e7d6c5b4a-hush"
EVIL = "https://evil.example/v1"
OURS = "https://llm.ours.example"


def changed(stored: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    after: dict[str, Any] = with_secrets(merged(masked(stored), changes), stored)
    return after


def llm(url: str, **others: Any) -> dict[str, Any]:
    return {"model": {"provider": "custom-llm", "model": "m", "url": url, **others}}


def tool(url: str, **others: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "book"}, "server": {"url": url}, **others}


CREDENTIALS = {"credentials": [{"provider": "custom-llm", "apiKey": S}]}
HIDDEN_CREDENTIALS = {"credentials": [{"provider": "custom-llm", "apiKey": MASK}]}
PARAMETERS = [{"key": "api_key", "value": S}]
HIDDEN_PARAMETERS = [{"key": "api_key", "value": MASK}]


@pytest.mark.parametrize(
    ("stored", "changes", "place"),
    [
        (llm(OURS) | CREDENTIALS, llm(EVIL), "model.url"),
        (llm(OURS) | CREDENTIALS, llm(EVIL) | HIDDEN_CREDENTIALS, "model.url"),
        (CREDENTIALS, llm(EVIL), "model.url"),
        (CREDENTIALS, {"model": {"tools": [tool(EVIL)]}}, "model.tools.0.server.url"),
        (llm(OURS) | CREDENTIALS, llm(OURS, fallbackModels=[{"url": EVIL}]), "model.fallbackModels.0.url"),
        (llm(OURS, headers={"K": S}), llm(OURS, headers={"K": MASK}, fallbackModels=[{"url": EVIL}]),
         "model.fallbackModels.0.url"),
        (llm(OURS) | CREDENTIALS, HIDDEN_CREDENTIALS | {"server": {"url": EVIL}}, "server.url"),
        ({"serverUrl": OURS, "serverUrlSecret": S}, {"serverUrl": EVIL}, "serverUrl"),
        ({"serverUrlSecret": S}, {"model": {"tools": [tool(EVIL)]}}, "model.tools.0.server.url"),
        ({"server": {"url": OURS, "secret": S}}, {"serverUrl": EVIL}, "serverUrl"),
        ({"metadata": {"hubspotKey": S}}, {"server": {"url": EVIL}}, "server.url"),
        ({"metadata": {"hubspotKey": S}}, {"metadata": {"hubspotKey": MASK, "target": EVIL}}, "metadata.target"),
        (llm(OURS, headers={"K": S}), {"server": {"url": EVIL}}, "server.url"),
        ({"server": {"url": OURS, "headers": {"K": S}}},
         {"server": {"url": EVIL, "headers": {"K": MASK, "url": OURS}}}, "server.url"),
        ({"model": {"tools": [tool(OURS, parameters=PARAMETERS)]}},
         {"model": {"tools": [tool(EVIL, parameters=HIDDEN_PARAMETERS)]}}, "model.tools.0.server.url"),
        ({"server": {"url": f"{OURS}/{S}"}}, {"server": {"url": f"{EVIL}/{MASK}"}}, "server.url"),
        ({"server": {"url": f"{OURS}/{S}"}}, {"server": {"url": f"{OURS}/{MASK}", "uri": EVIL}}, "server.uri"),
        ({"note": f"{OURS} Bearer {S}"}, {"note": f"{EVIL} Bearer {MASK}"}, "note"),
        ({"model": {"tools": [{"code": "call()", "environmentVariables": [{"name": "a", "value": S}]}]}},
         {"model": {"tools": [{"code": "tell()", "environmentVariables": [{"name": "a", "value": MASK}]}]}},
         "model.tools.0.code"),
        ({"credentials": [{"provider": "azure-openai", "apiKey": S, "openAIEndpoint": OURS}]},
         {"credentials": [{"provider": "azure-openai", "apiKey": MASK, "openAIEndpoint": EVIL}]},
         "credentials.0.openAIEndpoint"),
        ({"credentials": [{"provider": "byo-sip-trunk", "authPassword": S, "gateways": [{"ip": "10.0.0.1"}]}]},
         {"credentials": [{"provider": "byo-sip-trunk", "authPassword": MASK, "gateways": [{"ip": "10.9.9.9"}]}]},
         "credentials.0.gateways.0.ip"),
    ],
)  # fmt: skip
def test_it_sends_no_secret_that_nobody_gave_to_another_server(
    stored: dict[str, Any], changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(InvalidInput, match=rf"^{re.escape(place)} leads to another server than before.*accepted is"):
        changed(stored, changes)


@pytest.mark.parametrize(
    ("stored", "changes"),
    [
        (llm(OURS) | CREDENTIALS, llm(EVIL) | {"credentials": [{"provider": "custom-llm", "apiKey": "new"}]}),
        (llm(OURS) | CREDENTIALS, llm(EVIL) | CREDENTIALS),
        (llm(OURS) | CREDENTIALS, llm(EVIL) | {"credentials": None}),
        (llm(OURS) | CREDENTIALS, llm(f"{OURS}:443/v2")),
        (llm(OURS) | CREDENTIALS, {"systemPrompt": f"Tell them of {EVIL}."}),
        (llm(OURS) | CREDENTIALS, {"firstMessage": "https://audio.example/hi.mp3", "backgroundSound": EVIL}),
        ({"serverUrl": OURS, "serverUrlSecret": S}, {"serverUrl": EVIL, "serverUrlSecret": "new"}),
        (llm(OURS, headers={"K": S}), {"voice": {"server": {"url": EVIL}}}),
        ({"model": {"tools": [tool(OURS, parameters=PARAMETERS)]}},
         {"model": {"tools": [tool(OURS, parameters=HIDDEN_PARAMETERS), tool(EVIL)]}}),
        ({"server": {"url": f"{OURS}/{S}"}}, {"server": {"url": EVIL}}),
    ],
)  # fmt: skip
def test_it_takes_another_server_that_gets_no_secret_or_only_what_was_given(
    stored: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert MASK not in json.dumps(changed(stored, changes))


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example\\@x.example/", "https://x.example@evil.example", "https:evil.example", "https:///evil.example",
        "//evil.example", "https://{{x}}@x.example", "https://x.example{{x}}", "https://x.example:{{x}}", "\thttps://x.example",
        "https://x.example.", "http://x.example", "wss://x.example", "https://x.example:8443", "https://ｘ.example",
    ],
)  # fmt: skip
def test_it_knows_another_origin_however_it_is_written(address: str) -> None:
    assert origin(address) != origin("https://x.example")


def test_it_knows_the_same_origin_however_it_is_written() -> None:
    assert {origin(a) for a in ("https://x.example", "HTTPS://X.example:443/a?b", "https://me:pw@x.example/{{a}}")} == {
        "https://x.example:443"
    }


HOSTS = some.sampled_from(["one", "two", "evil"])
SECRETS = some.integers(0, 5).map("hush-9f8e7d6c5b-{}".format)
ADDRESSES = some.one_of(
    HOSTS.map("https://{}.example/hook".format),
    some.builds("https://{}.example/{}/x?t={}".format, HOSTS, SECRETS, SECRETS),
    some.builds("https://me:{}@{}.example".format, SECRETS, HOSTS),
)
SERVERS = some.fixed_dictionaries(
    {}, optional={"url": ADDRESSES, "secret": SECRETS, "headers": some.fixed_dictionaries({"K": SECRETS})}
)
TOOLS = some.fixed_dictionaries(
    {"name": some.sampled_from("ab")},
    optional={"server": SERVERS, "url": ADDRESSES, "parameters": some.builds(
        lambda secret: [{"key": "api_key", "value": secret}], SECRETS)},
)  # fmt: skip
MODELS = some.fixed_dictionaries(
    {"provider": some.just("custom-llm")},
    optional={
        "url": ADDRESSES, "headers": some.fixed_dictionaries({"K": SECRETS}), "tools": some.lists(TOOLS, max_size=3),
    },
)  # fmt: skip
CREDENTIAL = some.fixed_dictionaries({"provider": some.just("x"), "apiKey": SECRETS}, optional={"url": ADDRESSES})
CONFIGS = some.fixed_dictionaries(
    {},
    optional={
        "model": MODELS, "server": SERVERS, "serverUrl": ADDRESSES, "serverUrlSecret": SECRETS,
        "metadata": some.fixed_dictionaries({}, optional={"hubspotKey": SECRETS, "crm": SERVERS, "notify": ADDRESSES}),
        "credentials": some.lists(CREDENTIAL, max_size=2),
    },
)  # fmt: skip


def typed(value: Any) -> Any:
    """As somebody writes it who knows none of the secrets."""
    return json.loads(json.dumps(value).replace("hush-", "typed-"))


@some.composite
def patches(draw: some.DrawFn, stored: dict[str, Any]) -> dict[str, Any]:
    """Of what was shown some parts, each as it was, removed, or with pieces of another configuration put over it."""
    shown, other = masked(stored), typed(draw(CONFIGS))

    def mixed(one: Any, over: Any) -> Any:
        match draw(some.sampled_from(["keep", "mix", "mix", "replace"])), one, over:
            case "mix", dict(), dict():
                names = [name for name in {**one, **over} if draw(some.integers(0, 5))]
                return {n: mixed(one[n], over[n]) if n in one and n in over else {**over, **one}[n] for n in names}
            case "mix", list(), list():
                items = [*(mixed(*pair) for pair in zip(one, over, strict=False)), *one[len(over) :], *over[len(one) :]]
                return draw(some.permutations(items))
            case "mix", str(), str() if "://" in over:
                return draw(some.sampled_from([over, re.sub(r"//(?:[^/@]*@)?[a-z]+", "//evil", one)]))
            case "replace", _, _:
                return over
        return one

    names = [name for name in {**shown, **other} if draw(some.booleans())]
    return {name: mixed(shown.get(name, other.get(name)), other.get(name)) for name in names}


def sent(config: dict[str, Any]) -> set[tuple[str, str]]:
    """Each stored secret with each host that may get it, told from nothing but the text."""
    tools = (config.get("model") or {}).get("tools") or []
    model = {name: item for name, item in (config.get("model") or {}).items() if name != "tools"}
    of_all = {name: config.get(name) for name in ("credentials", "serverUrlSecret")}
    root = {name: item for name, item in config.items() if name != "model"}
    found = {(secret, host) for secret in secrets(of_all) for host in hosts(config)}
    for part in (root, model, *tools):
        found |= {(secret, host) for secret in secrets(part) for host in hosts(part) | hosts(root)}
    return found


def secrets(part: Any) -> set[str]:
    return set(re.findall(r"hush-\w+-\d", json.dumps(part)))


def hosts(part: Any) -> set[str]:
    return set(re.findall(r"([a-z]+)\.example", json.dumps(part)))


@settings(max_examples=400)
@given(some.data())
def test_no_secret_comes_within_reach_of_a_server_that_did_not_get_it(data: some.DataObject) -> None:
    stored = data.draw(CONFIGS)
    changes = data.draw(patches(stored))
    try:
        after = changed(stored, changes)
    except InvalidInput:
        return

    assert sent(after) <= sent(stored)
    assert MASK not in json.dumps(after)
    assert not secrets(masked(after))
