"""Whether a request comes from a page of ours: what keeps other sites' pages from acting in a visitor's name.

A cookie travels with requests that any page of the same site makes, also one on another port of this machine; what
tells them apart is the page's origin, which no page can forge.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

_PORTS = {"http": 80, "https": 443}


def is_ours(headers: Headers, session_origin: str | None = None) -> bool:
    """True for a page of ours, for what was typed, and for a program that is no browser.

    `Sec-Fetch-Site` is the browser's own word, where it says one: not for WebSockets (Chromium 156), nor over plain
    http. Else the page's origin is the address that was asked for, or the one where the session was opened: behind a
    proxy that passes on neither Host nor X-Forwarded-Host, only the latter can be known.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None or origin == session_origin:
        return True
    page = _place(origin)
    return page is not None and page in {_place(f"{urlsplit(origin).scheme}://{host}") for host in hosts(headers)}


def hosts(headers: Headers) -> list[str]:
    """The names by which we were asked for, with their ports where they were told.

    X-Forwarded-Host is believed from anybody: a page cannot make a browser send it, so it opens nothing to a page.
    """
    told = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",")]
    return [host.strip().lower() for host in told if host.strip()]


def netloc(origin: str) -> str:
    """An origin's host, with its port if that is not the scheme's own."""
    return urlsplit(origin).netloc


def _place(origin: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
