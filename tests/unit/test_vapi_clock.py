"""The provider's clock, read from its answers."""

from datetime import timedelta

import pytest

from tests.support.vapi_answers import NOON, Provider, answer


def test_it_reads_the_providers_clock_from_its_answers():
    provider = Provider(answer(200, {"id": "c"}, Date="Thu, 26 Mar 2026 12:00:00 GMT"))
    client = provider.client()
    assert client.provider_now() is None
    client.get_call("c")
    provider.now += 30
    assert client.provider_now() == NOON + timedelta(seconds=30)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Date": "soon"},
        {"Date": "Thu, 01 Jan 99999999999 00:00:00 GMT"},
        {"Date": "Fri, 31 Dec 9999 23:59:59 -2359"},
        {"Date": "Thu, 26 Mar 2026 12:00:00 GMT", "Age": "600"},
    ],
)
def test_it_does_not_know_the_providers_clock_when_no_fresh_answer_tells_it(headers):
    client = Provider(answer(200, {"id": "c"}, **headers)).client()
    client.get_call("c")
    assert client.provider_now() is None


def test_it_does_not_take_a_strangers_clock_for_the_providers():
    client = Provider(
        answer(302, None, Location="https://storage.example/a.wav"),
        answer(200, "RIFF", Date="Thu, 26 Mar 2026 12:00:00 GMT"),
    ).client()
    b"".join(client.open_recording("019d"))
    assert client.provider_now() is None
