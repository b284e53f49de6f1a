"""Whose word the product takes for who a server is."""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx


@lru_cache(maxsize=2)
def trusted_certificates(*, is_told_by_environment: bool = True) -> ssl.SSLContext:
    """What httpx trusts; by SSL_CERT_FILE or SSL_CERT_DIR, too, unless told otherwise. All clients share it.

    Each client would read it anew, 140 certificates in some 30 ms of processor time. Threads and loops may share one.
    """
    return httpx.create_ssl_context(trust_env=is_told_by_environment)
