"""Recordings, streamed from wherever Vapi keeps them."""

import httpx
import pytest

from autolynx.errors import ProviderError, ProviderKeyRefused, ProviderNotFound, ProviderUnavailable
from tests.support.vapi_answers import Provider, answer, refusal


def storage(request):
    if request.url.host == "api.vapi.example":
        return answer(302, None, Location="https://storage.example/a.wav?signature=x")
    return httpx.Response(200, headers={"Content-Type": "audio/mpeg"}, content=b"RIFF" * 50_000)


def test_it_streams_a_recording_without_the_key_when_the_storage_is_elsewhere():
    provider = Provider(storage)
    recording = provider.client().open_recording("019d", byte_range="bytes=0-")
    assert (recording.content_type, recording.content_length) == ("audio/mpeg", 200_000)
    assert b"".join(recording) == b"RIFF" * 50_000
    first, second = provider.requests
    assert (first.url.path, first.headers["Authorization"]) == ("/call/019d/mono-recording", "Bearer key")
    assert "Authorization" not in second.headers
    assert second.headers["Range"] == "bytes=0-"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer(302, None, Location="http://storage.example/a.wav"), ProviderError),
        (answer(302, None, Location="file:///etc/passwd"), ProviderError),
        (answer(302, None, Location="/call/019d/mono-recording"), ProviderError),  # for ever
        (refusal(404, "no recording"), ProviderNotFound),
        (refusal(401, "Invalid Key"), ProviderKeyRefused),
        (httpx.ReadTimeout("slow"), ProviderUnavailable),
    ],
)
def test_it_raises_when_a_recording_cannot_be_opened(given, error):
    with pytest.raises(error):
        Provider(given).client().open_recording("019d")


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "many", ""])
def test_it_does_not_know_how_long_a_recording_is_when_no_number_says_so(length):
    found = Provider(httpx.Response(200, headers={"Content-Length": length}, content=b"RIFF"))
    with found.client().open_recording("019d") as recording:
        assert recording.content_length is None


def test_it_blames_the_storage_when_its_link_has_expired():
    redirect = answer(302, None, Location="https://storage.example/a.wav")
    with pytest.raises(ProviderUnavailable, match="storage answered 403"):
        Provider(redirect, answer(403, "<Error/>")).client().open_recording("019d")


def test_it_calls_it_audio_when_the_storage_says_something_else():
    page = httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<script>")
    with Provider(page).client().open_recording("019d", kind="stereo") as recording:
        assert recording.content_type == "audio/wav"
