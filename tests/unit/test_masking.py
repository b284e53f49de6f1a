"""Secrets of the provider's JSON: shown to nobody, and back in their place when the mask is sent back."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from autolynx.assistants.unmasking import with_secrets
from autolynx.errors import InvalidInput
from autolynx.secrecy.masking import MASK, mask, masked, masked_text, without_secrets_of

S = "hush-9f8e7d6c5b4a-hush"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{S}\n-----END RSA PRIVATE KEY-----"

#: each holds S once, where Vapi or its users may put a secret
PLACES: dict[str, Any] = {
    "headers of a server": {"server": {"url": "https://x.example", "headers": {"Authorization": f"Bearer {S}"}}},
    "a header of any name": {"server": {"headers": {"name": S}}},
    "a header that is a number": {"server": {"headers": {"X-Pin": S, "X-Number": 12345678}}},
    "a server's secret": {"server": {"url": "https://x.example", "secret": S}},
    "the old server secret": {"serverUrlSecret": S},
    "a tool's server": {"model": {"tools": [{"type": "function", "server": {"headers": {"X-Key": S}}}]}},
    "headers as a schema": {
        "model": {"tools": [{"headers": {"type": "object", "properties": {"X-Key": {"type": "string", "default": S}}}}]}
    },
    "headers as a schema with a value": {
        "headers": {"type": "object", "properties": {"X": {"type": "string", "value": S}}}
    },
    "headers as pairs": {"headers": [{"name": "X-Key", "value": S}, {"key": "Y", "value": "z"}]},
    "a static parameter": {"model": {"tools": [{"parameters": [{"key": "api_key", "value": S}]}]}},
    "a custom model": {"model": {"provider": "custom-llm", "url": "https://m.example", "headers": {"api-key": S}}},
    "credentials": {"credentials": [{"provider": "openai", "apiKey": S}]},
    "credentials of unknown form": {"credentials": [{"provider": "new", "thing": {"deep": [S]}}]},
    "an authentication plan": {"authenticationPlan": {"type": "bearer", "token": S}},
    "an OAuth2 plan": {
        "authenticationPlan": {"type": "oauth2", "url": "https://o.example", "clientId": "me", "clientSecret": S}
    },
    "an HMAC plan": {"authenticationPlan": {"type": "hmac", "secretKey": S}},
    "a carrier": {"twilioAuthToken": S},
    "a SIP gateway": {"outboundAuthenticationPlan": {"authUsername": "me", "authPassword": S}},
    "a cloud": {"awsAccessKeyId": "me", "awsSecretAccessKey": S},
    "a key file": {"gcpKey": {"clientEmail": "me", "privateKey": S}},
    "snake case": {"auth_token": S},
    "kebab case": {"x-api-key": S},
    "capitals": {"API_KEY": S, "AUTHTOKEN": "x"},
    "a list of secrets": {"secrets": [S, "x"]},
    "an object of secrets": {"secret": {"a": {"b": S}}},
    "a fallback": {"model": {"fallbackModels": [{"headers": {"k": S}}]}},
    "a hook": {"hooks": [{"on": "call.ending", "do": [{"type": "tool", "tool": {"server": {"headers": {"k": S}}}}]}]},
    "a user in an address": {"server": {"url": f"https://me:{S}@x.example/path"}},
    "a password alone in an address": {"server": {"url": f"https://{S}@x.example"}},
    "a token in an address": {"server": {"url": f"https://x.example/path?a=1&token={S}&b=2"}},
    "a key in an address": {"voice": {"callbackUrl": f"wss://x.example/?api_key={S}"}},
    "an address of something else": {"backgroundSound": f"https://x.example/a.mp3?sig={S}"},
    "bearer in any text": {"note": f"curl -H 'Authorization: Bearer {S}'"},
    "basic in any text": {"note": f"Basic {S}"},
    "a key in a prompt": {"model": {"messages": [{"role": "system", "content": f"Use sk-proj-{S} for it."}]}},
    "a JSON web token": {"note": f"eyJhbGciOiJI.eyJzdWIiOi.{S}"},
    "a key of a known maker": {"note": f"ghp_{S}"},
    "a private key": {"note": f"It is {PEM} and no other."},
    "JSON in a text": {"body": json.dumps({"apiKey": S, "other": 1})},
    "a pair in JSON in a text": {"body": json.dumps([{"key": "api_key", "value": S}])},
    "a path of an address": {"model": {"tools": [{"server": {"url": f"https://mcp.example/api/mcp/s/{S}/mcp"}}]}},
    "a path of an address of any name": {"metadata": {"notify": f"https://hooks.example/services/T00/B00/{S}"}},
    "a path of an address in a text": {"note": f"Post to https://hook.eu1.example/{S}, then end."},
    "a query of an address by any name": {"voice": {"server": {"url": f"wss://v.example/?t={S}&n=1"}}},
    "a query of an address by no name": {"server": {"url": f"https://x.example/?{S}"}},
    "a fragment of an address": {"server": {"url": f"https://x.example/#{S}"}},
    "a url without a scheme": {"server": {"url": f"x.example/hook/{S}"}},
    "a pin of an address in a text": {"note": f"Call /door?pin={S} now"},
    "a password of a SIP address": {"destination": {"sipUri": f"sip:me:{S}@x.example"}},
    "headers of SIP": {"destination": {"sipHeaders": {"X-Who": S}}},
    "a key of any maker": {"openAIKey": S, "azureOpenAIKey": "x", "hubspotkey": "x"},
    "a key of no maker": {"metadata": {"crm": {"key": S}}},
    "a numbered name": {"apikey2": S, "password1": "x"},
    "an older one": {"token_old": S, "crmKeyNew": "x", "tokenValue": "x"},
    "a pin": {"account_pin": S, "userPIN": "x"},
    "other languages": {"passwort": S, "Kennwort": "x", "contraseña": "x", "Schlüssel": "x"},
    "a harmless ending": {"backendToken": S, "daemonKey": "x", "snapshotKey": "x", "supertoken": "x"},
    "a parameter of such a name": {"parameters": [{"key": "crmKey", "value": S}, {"key": "passwort", "value": "x"}]},
    "what stands beside such a parameter": {
        "tools": [{"name": "get_token", "default": "x", "headers": {"K": S}, "apiKey": "x"}]
    },
    "variables of code": {"tools": [{"type": "code", "environmentVariables": [{"name": "CRM", "value": S}]}]},
}  # fmt: skip

HARMLESS: dict[str, Any] = {
    "name": "Ada", "firstMessage": "Hi {{name}}, this is about your token of appreciation.",
    "model": {
        "provider": "openai", "model": "gpt-4.1", "maxTokens": 250, "temperature": 0.5, "promptCacheKey": "ada",
        "messages": [{"role": "system", "content": "Basic rules: keep the secret. Password: none. (hidden)"}],
        "tools": [{"type": "function", "function": {"name": "book", "parameters": {
            "type": "object", "required": ["password"],
            "properties": {"password": {"type": "string", "description": "what the caller says"}}}}}],
    },
    "voice": {"provider": "11labs", "voiceId": "sarah"}, "credentialIds": ["5f0c"], "metadata": {"keywords": ["a"]},
    "server": {"url": "https://x.example/hook/v2/book-appointment?name={{name}}",
               "timeoutSeconds": 20, "credentialId": "5f0c"},
    "monitorPlan": {"listenAuthenticationEnabled": False}, "isServerUrlSecretSet": True, "silenceTimeoutSeconds": 30,
}  # fmt: skip


@pytest.mark.parametrize("config", PLACES.values(), ids=PLACES)
def test_it_shows_no_secret_and_takes_its_mask_back(config: dict[str, Any]) -> None:
    shown = masked(config)

    assert S in json.dumps(config)
    assert S not in json.dumps(shown)
    assert masked(shown) == shown
    assert with_secrets(shown, config) == config
    assert with_secrets(shown | {"name": "New"}, config) == config | {"name": "New"}


@pytest.mark.parametrize("config", PLACES.values(), ids=PLACES)
def test_it_takes_no_mask_for_a_secret_that_is_not_stored(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"holds .* and no secret is stored in its place"):
        with_secrets(masked(config), {})


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://hooks.slack.com/services/T00000000/B00000000/aBcDeFgHiJkLmNoPqRsTuVwX", "https://hooks.slack.com/services/{}/{}/{}"),
        ("https://hook.eu1.make.com/abcd1234efgh5678ijkl9012mnop3456", "https://hook.eu1.make.com/{}"),
        ("https://hooks.zapier.com/hooks/catch/1234567/abc12de/", "https://hooks.zapier.com/hooks/catch/1234567/{}/"),
        ("https://n8n.example/webhook/0c5e6f7a-1b2c-4d3e-8f9a-0b1c2d3e4f5a", "https://n8n.example/webhook/{}"),
        ("https://api.telegram.org/bot123456:AAF-ab12cd34ef56/send", "https://api.telegram.org/{}/send"),
        ("https://x.example/door?pin=1234&who={{name}}", "https://x.example/door?pin={}&who={{{{name}}}}"),
        ("https://me:pw@x.example:8443/v1/", "https://{}@x.example:8443/v1/"),
        ("https://x.example/openai/deployments/gpt-4o-mini/chat/completions", None),
        ("https://x.example/v1beta1/createAppointment/{{contact_id}}/30min/index.html", None),
        ("Bearer abcdefghijklmnopqrst", "Bearer {}"),
        ("Authorization: Bearer short", "Authorization: Bearer {}"),
    ],
)  # fmt: skip
def test_it_hides_of_an_address_what_may_be_a_secret(address: str, shown: str | None) -> None:
    assert masked({"notify": address}) == {"notify": (shown or address).format(*[MASK] * 3) if shown else address}


@pytest.mark.parametrize(
    "value",
    [
        {"voiceId": "21m00Tcm4TlvDq8ikWAM", "toolIds": ["0c5e6f7a-1b2c-4d3e-8f9a-0b1c2d3e4f5a"]},
        {"knowledgeBaseId": "kb_0c5e6f7a1b2c4d3e", "phoneNumberId": "0c5e6f7a-1b2c-4d3e-8f9a-0b1c2d3e4f5a"},
        {"model": "claude-haiku-4-5-20251001", "assistantId": "0c5e6f7a-1b2c-4d3e-8f9a-0b1c2d3e4f5a"},
        {"publicKey": "a", "hotkey": "b", "keypad": "c", "dedup_key": "d", "keywords": ["e"]},
        {"monkey": "f", "maxToken": "g"},
        {"compass": "north", "spin": "left", "bypass": "no", "rubric": "PassFail", "isPinned": "x"},
        {"content": "The price is $19.99 or 1,299 EUR; call +1 415 555 0100. See https://x.example/prices?month=5."},
        {"parameters": [{"key": "city", "value": "Berlin"}, {"key": "token", "value": "{{crm_token}}"}]},
        {"headers": {"Authorization": "Bearer {{token}}"}},
    ],
)  # fmt: skip
def test_it_leaves_names_numbers_and_templates(value: dict[str, Any]) -> None:
    assert masked(value) == value


def test_it_leaves_what_is_no_secret() -> None:
    assert masked(HARMLESS) == HARMLESS
    assert with_secrets(HARMLESS, {}) == HARMLESS


@pytest.mark.parametrize(
    "place", [key for key in PLACES if "text" not in key and "address" not in key and key not in
              ("a key in a prompt", "a JSON web token", "a key of a known maker", "a private key")]
)  # fmt: skip
def test_it_masks_in_messages_what_has_a_secrets_name_and_nothing_that_is_read(place: str) -> None:
    link = "https://storage.vapi.ai/x.wav?token=1234567890abc"
    artifact = {"recordingUrl": link, "transcript": "Basic 12345678 token 87654321"}
    message = copy.deepcopy(PLACES[place]) | {"artifact": artifact.copy()}

    mask(message, everywhere=False)

    assert S not in json.dumps(message)
    assert message["artifact"] == artifact


def test_it_masks_at_any_depth_what_is_nested_and_what_is_text() -> None:
    deep: Any = {"apiKey": S, "headers": {"k": S}}
    for _ in range(50_000):
        deep = {"a": deep}
    text = json.dumps([{"apiKey": S, "x": 1, "headers": {"k": S}, "authToken": [S]}])

    message = {"deep": deep, "text": text, "ours": "it is our-own-secret!"}
    count = mask(message, our_secret="our-own-secret", everywhere=False)

    assert count == 50_003
    while "a" in message["deep"]:
        message["deep"] = message["deep"]["a"]
    assert message["deep"] == {"apiKey": MASK, "headers": {"k": MASK}}
    assert S not in message["text"]
    assert message["ours"] == f"it is {MASK}!"


# -- a mask that comes back ------------------------------------------------------------------------------------


def tool(name: str, secret: str, url: str = "https://x.example/a") -> dict[str, Any]:
    server = {"url": url, "headers": {"Authorization": secret}}
    return {"type": "function", "function": {"name": name}, "server": server}


TOOLS = {"model": {"tools": [tool("one", "s-one"), tool("two", "s-two"), tool("three", "s-three")]}}


def secrets_of(config: dict[str, Any]) -> list[str]:
    return [each["server"]["headers"]["Authorization"] for each in config["model"]["tools"]]


def test_it_gives_each_tool_its_own_secret_when_they_come_in_another_order() -> None:
    shown = masked(TOOLS)
    one, two, three = shown["model"]["tools"]

    assert secrets_of(with_secrets({"model": {"tools": [three, one]}}, TOOLS)) == ["s-three", "s-one"]
    two["description"] = "changed"
    changed = with_secrets({"model": {"tools": [tool("new", "s-new"), two]}}, TOOLS)
    assert secrets_of(changed) == ["s-new", "s-two"]


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/a", "http://x.example/a", "https://x.example:8443/a", "https://x.example@evil.example"],
)
def test_it_sends_no_secret_to_another_address(url: str) -> None:
    shown = masked(TOOLS)
    shown["model"]["tools"][0]["server"]["url"] = url

    with pytest.raises(InvalidInput, match=r"model\.tools\.0\.server\.url leads to another server"):
        with_secrets(shown, TOOLS)


def test_it_sends_no_secret_to_the_address_of_another_tool_of_the_same_name() -> None:
    stored = {"tools": [tool("one", "s-one"), tool("one", "s-evil", "https://evil.example")]}
    shown = masked(stored)

    assert with_secrets({"tools": list(reversed(shown["tools"]))}, stored) == {"tools": list(reversed(stored["tools"]))}
    shown["tools"][1]["description"] = shown["tools"][0]["description"] = "changed"
    with pytest.raises(InvalidInput, match="leads to another server"):
        with_secrets({"tools": list(reversed(shown["tools"]))}, stored)


def test_it_takes_another_path_of_the_same_address_and_a_new_secret() -> None:
    shown = masked(TOOLS)
    shown["model"]["tools"][0]["server"]["url"] = "https://x.example/b"
    shown["model"]["tools"][1]["server"] |= {"url": "https://y.example", "headers": {"Authorization": "s-new"}}

    found = with_secrets(shown, TOOLS)

    assert secrets_of(found) == ["s-one", "s-new", "s-three"]
    assert [each["server"]["url"] for each in found["model"]["tools"][:2]] == [
        "https://x.example/b",
        "https://y.example",
    ]


def test_it_does_not_move_a_secret_to_another_field() -> None:
    with pytest.raises(InvalidInput, match=r"model\.apiKey holds"):
        with_secrets({"model": {"apiKey": MASK}}, {"server": {"secret": S}})


def test_it_fills_the_secrets_of_a_text_whose_words_have_changed() -> None:
    stored = {"prompt": f"Say sk-live-{S} first. It is a secret, then Bearer {S} again."}
    shown = masked(stored)["prompt"]

    assert shown == f"Say {MASK} first. It is a secret, then Bearer {MASK} again."
    changed = with_secrets({"prompt": f"Never {shown}"}, stored)
    assert changed == {"prompt": f"Never {stored['prompt']}"}


def test_it_fills_the_secrets_of_an_address_whose_path_has_changed() -> None:
    stored = {"server": {"url": f"https://x.example/a/{S}?t=1234"}}
    shown = masked(stored)["server"]["url"]

    changed = with_secrets({"server": {"url": shown.replace("/a/", "/b/")}}, stored)
    assert changed == {"server": {"url": f"https://x.example/b/{S}?t=1234"}}


@pytest.mark.parametrize(
    ("stored", "change"),
    [
        ({"note": f"Bearer {S}"}, {"note": f"Bear {MASK}"}),
        ({"note": f"/x?token={S}"}, {"note": f"/x?told={MASK}"}),
        ({"note": "https://x.example/?t=1234"}, {"note": f"It is https://x.example/?t={MASK}"}),
        ({"p": [{"key": "api_key", "value": S}]}, {"p": [{"key": "city", "value": MASK}]}),
        ({"crm": {"key": S}}, {"crm": {"key": MASK, "value": "x"}}),
        ({"headers": {"X": {"description": S}}}, {"headers": {"X": {"type": "string", "description": MASK}}}),
    ],
)
def test_it_shows_no_secret_by_what_is_changed_around_it(stored: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="the secret would be shown"):
        with_secrets(change, stored)


def test_it_takes_no_mark_of_its_own_from_a_text() -> None:
    told = {"note": f"\ue0000\ue001 Bearer {MASK}"}

    assert with_secrets(told, {"note": f"Bearer {S}"}) == {"note": f"\ue0000\ue001 Bearer {S}"}
    assert S not in json.dumps(masked({"note": f"\ue0000\ue001 Bearer {S}"}))


def test_it_takes_a_secret_that_was_taken_out_as_taken_out() -> None:
    without = {"server": {"url": "https://x.example"}}

    assert with_secrets(without, {"server": without["server"] | {"secret": S}}) == without


def test_it_takes_the_secrets_of_a_configuration_out_of_what_is_said_about_it() -> None:
    config = {"server": {"headers": {"K": S}, "url": "https://me:hush-hush@x.example"}, "name": "Ada", "apiKey": 12345}

    told = without_secrets_of(f"Ada: K must not be {S}, nor 12345, nor https://me:hush-hush@x.example.", config)

    assert told == f"Ada: K must not be {MASK}, nor {MASK}, nor https://{MASK}@x.example."


NAMES = some.sampled_from(["a", "url", "headers", "apiKey", "name", "value", "key", "type", "properties", "token"])
LEAVES = some.sampled_from([S, f"Bearer {S}", f"https://x.example/?token={S}", "plain", 7, True, None, MASK])
TREES = some.recursive(
    LEAVES, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@settings(max_examples=300)
@given(some.dictionaries(NAMES, TREES, max_size=4))
def test_it_takes_back_whatever_it_has_shown(config: dict[str, Any]) -> None:
    shown = masked(config)

    assert masked(shown) == shown
    assert with_secrets(shown, config) == config


def test_it_is_quick_when_a_name_is_long() -> None:
    for odd in ("1", "old", "1old", "prev", "a1", "Call 2026-11-29 10:00:00 "):
        for end in ("", "z", "_", "key"):
            name = odd * 30 + end
            mask({name: "x", f"{name}!": {"a": 1}})
            masked_text(json.dumps({name: "x"}))


def test_it_shows_what_people_answered_whatever_a_manager_calls_it() -> None:
    def message(**found: Any) -> dict[str, Any]:
        return {"analysis": {"structuredData": found}, "artifact": {"structuredOutputs": {"7": {"result": found}}}}

    told = message(**{"apiKey": "yes", "pass": "B", "password": [{"token": "x"}], "note": "the-webhook-secret"})
    mask(told, our_secret="the-webhook-secret", everywhere=False)

    assert told == message(**{"apiKey": "yes", "pass": "B", "password": [{"token": "x"}], "note": MASK})


def test_it_is_quick_when_a_list_is_long() -> None:
    many = {"keywords": ["same"] * 2_000, "others": [f"word {n}" for n in range(1_000)], "apiKey": S}
    given = {"keywords": ["same"] * 2_000, "others": [f"other {n}" for n in range(1_000)], "apiKey": MASK}

    assert with_secrets(given, many)["apiKey"] == S


def test_it_is_quick_when_a_text_is_long() -> None:
    parts = ["a", "://", "bearer ", "?token=", '["', "eyJ", "-----BEGIN PRIVATE KEY-----", "a.", "sk-", "eyJ12345678-"]
    for odd in (*parts, '[{"": ', '{"apiKey":"', '{"apiKey":{'):
        assert masked_text(odd * (500_000 // len(odd))) is not None
