"""The names of this machine."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str | None) -> bool:
    """True for a host that is this machine itself, by name or address."""
    if host is None:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
