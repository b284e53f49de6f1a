"""Whose word the product takes for who a server is."""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx


@lru_cache(maxsize=1)
def trusted_certificates() -> ssl.SSLContext:
    """What httpx trusts, SSL_CERT_FILE and SSL_CERT_DIR included; all clients share it.

    Each client would read it anew, 140 certificates in some 30 ms of processor time. Threads and loops may share one.
    """
    return httpx.create_ssl_context()
