"""What Vapi is asked beside dials: what is sent, where the key goes, and what a refusal raises."""

import httpx
import pytest

from autolynx.errors import ProviderError, ProviderKeyRefused, ProviderNotFound, ProviderUnavailable
from autolynx.settings import Settings
from autolynx.vapi.client import VapiClient
from tests.support.vapi_answers import BASE, Provider, answer, refusal


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        (refusal(400, ["name must be shorter", "voice.x should not exist"]), ProviderError, "name must be"),
        (answer(409, {"error": "assistant_pinned", "message": "It is in use."}), ProviderError, "in use"),
        (refusal(401, "Invalid Key."), ProviderKeyRefused, "VAPI_API_KEY"),
        (answer(403, "<html>blocked</html>"), ProviderKeyRefused, "VAPI_API_KEY"),
        (refusal(404, "Not Found"), ProviderNotFound, "Not Found"),
        (refusal(429, "Rate limit"), ProviderUnavailable, "no more requests"),
        (refusal(500, "oops"), ProviderUnavailable, "try again"),
        (answer(200, "<html>"), ProviderUnavailable, "cannot be read"),
        (answer(200, "[]"), ProviderUnavailable, "cannot be read"),
        (answer(200, {"name": "no id"}), ProviderUnavailable, "cannot be read"),
        (httpx.ReadTimeout("slow"), ProviderUnavailable, "cannot be reached"),
        (httpx.ConnectError("no"), ProviderUnavailable, "cannot be reached"),
    ],
)
@pytest.mark.parametrize("method", ["get_assistant", "create_assistant", "update_assistant"])
def test_it_raises_one_sentence_when_the_provider_says_no(method, given, error, sentence):
    arguments = {"get_assistant": ("a",), "create_assistant": ({},), "update_assistant": ("a", {})}[method]
    with pytest.raises(error) as caught:
        getattr(Provider(given).client(), method)(*arguments)
    assert type(caught.value) is error
    assert sentence in caught.value.message
    assert caught.value.message.endswith(".")


def test_it_quotes_an_id_when_it_would_change_the_path():
    provider = Provider(answer(200, {"id": "c"}))
    provider.client().get_call("../assistant?x=1#y")
    assert provider.requests[0].url.raw_path == b"/call/..%2Fassistant%3Fx%3D1%23y"


def test_it_sends_what_the_provider_expects_when_assistants_are_kept():
    provider = Provider(answer(201, {"id": "a", "name": "Reminder"}))
    client = provider.client()
    assert client.create_assistant({"name": "Reminder"}).config == {"name": "Reminder"}
    client.update_assistant("a", {"firstMessage": "Hi"})
    client.delete_assistant("a")
    sent = [(request.method, request.url.path, request.content) for request in provider.requests]
    assert sent == [
        ("POST", "/assistant", b'{"name":"Reminder"}'),
        ("PATCH", "/assistant/a", b'{"firstMessage":"Hi"}'),
        ("DELETE", "/assistant/a", b""),
    ]


def test_it_refuses_the_key_when_no_header_can_carry_it():
    with pytest.raises(ProviderKeyRefused):
        VapiClient(BASE, "schlüssel")


def test_it_is_made_from_settings_when_nothing_is_configured():
    VapiClient.from_settings(Settings(_env_file=None)).close()


def test_it_leaves_the_key_at_home_when_the_control_address_is_elsewhere():
    provider = Provider(answer(200, {}))
    provider.client().end_call("https://c.example/019d/control")
    (request,) = provider.requests
    assert (request.method, str(request.url)) == ("POST", "https://c.example/019d/control")
    assert request.content == b'{"type":"end-call"}'
    assert "Authorization" not in request.headers


def test_it_asks_where_to_end_a_call_on_the_way_that_hang_ups_take():
    provider = Provider(answer(200, {"id": "019d", "monitor": {"controlUrl": "https://c.example/1"}}))
    client = provider.client()
    client._connection.close()  # as if every other connection were waiting for an answer
    url = client.control_url("019d")
    client.end_call(url)
    assert [str(request.url) for request in provider.requests] == [f"{BASE}/call/019d", "https://c.example/1"]
    assert provider.requests[0].headers["Authorization"] == "Bearer key"


@pytest.mark.parametrize("url", ["http://c.example/control", "http://127.0.0.1/x", "file:///etc/passwd", ""])
def test_it_sends_nothing_when_the_control_address_is_not_safe(url):
    provider = Provider(answer(200, {}))
    with pytest.raises(ProviderError):
        provider.client().end_call(url)
    assert provider.requests == []
