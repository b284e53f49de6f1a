"""Who may speak for Vapi: three proofs, and nothing else, whatever is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autolynx.vapi.signature import is_signed, shows_secret, sign, verify

SECRET = "a shared secret with ümlauts"
BODY = b'{"message": {"type": "status-update"}}'
NOW = 1_790_000_000.0


def headers(**values: str | bytes) -> list[tuple[bytes, bytes]]:
    encoded = {name: value.encode() if isinstance(value, str) else value for name, value in values.items()}
    return [(name.replace("_", "-").encode(), value) for name, value in encoded.items()]


def digest(timestamp: str, body: bytes = BODY, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).digest()


def signed(timestamp: str, name: str = "x_vapi_signature", prefix: str = "") -> list[tuple[bytes, bytes]]:
    return headers(x_timestamp=timestamp, **{name: prefix + digest(timestamp).hex()})


def is_proven(given: list[tuple[bytes, bytes]], body: bytes = BODY, secret: str | None = SECRET) -> bool:
    return verify(given, body, secret, now=NOW)


class TestSecretInClear:
    def test_it_accepts_the_secret_header(self):
        assert is_proven(headers(x_vapi_secret=SECRET))

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_it_accepts_a_bearer_token(self, scheme):
        assert is_proven(headers(authorization=f"{scheme} {SECRET}"))

    @pytest.mark.parametrize("wrong", ["", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper()])
    def test_it_refuses_when_the_secret_is_wrong(self, wrong):
        assert not is_proven(headers(x_vapi_secret=wrong))
        assert not is_proven(headers(authorization=f"Bearer {wrong}"))

    @pytest.mark.parametrize("value", [SECRET, f"Basic {SECRET}", f"Bearer{SECRET}", "Bearer", " "])
    def test_it_refuses_when_the_authorization_is_no_bearer_token(self, value):
        assert not is_proven(headers(authorization=value))

    def test_it_needs_no_body(self):
        assert shows_secret(headers(x_vapi_secret=SECRET), SECRET)
        assert not shows_secret(signed(str(int(NOW))), SECRET)


class TestHmac:
    @pytest.mark.parametrize("name", ["x_vapi_signature", "x_signature"])
    @pytest.mark.parametrize("prefix", ["", "sha256="])
    def test_it_accepts_a_signature_in_hex(self, name, prefix):
        assert is_proven(signed(str(int(NOW)), name, prefix))

    def test_it_accepts_a_signature_in_capital_hex(self):
        timestamp = str(int(NOW))
        assert is_proven(headers(x_timestamp=timestamp, x_signature=digest(timestamp).hex().upper()))

    @pytest.mark.parametrize("prefix", ["", "sha256="])
    def test_it_accepts_a_signature_in_base64(self, prefix):
        timestamp = str(int(NOW))
        signature = prefix + base64.b64encode(digest(timestamp)).decode()
        assert is_proven(headers(x_timestamp=timestamp, x_signature=signature))

    @pytest.mark.parametrize("seconds", [-300, -1, 0, 299, 300])
    def test_it_accepts_a_timestamp_within_five_minutes(self, seconds):
        assert is_proven(signed(str(int(NOW) + seconds)))
        assert is_proven(signed(str((int(NOW) + seconds) * 1000)))

    @pytest.mark.parametrize("seconds", [-301, 301, -86400, 86400])
    def test_it_refuses_when_the_timestamp_is_older_or_newer(self, seconds):
        assert not is_proven(signed(str(int(NOW) + seconds)))
        assert not is_proven(signed(str((int(NOW) + seconds) * 1000)))

    @pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "nan", "٣٣٣", "9" * 5000, "0x10"])
    def test_it_refuses_when_the_timestamp_is_none(self, timestamp):
        assert not is_proven(signed(timestamp))

    def test_it_refuses_when_there_is_no_timestamp(self):
        body_alone = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
        assert not is_proven(headers(x_vapi_signature=body_alone))
        assert not is_proven(headers(x_vapi_signature=digest("").hex()))

    def test_it_refuses_when_the_body_was_changed(self):
        assert not is_proven(signed(str(int(NOW))), BODY + b" ")

    def test_it_refuses_when_the_timestamp_was_changed(self):
        changed = dict(signed(str(int(NOW)))) | {b"x-timestamp": str(int(NOW) + 1).encode()}
        assert not is_proven(list(changed.items()))

    def test_it_refuses_when_another_secret_signed(self):
        assert not is_proven(signed(str(int(NOW))), secret="another")

    @pytest.mark.parametrize(
        "signature",
        [b"garbage", b"v1,A", b"\xff\xfe", "grün".encode(), b"sha256=", b"", b"====", b"=" * 9999],
    )
    def test_it_refuses_without_an_exception_when_the_signature_is_garbage(self, signature):
        given = headers(x_timestamp=str(int(NOW)), x_vapi_signature=signature, x_signature=signature)
        assert not is_proven(given)
        assert not is_proven(given, body=b"\xff\xfe\x00")

    def test_it_signs_what_it_verifies(self):
        given = [(name.encode(), value.encode()) for name, value in sign(BODY, SECRET, now=NOW).items()]
        assert is_proven(given)
        assert is_signed(given, now=NOW)


@pytest.mark.parametrize("secret", [None, ""])
def test_it_refuses_everybody_when_there_is_no_secret(secret):
    timestamp = str(int(NOW))
    empty_key = hmac.new(b"", timestamp.encode() + b"." + BODY, hashlib.sha256).hexdigest()
    assert not is_proven([], secret=secret)
    assert not is_proven(headers(x_vapi_secret=""), secret=secret)
    assert not is_proven(headers(authorization="Bearer "), secret=secret)
    assert not is_proven(headers(x_timestamp=timestamp, x_signature=empty_key), secret=secret)


NAMES = st.sampled_from([b"x-vapi-secret", b"authorization", b"x-vapi-signature", b"x-signature", b"x-timestamp"])


@given(st.lists(st.tuples(NAMES, st.binary(max_size=80))), st.binary(max_size=80))
def test_it_never_raises_and_never_believes(given, body):
    assert verify(given, body, SECRET, now=NOW) is False
