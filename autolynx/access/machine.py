"""Where a request comes from: this machine, or which network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from autolynx.http.loopback import is_loopback

#: A proxy puts one of these in; what comes through a proxy is not from this machine.
_FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
_UNKNOWN = "unknown"
#: What one customer of a provider has at least: within it, anybody changes addresses at will.
_IPV6_NETWORK_BITS = 64


def is_local(client: str | None, host: str | None, header_names: Iterable[str], *, is_simulated: bool) -> bool:
    """True when a request comes from this machine and was meant for it, not through a proxy, and nothing is at stake.

    A proxy that adds no header cannot be told from a browser here, so with a real Vapi key nobody is local: the
    first user is added on the command line.
    The Host header counts too: a web page elsewhere can make a browser here send requests here, under its own
    name (DNS rebinding). `host` may have a port.
    """
    is_forwarded = not _FORWARDED.isdisjoint(name.lower() for name in header_names)
    return is_simulated and not is_forwarded and is_loopback(client) and is_loopback(_host_name(host))


def source_of(client: str | None) -> str:
    """Whom attempts are counted against: an IPv4 address, or the /64 of an IPv6 one.

    `client` is the address at the other end, or the one that a proxy on this machine told (uvicorn believes
    X-Forwarded-For of no other). What is no address, is one source together.
    """
    try:
        address = ipaddress.ip_address((client or "").partition("%")[0])
    except ValueError:
        return _UNKNOWN
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))


def hides_others(source: str) -> bool:
    """True for a source, as `source_of` names it, that all visitors share whose addresses a proxy does not tell."""
    return source in (_UNKNOWN, source_of("::1")) or is_loopback(source)


def _host_name(host: str | None) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname if host else None
    except ValueError:
        return None
