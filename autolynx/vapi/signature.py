"""Does a message come from our Vapi account? Pure functions over bytes: no input raises.

Vapi proves itself in one of three ways, as the account is set up (from the OpenAPI of
2026-08-18): the secret in `X-Vapi-Secret`, the secret as a bearer token, or an HMAC-SHA256 over
`{timestamp}.{body}`. All comparisons are of bytes and take the same time whatever is given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]  # names in lower case, as ASGI has them

SIGNATURE_HEADERS = (b"x-vapi-signature", b"x-signature")
TIMESTAMP_HEADER = b"x-timestamp"
MAX_AGE_SECONDS = 300.0
_PREFIX = b"sha256="
_SIGNATURE = re.compile(rb"(sha256=)?([0-9a-fA-F]{64}|[0-9A-Za-z+/]{43}=)")  # hex, or base64, of 32 bytes
_SECONDS, _MILLISECONDS = re.compile(rb"[0-9]{1,11}"), re.compile(rb"[0-9]{12,14}")


def verify(headers: Headers, body: bytes, secret: str | None, *, now: float) -> bool:
    """True when the headers prove that the sender knows the secret; `now` in epoch seconds.

    Without a secret nobody can prove anything.
    """
    given = dict(headers)
    return shows_secret(given.items(), secret) or _is_signed(given, body, secret, now)


def shows_secret(headers: Headers, secret: str | None) -> bool:
    """True when the secret itself is in the headers; needs no body."""
    if not secret:
        return False
    given, wanted = dict(headers), secret.encode()
    as_header = hmac.compare_digest(given.get(b"x-vapi-secret", b""), wanted)
    return hmac.compare_digest(bearer_token(given.items()), wanted) or as_header


def is_signed(headers: Headers, *, now: float) -> bool:
    """True when there is a signature to compare with a body, right or wrong: one that could be right, made just now."""
    given = dict(headers)
    signatures = (given[name].strip() for name in SIGNATURE_HEADERS if name in given)
    return _is_fresh(given.get(TIMESTAMP_HEADER, b"").strip(), now) and any(map(_SIGNATURE.fullmatch, signatures))


def sign(body: bytes, secret: str, *, now: float) -> dict[str, str]:
    """The headers with which Vapi signs a body at a time, in epoch seconds; for tests and simulators."""
    timestamp = str(int(now)).encode()
    signature = _digest(timestamp, body, secret).hex()
    return {"x-timestamp": timestamp.decode(), "x-vapi-signature": signature}


def bearer_token(headers: Headers) -> bytes:
    """The token of `Authorization: Bearer <token>`, or nothing."""
    scheme, _, token = dict(headers).get(b"authorization", b"").strip().partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else b""


def _is_signed(given: dict[bytes, bytes], body: bytes, secret: str | None, now: float) -> bool:
    timestamp = given.get(TIMESTAMP_HEADER, b"").strip()
    if not secret or not _is_fresh(timestamp, now):
        return False
    digest = _digest(timestamp, body, secret)
    return any(_matches(given[name], digest) for name in SIGNATURE_HEADERS if name in given)


def _is_fresh(timestamp: bytes, now: float) -> bool:
    """Seconds or milliseconds: which of them is not documented."""
    if _SECONDS.fullmatch(timestamp):
        return abs(int(timestamp) - now) <= MAX_AGE_SECONDS
    return bool(_MILLISECONDS.fullmatch(timestamp)) and abs(int(timestamp) / 1000 - now) <= MAX_AGE_SECONDS


def _matches(signature: bytes, digest: bytes) -> bool:
    """Compare in the signature's own encoding, hex or base64, so that nothing has to be decoded."""
    given = signature.strip().removeprefix(_PREFIX)
    as_hex = hmac.compare_digest(given.lower(), digest.hex().encode())
    as_base64 = hmac.compare_digest(given, base64.b64encode(digest))
    return as_hex or as_base64


def _digest(timestamp: bytes, body: bytes, secret: str) -> bytes:
    return hmac.new(secret.encode(), timestamp + b"." + body, hashlib.sha256).digest()
