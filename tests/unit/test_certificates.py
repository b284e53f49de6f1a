"""Whom the product's clients trust, and how often that is read."""

from __future__ import annotations

import pytest

from autolynx.http.certificates import trusted_certificates
from autolynx.vapi.client import VapiClient


@pytest.fixture(autouse=True)
def _read_anew() -> None:
    trusted_certificates.cache_clear()


def test_it_is_read_once_for_all_clients() -> None:
    assert trusted_certificates() is trusted_certificates()


def test_it_minds_no_wrong_file_when_the_provider_is_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")

    VapiClient("http://127.0.0.1:1", "key").close()
    with pytest.raises(FileNotFoundError):
        VapiClient("https://api.vapi.example", "key")
